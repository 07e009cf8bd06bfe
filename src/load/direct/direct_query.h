/*
 * The statement that merges rows into a table without a staging table.
 *
 * The rows are in the statement itself, as values of the row type of the table, so that
 * the server reads them as COPY does, with lengths and domains. CTEs choose one row of
 * each key, compare as the diff does (diff_query.h), and write; the result has the
 * counts. Rows are matched by their xmin, so that a row that others have changed since is
 * not overwritten, which the counts show; the batch is then merged again.
 *
 *     WITH v AS (SELECT ... FROM (VALUES (7, '(1,a)'::shop.t), ...)),
 *          s AS (one row of v for each key), d AS (the diff of s and the table),
 *          u AS (UPDATE ...), i AS (INSERT ...)
 *     SELECT counts of s, d, u and i
 *
 * Pure: no server, no output.
 */
#ifndef LOAD_DIRECT_DIRECT_QUERY_H
#define LOAD_DIRECT_DIRECT_QUERY_H

#include "base/copyencoding.h"
#include "load/batch.h"
#include "load/source/input.h"

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
