/*
 * SQL about columns that are set to NULL because of ignored foreign keys: over staging
 * tables, where the server decides which, and over the source, where it checks such rows
 * against its CHECK constraints.
 *
 * Pure: no server, no output. Text is appended to a buffer of the caller's.
 */
#ifndef MODEL_QUERY_SET_NULL_H
#define MODEL_QUERY_SET_NULL_H

#include "model/graph.h"
#include "model/layout.h"
#include "model/rowid.h"
#include "model/staging_names.h"

/*
 * "(SELECT ...) AS t", the staged rows as they go into the dump: tableoid, ctid and all
 * columns.
 */
void query_set_null_rows(PQExpBuffer sql, const StagingNames *names, const FkGraph *graph,
                         int relation);

/* SELECT of the staged references by the key, and how many have no staged row. */
void query_set_null_count(PQExpBuffer sql, const StagingNames *names,
                          const FkGraph *graph, const GraphKey *ignored);

/*
 * COPY of "tableoid ctid" of staged rows in which something becomes NULL, followed by t
 * or f for each ignored key of the relation.
 */
void query_set_null_row_ids(PQExpBuffer sql, const StagingNames *names,
                            const FkGraph *graph, int relation);

/*
 * SELECT of one of the rows of the source with these ids, all in one leaf, that satisfies
 * the constraint, but does not with the marked columns as NULL: its key, or its ctid.
 */
void query_set_null_check(PQExpBuffer sql, const RowLayout *layout,
                          const CheckConstraint *check, const bool *is_set_null,
                          const RowId *ids, size_t n);

#endif
