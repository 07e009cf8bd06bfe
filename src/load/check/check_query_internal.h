/* Pieces that the queries of check_query.h share. Pure: no server, no output. */
#ifndef LOAD_CHECK_CHECK_QUERY_INTERNAL_H
#define LOAD_CHECK_CHECK_QUERY_INTERNAL_H

#include "load/check/check_query.h"

#define CHECK_INSIDE "_pg_sample_load_inside"

/* Has the row of the diff this operation, or one of "I,U"? */
#define CHECK_IS(alias, operation)                                                       \
    alias "." OP_COLUMN " OPERATOR(pg_catalog.=) '" operation "'"
#define CHECK_IS_ANY(alias, operations)                                                  \
    alias "." OP_COLUMN " OPERATOR(pg_catalog.=) ANY ('{" operations "}')"

/* The quoted name of the table without its schema, as in expressions. */
const char *check_query_alias(const Target *target);

/* The key's comparison of two aliases whose columns have their own names. */
void check_query_append_key_match(PQExpBuffer sql, const TargetKey *key, const char *left,
                                  const char *right);

/* "(SELECT ...) AS alias": staged rows that are not excluded. */
void check_query_append_staged(PQExpBuffer sql, const LoadTable *table,
                               const char *alias);

/*
 * "(SELECT ...) AS alias": rows to be written, with their record and operation, the
 * batch's columns, and those of the n columns that the batch lacks.
 */
void check_query_append_written(PQExpBuffer sql, const LoadTable *table,
                                const int *columns, int n, const char *alias);

/*
 * "(SELECT ...) AS alias": rows of the target that are not deleted; with a diff, and not
 * updated.
 */
void check_query_append_kept(PQExpBuffer sql, const LoadTable *table, const char *alias);

/* The same, with rows that are updated as they are before. */
void check_query_append_left(PQExpBuffer sql, const LoadTable *table, const char *alias);

#endif
