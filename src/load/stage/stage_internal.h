/* What the files of stage.h share; see there. */
#ifndef LOAD_STAGE_STAGE_INTERNAL_H
#define LOAD_STAGE_STAGE_INTERNAL_H

#include "load/stage/stage.h"
#include "load/stage/stage_probe.h"

/* A source that is being read, and what is known for the next one. */
typedef struct StageReader
{
    int source;
    Input *input;     /* NULL: not open */
    InputTable found; /* a table that is not planned yet ... */
    bool has_found;   /* ... if there is one */
    StageInput plan;
    bool has_table; /* that is not at its end */
    const InputTable
        *like;            /* the plan is good for tables like this one, of sources ... */
    int like_source;      /* ... like this one; NULL: for no other */
    const char *encoding; /* where it is not the connection's, or NULL */
    int n_seen;           /* tables of the source, wanted or not */
    int n_tables;         /* those that are loaded */
    uint64_t n_bytes;     /* read when the table began */
    LoadTable *numbered;  /* whose records are being counted ... */
    uint64_t n_before;    /* ... from this one of the file on */
} StageReader;

/* Rows that were read before the kind of the staging tables was chosen. */
typedef struct StagePart
{
    LoadTable *table; /* of the batch, or a completion's rows */
    const char *encoding;
    Lines lines;
    struct StagePart *next;
} StagePart;

typedef struct StageState
{
    LoadBatch *batch;
    StagePlanner planner;
    void *context;
    Rejects *rejects;
    StagePart *parts;
    StagePart *last_part;
    StageCompletion *completions;
    bool has_tried_temporary;
    bool has_tried_unlogged;
    bool has_sent;  /* rows were sent: the kind cannot change any more */
    int end;        /* of the sources */
    int n_expected; /* the first sources; the next ones are not being fetched ahead */
    volatile int64_t *progress; /* of a worker: rows so far, for the parent process */
} StageState;

/* ---- stage_reader.c */

/* The table of the reader: one of the batch, or the rows of a completion. */
LoadTable *stage_reader_get_table(const StageState *state, const StageReader *reader);
void stage_reader_open(StageState *state, StageReader *reader, int source);
/* Moves to the next table to be loaded; after the last one closes the source: false. */
bool stage_reader_next_table(StageState *state, StageReader *reader);
/* The same, but after the source's last one it goes on to those of the next sources. */
bool stage_reader_next(StageState *state, StageReader *reader);
/*
 * The table has ended: goes on to the next source if it has rows of the same table, in
 * the same way. Asks the server nothing, and so it can be called within a COPY. False:
 * has_table is so, too, and stage_reader_next() knows what to do.
 */
bool stage_reader_go_on(StageState *state, StageReader *reader);
/* Do the sources say in the same way which table their rows are of, and in what form? */
bool stage_reader_are_alike(const LoadSource *one, const LoadSource *other);
/* Adds the bytes read since the last call to those of the reader's table. */
void stage_reader_count_bytes(const StageState *state, StageReader *reader);
/* Closes its source if it is open. */
void stage_reader_close(StageReader *reader);
_Noreturn void stage_reader_die(const Input *input, const Diag *diag);

/* ---- stage_table.c */

/* Chooses this kind, or one of the fallbacks. */
void stage_table_choose_kind(StageState *state, StageKind kind);
/* Creates the staging table of the table; false if no kind of table can be created. */
bool stage_table_need(StageState *state, LoadTable *table);
/* Warns, and falls back to another kind; false: to loading without staging. */
bool stage_table_fall_back(StageState *state, const char *reason);

/* ---- stage_copy.c */

/* Sends rows of sources to the staging table of one of their tables. */
struct StageCopy
{
    Db *db;
    LoadBatch *batch;
    Rejects *rejects;
    LoadTable *table;
    const char *encoding; /* of the lines, or NULL: the connection's */
    char *sql;
    const char *tail;   /* of the staging table's name */
    const char **names; /* of the columns, the last one left out */
    int n_fields;
    volatile int64_t *progress; /* rows so far, for the parent process */
    const Lines *lines;         /* being sent */
    size_t n_rejected;          /* of these lines */
    size_t next_unreadable;     /* of their rejects: those before it were added */
    StageProbe probe;
};

StageCopy stage_copy_begin(StageState *state, LoadTable *table, const char *encoding);
void stage_copy_free(StageCopy *copy);

/* Sends lines that are there; the bad ones are rejected. */
void stage_copy_lines(StageCopy *copy, const Lines *lines);
/*
 * Reads and sends until the input's table ends, and no source goes on with it; or until
 * reading on is of no use.
 */
void stage_copy_rest(StageCopy *copy, StageState *state, StageReader *reader);

/* ---- stage_lines.c */

enum
{
    /* bytes sent while the next ones are read: less than the kernel has room for */
    STAGE_PIECE_SIZE = 32 * 1024
};

/* Where the line begins in the text. */
size_t stage_lines_get_start(const Lines *lines, size_t line);
/* A line, with its end, and its value of RECORD_COLUMN. */
const char *stage_lines_get(const StageCopy *copy, size_t line, size_t *length);
int64_t stage_lines_get_record(const StageCopy *copy, size_t line);
/* Sends lines as data of COPY. */
void stage_lines_send(const StageCopy *copy, size_t from, size_t to);

/* ---- stage_completion.c */

/* Is it the rows of a completion, and not a table of the batch? */
bool stage_completion_is_running(const LoadBatch *batch, const LoadTable *table);
void stage_completion_add(StageState *state, StageCompletion *completion);
/* A row of a completion cannot be rejected: ends the program. */
_Noreturn void stage_completion_die(const StageCopy *copy, int64_t record,
                                    const char *reason);
/* Completes the rows that are staged. */
void stage_completion_run(StageState *state);

/* ---- stage_source.c */

/* Stages all that is left of the reader's source and of the next ones. */
void stage_source_finish(StageState *state, StageReader *reader);

/* ---- stage_workers.c */

/* Stages the sources from this reader's to the last, --jobs of them at once. */
void stage_workers_run(StageState *state, StageReader *first);

#endif
