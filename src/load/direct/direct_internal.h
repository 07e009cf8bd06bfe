/* What the files behind load/direct/direct.h share. */
#ifndef LOAD_DIRECT_DIRECT_INTERNAL_H
#define LOAD_DIRECT_DIRECT_INTERNAL_H

#include "base/copyencoding.h"
#include "load/batch.h"
#include "load/commit/attempt.h"
#include "load/direct/direct.h"
#include "load/stage/stage_internal.h"

/* Rows of a source for a table. */
typedef struct DirectRows
{
    LoadBatch *batch;
    LoadTable *table;
    const char *source; /* for messages */
    const Lines *lines;
} DirectRows;

/* The rows of one table in a file, which may have more of them. */
typedef struct DirectBlock
{
    StageInput plan; /* its table is -1: not to be loaded */
    bool is_loaded;
} DirectBlock;

/*
 * The order in which tables are loaded. Rows are written to their tables at once, so that
 * referenced rows must be there first. A dump has its tables in another order: it is read
 * again for those that had to wait. In a cycle of foreign keys, tables do not wait for
 * each other. Standard input is read once, in its order.
 */
typedef struct DirectSources
{
    StageState state;
    StageReader reader; /* at the table to be loaded */

    const DirectInput *input;
    int *order; /* of the sources: by the first table of each */
    int at;
    StageReader stream;  /* standard input, at its first table */
    DirectBlock *blocks; /* of the files, by source */
    size_t n_blocks;
    size_t capacity;
    size_t *first_blocks; /* by source, and the end */
    size_t next_block;
    bool is_planning;
    int n_left;      /* blocks that are not loaded */
    int *n_left_of;  /* the same by relation */
    int n_last_left; /* when the first source was begun */
} DirectSources;

/* Plans all tables; then their old rows can be deleted. */
void direct_sources_plan(DirectSources *sources, LoadBatch *batch,
                         const DirectInput *input);
/* Moves sources->reader to the next rows to be loaded; false after the last. */
bool direct_sources_next(DirectSources *sources);
void direct_sources_free(DirectSources *sources);

void direct_copy(const DirectRows *rows);
void direct_merge(const DirectRows *rows, bool is_first);

/*
 * Ends the program because of these lines: [first, end). The result of the server, or
 * NULL and the reason.
 */
_Noreturn void direct_error_die(const DirectRows *rows, size_t first, size_t end,
                                const PGresult *result, const char *reason);

/* ---- direct_query.c */

/*
 * Merges the first n lines. The result is one row of counts: keys; rows to be inserted,
 * to be updated, older, in conflict, not found; keys that several rows of the table have;
 * updated, inserted; values of identity columns that were not written. Owned by the
 * caller.
 */
char *direct_query_merge(const LoadTable *table, const Lines *lines, size_t n,
                         const CopyEncoding *encoding);

/* Which of the columns of the table's key is NULL in the line, or -1. */
int direct_query_find_null(const LoadTable *table, const Lines *lines, size_t line);

#endif
