/*
 * Staging: every input is read once, and its rows go by COPY into tables of ours that
 * nobody else reads. The target is not touched.
 */
#ifndef LOAD_STAGE_STAGE_H
#define LOAD_STAGE_STAGE_H

#include "load/batch.h"
#include "load/source/input.h"
#include "load/stage/rejects.h"

typedef struct StageSource
{
    InputSpec spec;
    const char *table; /* that it is for, or NULL: the input names it */
    bool is_guess; /* by the name of the file; the input knows better if it says one */
} StageSource;

/*
 * Rows that complete earlier ones of the table in the same source. They wait in a staging
 * table of their own until all sources are staged.
 */
typedef struct StageCompletion
{
    LoadTable rows; /* the columns, key first; name, stage and n_staged of these rows */
    int table;      /* of the batch */
    int source;
    int n_key; /* columns that tell which row it is; the others are set */
    struct StageCompletion *next;
} StageCompletion;

/* What is to be done with a table of an input. Arrays are in the batch's arena. */
typedef struct StageInput
{
    int table;         /* of the batch, or -1: skip it */
    const int *fields; /* for input_project(), without the record */
    const char *const *constants;
    size_t n_fields;
    size_t n_record_fields;
    StageCompletion *completion; /* in the arena; NULL: whole rows */
} StageInput;

/* Decides it, and adds the table to the batch when it is new; dies on what is wrong. */
typedef StageInput (*StagePlanner)(void *context, LoadBatch *batch, int source,
                                   const InputTable *table);

/*
 * Reads all sources. Sets batch->stage_kind (fewer rows than settings->staging_min_rows
 * in all: temporary tables, in a transaction that is open from then on), makes each
 * table's staging table (and calls registry_describe() for it), and sets n_source,
 * n_staged, bytes and rejected_parse of each table. Rows that the server refuses are
 * rejected, the others arrive.
 */
void stage_load(LoadBatch *batch, const StageSource *sources, int n_sources,
                StagePlanner planner, void *context, Rejects *rejects);

#endif
