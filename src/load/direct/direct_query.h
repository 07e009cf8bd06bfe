/*
 * The statement that merges rows into a table without a staging table: they are in the
 * statement itself, as values of the table's row type, so that the server reads them as
 * COPY does, with lengths and domains.
 *
 * Pure: no server, no output.
 */
#ifndef LOAD_DIRECT_DIRECT_QUERY_H
#define LOAD_DIRECT_DIRECT_QUERY_H

#include "base/copyencoding.h"
#include "load/batch.h"
#include "load/source/input.h"

/*
 * Merges the first n lines. One row: rows that have a key of their own; of these to be
 * inserted, to be updated, older, in conflict, not found, found more than once; updated,
 * inserted. Owned by the caller.
 */
char *direct_query_merge(const LoadTable *table, const Lines *lines, size_t n,
                         const CopyEncoding *encoding);

/* Which of the columns of the table's key is NULL in the line, or -1. */
int direct_query_find_null(const LoadTable *table, const Lines *lines, size_t line);

#endif
