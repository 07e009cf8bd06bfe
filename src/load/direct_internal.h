/*
 * What the files behind load/direct.h share.
 *
 *     direct        the transaction, the order of the tables, what is deleted
 *     direct_copy   rows that are only added
 *     direct_merge  rows that are compared
 *     direct_query  the statement for those
 */
#ifndef LOAD_DIRECT_INTERNAL_H
#define LOAD_DIRECT_INTERNAL_H

#include "input/input.h"
#include "load/commit_step.h"

/* Rows of a source on their way to a table. */
typedef struct DirectRows
{
    LoadBatch *batch;
    LoadTable *table;
    const char *source; /* for messages */
    const InputLines *lines;
} DirectRows;

void direct_copy(const DirectRows *rows);
void direct_merge(const DirectRows *rows, bool is_first);

/*
 * Ends the program because of these lines: [first, end). The result, or NULL, is the
 * server's word.
 */
_Noreturn void direct_die(const DirectRows *rows, size_t first, size_t end,
                          const PGresult *result, const char *reason);

#endif
