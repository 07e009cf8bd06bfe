/*
 * SQL over staging tables. A staging table holds, of each sampled row, when it came,
 * where it is in the source, and all columns of the source under their own names and
 * types.
 *
 * Comparisons of keys name the constraint's own operators, as those over the source do
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
void query_stage_create(PQExpBuffer sql, const StageNames *names, const Catalog *catalog,
                        int relation);

/*
 * Layouts whose statements insert rows of the source into the staging tables, in the
 * catalog's arena; query_stage_set_pass() completes them.
 */
RowLayout *query_stage_layouts(const RowLayout *layouts, const Catalog *catalog);

/* From now on rows of the relation come in this pass; the text is the caller's. */
void query_stage_set_pass(PQExpBuffer begin, RowLayout *layout, const StageNames *names,
                          int pass);

/*
 * COPY of the keys that staged rows refer to along the edge and that no staged row has,
 * each once; of the rows that came in the pass, or of all (pass -1).
 */
void query_stage_pending(PQExpBuffer sql, const StageNames *names, const FkGraph *graph,
                         const Edge *edge, int pass);

/*
 * SELECT of the staged references along the edge: how many there are, how many of them
 * MATCH FULL forbids, and how many have no staged row.
 */
void query_stage_prove(PQExpBuffer sql, const StageNames *names, const FkGraph *graph,
                       const Edge *edge);

/* SELECT of the relation, its staged rows, and its staged rows less those there twice. */
void query_stage_count(PQExpBuffer sql, const StageNames *names, int relation,
                       bool may_repeat);

/*
 * SELECT of the bytes of the staged rows in a COPY of the dump's columns, newlines
 * included.
 */
void query_stage_size(PQExpBuffer sql, const StageNames *names, const RowLayout *layout,
                      const char *encoding);

/* CREATE of a table for places that a recursive query reaches. */
void query_stage_create_reached(PQExpBuffer sql, const StageNames *names);

/* COPY of "tableoid ctid" of the reached rows of a relation that are not staged. */
void query_stage_reached(PQExpBuffer sql, const StageNames *names, int relation);

/* COPY of "tableoid ctid" of the staged rows of the relation. */
void query_stage_places(PQExpBuffer sql, const StageNames *names, int relation);

/* CREATE INDEX on the columns by which rows of the relation are looked up. */
void query_stage_index_key(PQExpBuffer sql, const StageNames *names,
                           const Catalog *catalog, const ReferencedKey *key);

/*
 * COPY of the staged rows, as the layout tells, in the order of the source or of the key;
 * columns of ignored keys are NULL where their row is not staged.
 */
void query_stage_rows(PQExpBuffer sql, const StageNames *names, const FkGraph *graph,
                      const RowLayout *layout, bool is_ordered);

#endif
