/*
 * SQL over staging tables. A staging table has a row for each sampled row: the pass in
 * which it was staged, its leaf and ctid in the source, and all columns of the source
 * under their own names and types. So the server itself can look for the keys that no
 * staged row has (query_staging_pending), and no key needs to be in the program's memory.
 *
 * Comparisons of keys use the constraint's own operators, as those over the source do
 * (query.h).
 *
 * Pure: no server, no output. Text is appended to a buffer of the caller's.
 */
#ifndef MODEL_QUERY_STAGING_H
#define MODEL_QUERY_STAGING_H

#include "model/graph.h"
#include "model/layout.h"
#include "model/staging_names.h"

/* CREATE UNLOGGED TABLE. */
void query_staging_create(PQExpBuffer sql, const StagingNames *names,
                          const Catalog *catalog, int relation);

/*
 * Layouts whose statements insert rows of the source into the staging tables, in the
 * catalog's arena; query_staging_set_pass() completes them.
 */
RowLayout *query_staging_layouts(const RowLayout *layouts, const Catalog *catalog);

/* From now on rows of the relation are staged in this pass; the text is the caller's. */
void query_staging_set_pass(PQExpBuffer begin, RowLayout *layout,
                            const StagingNames *names, int pass);

/*
 * COPY of the keys that staged rows refer to by the foreign keys, which are of a group
 * (key_group.h), and that no staged row has, each once; of the rows that were staged in
 * the pass, or of all (pass -1).
 */
void query_staging_pending(PQExpBuffer sql, const StagingNames *names,
                           const FkGraph *graph, const GraphKey *const *fks, int n,
                           int pass);

/*
 * SELECT of numbers in graph->fks and how many references by these foreign keys, which
 * are of a group, have no staged row; where there is one.
 */
void query_staging_count_missing(PQExpBuffer sql, const StagingNames *names,
                                 const FkGraph *graph, const GraphKey *const *fks, int n);

/*
 * SELECT of the relation's staged rows, those less what is there twice, and, of n of its
 * foreign keys from the first: how many references there are, and how many of them
 * violate MATCH FULL.
 */
void query_staging_count(PQExpBuffer sql, const StagingNames *names, const FkGraph *graph,
                         int relation, bool may_repeat, int first, int n);

/*
 * SELECT of the bytes of the staged rows in a COPY of the dump's columns, newlines
 * included.
 */
void query_staging_size(PQExpBuffer sql, const StagingNames *names,
                        const RowLayout *layout, const char *encoding);

/* CREATE of a table for the ids of rows that a recursive query reaches. */
void query_staging_create_found(PQExpBuffer sql, const StagingNames *names);

/* COPY of "tableoid ctid" of the reached rows of a relation that are not staged. */
void query_staging_found(PQExpBuffer sql, const StagingNames *names, int relation);

/* COPY of "tableoid ctid" of the staged rows of the relation. */
void query_staging_row_ids(PQExpBuffer sql, const StagingNames *names, int relation);

/*
 * COPY of the staged rows, by the layout, in the order of the source or of the key;
 * columns of ignored keys are NULL where their row is not staged.
 */
void query_staging_rows(PQExpBuffer sql, const StagingNames *names, const FkGraph *graph,
                        const RowLayout *layout, bool is_ordered);

#endif
