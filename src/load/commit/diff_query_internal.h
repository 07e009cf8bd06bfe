/* What diff_query.c and diff_query_rows.c share. Pure: no server, no output. */
#ifndef LOAD_COMMIT_DIFF_QUERY_INTERNAL_H
#define LOAD_COMMIT_DIFF_QUERY_INTERNAL_H

#include "base/strbuf.h"
#include "load/commit/diff_query.h"

bool diff_query_is_key_column(const LoadTable *table, int column);

/*
 * Is the column compared, and written by an update? Not a key column whose equal values
 * are the same, nor an identity column, which cannot be updated.
 */
bool diff_query_is_updated(const LoadTable *table, int column);

/* "t.k OPERATOR(pg_catalog.=) d.k AND ..." */
void diff_query_append_match(PQExpBuffer sql, const LoadTable *table, const char *other);

/* Joins the excluded records, so that they can be left out by "x.record IS NULL". */
void diff_query_append_stage(PQExpBuffer sql, const LoadTable *table);

#endif
