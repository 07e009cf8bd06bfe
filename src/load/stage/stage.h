/*
 * Staging: each source is read once, and its rows are sent by COPY into staging tables,
 * those of many small sources together. The target is not locked or written, so a bad
 * file costs nothing but time, and the checks and the diff are queries over whole tables.
 *
 *     stage              peeks into the sources, and chooses the kind of the tables
 *      |- stage_table       creates them; falls back to another kind if it cannot
 *      |- stage_source      stages the rest of the sources
 *      |- stage_workers     several ranges of them at once (--jobs), a process for each
 *      |    |- stage_reader     the next table of a source, planned; the next source
 *      |    '- stage_copy       sends lines; finds the rows that the server refuses
 *      |         |- stage_probe     finds many of them at once (stage_probe_create: SQL)
 *      |         '- copy_error      reads the line number in the error of COPY
 *      '- stage_completion  rows that complete others, after all sources
 *     rejects            the refused rows (rejects_file, rejects_store)
 *
 * Few rows (--staging-min-rows) go to temporary tables in the transaction of the commit:
 * that needs no schema, and saves a second transaction. The number of rows is not known
 * before they are read, so up to 64 MB of them are kept in memory until the kind of the
 * tables is chosen. Unlogged tables take more rows, survive the connection (a commit that
 * fails is retried without reading the sources again), and are visible to --jobs workers.
 */
#ifndef LOAD_STAGE_STAGE_H
#define LOAD_STAGE_STAGE_H

#include "load/batch.h"
#include "load/source/input.h"
#include "load/stage/rejects.h"

/*
 * Rows that complete earlier ones of the table in the same source. They are in a staging
 * table of their own until all sources are staged.
 */
typedef struct StageCompletion
{
    LoadTable rows; /* the columns, key first; name, stage and n_staged of these rows */
    int table;      /* of the batch */
    int source;
    int n_key; /* columns of the key; the others are set */
    struct StageCompletion *next;
} StageCompletion;

/* What is done with a table of a source. Arrays are in the batch's arena. */
typedef struct StageInput
{
    int table;         /* of the batch, or -1: it is skipped */
    const int *fields; /* for input_project(), without the record */
    const char *const *constants;
    size_t n_fields;
    size_t n_record_fields;
    const JsonMembers *members;  /* in place of fields; NULL: rows have fields */
    StageCompletion *completion; /* in the arena; NULL: whole rows */
} StageInput;

/* Plans a table of a source, and adds it to the batch if it is new. */
typedef StageInput (*StagePlanner)(void *context, LoadBatch *batch, int source,
                                   const InputTable *table);

/*
 * Reads all sources. Sets batch->stage_kind (fewer rows than settings->staging_min_rows:
 * temporary tables, in a transaction that is open from then on), creates the staging
 * tables (and calls registry_describe() for them), and sets n_source, n_staged, bytes and
 * rejected_parse of each table. Rows that the server refuses are rejected.
 */
void stage_load(LoadBatch *batch, StagePlanner planner, void *context, Rejects *rejects);

#endif
