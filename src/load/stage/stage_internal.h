/*
 * What the files behind load/stage/stage.h share.
 *
 *     stage         which kind of tables, peeking, the order of the sources
 *     stage_table   makes the tables, or other ones where these cannot be made
 *     stage_copy    sends lines, and finds those that the server does not take
 *     stage_completion rows that complete staged ones
 *     stage_workers sources side by side, each by a process and connection of its own
 */
#ifndef LOAD_STAGE_STAGE_INTERNAL_H
#define LOAD_STAGE_STAGE_INTERNAL_H

#include "load/stage/stage.h"

/* A source that is being read. */
typedef struct StageReader
{
    int source;
    Input *input; /* NULL: not open */
    StageInput plan;
    bool has_table;       /* and there may be more rows of it */
    const char *encoding; /* where it is not the connection's, or NULL */
    int n_seen;           /* tables of the source, wanted or not */
    int n_tables;         /* those that are loaded */
    uint64_t n_bytes;     /* read when the table began */
    LoadTable *numbered;  /* whose records are being counted ... */
    uint64_t n_before;    /* ... from this one of the file on */
} StageReader;

/* Rows that were read before it was known where to put them. */
typedef struct StagePart
{
    int source;
    LoadTable *table; /* of the batch, or a completion's rows */
    const char *encoding;
    Lines lines;
    struct StagePart *next;
} StagePart;

typedef struct StageState
{
    LoadBatch *batch;
    const StageSource *sources;
    int n_sources;
    StagePlanner planner;
    void *context;
    Rejects *rejects;
    StagePart *parts;
    StagePart **end_of_parts;
    StageCompletion *completions;
    bool has_tried_temporary;
    bool has_tried_unlogged;
    bool has_sent; /* from now on no other kind of table will do */
} StageState;

/* ---- stage_reader.c */

/* Where the rows go that it is at: a table of the batch, or a completion's rows. */
LoadTable *stage_reader_get_table(const StageState *state, const StageReader *reader);
void stage_reader_open(const StageState *state, StageReader *reader, int source);
/* Moves to the next table that is to be loaded; false, and closed, after the last one. */
bool stage_reader_next_table(StageState *state, StageReader *reader);
/* Of the reader's table. */
void stage_reader_count_bytes(const StageState *state, StageReader *reader);
_Noreturn void stage_reader_die(const Input *input, const Diag *diag);

/* ---- stage_table.c */

/* Begins with this kind, which may turn into another one. */
void stage_table_choose_kind(StageState *state, StageKind kind);
/* Makes the table's staging table; false if none of any kind can be made. */
bool stage_table_need(StageState *state, LoadTable *table);
/* Says why this kind does not work, and takes the next one; false if there is none. */
bool stage_table_fall_back(StageState *state, const char *reason);

/* ---- stage_copy.c */

/* Sends rows of a source to the staging table of one of its tables. */
typedef struct StageCopy
{
    Db *db;
    LoadBatch *batch;
    Rejects *rejects;
    int source;
    LoadTable *table;
    char *sql;
    const char *tail;           /* of the staging table's name */
    const char **names;         /* of the columns */
    volatile int64_t *progress; /* rows so far, for who watches */
    const Lines *lines;         /* being sent */
    size_t n_rejected;          /* of these lines */
} StageCopy;

/* The encoding is that of the lines, or NULL: the connection's. */
StageCopy stage_copy_begin(StageState *state, Db *db, int source, LoadTable *table,
                           const char *encoding, Rejects *rejects);
void stage_copy_free(StageCopy *copy);

/* Sends lines that are there; the bad ones are rejected. */
void stage_copy_lines(StageCopy *copy, const Lines *lines);
/* Reads and sends until the input's table ends, or reading on is of no use. */
void stage_copy_rest(StageCopy *copy, StageReader *reader);

/* ---- stage_completion.c */

/* Is it the rows of a completion, not a table of the batch? */
bool stage_completion_is_running(const LoadBatch *batch, const LoadTable *table);
void stage_completion_add(StageState *state, StageCompletion *completion);
/* A row of a completion that is not to be had ends the program. */
_Noreturn void stage_completion_die(const StageCopy *copy, uint64_t record,
                                    const char *reason);
/* Completes the rows that are staged. */
void stage_completion_run(StageState *state);

/* ---- stage_source.c */

/* Stages all that is left of the source. */
void stage_source_finish(StageState *state, StageReader *reader);

/* ---- stage_workers.c */

/* Stages the sources from this reader's to the last, as many at once as --jobs says. */
void stage_workers_run(StageState *state, StageReader *first);

#endif
