/*
 * SQL over the staging schema that finds and reports the provenance of each staged row: a
 * breadth-first search over the references between staged rows, one statement a distance,
 * from rows that were picked or are roots; see sample/staging/staging_provenance.h. Links
 * have their rank in FkOrder for a number there.
 *
 * Pure: no server, no output. Text is appended to a buffer of the caller's.
 */
#ifndef MODEL_QUERY_PROVENANCE_H
#define MODEL_QUERY_PROVENANCE_H

#include "base/strbuf.h"
#include "model/fk_order.h"
#include "model/rowid.h"
#include "model/staging_names.h"

/* The values of why.kind. */
typedef enum ProvenanceKind
{
    PROVENANCE_KIND_ROOT = 'r',
    PROVENANCE_KIND_PICKED = 'p',
    PROVENANCE_KIND_DOWN = 'd',
    PROVENANCE_KIND_UP = 'u'
} ProvenanceKind;

/* CREATE of the tables, and INSERT of the names of the links into one of them. */
void query_provenance_create(PQExpBuffer sql, const StagingNames *names,
                             const FkOrder *order, const Catalog *catalog);

/*
 * INSERT of the rows of the relation that were picked. With has_down, children are there
 * already: a row that was picked as well replaces the one among them, unless it is a
 * root.
 */
void query_provenance_picked(PQExpBuffer sql, const StagingNames *names,
                             const Catalog *catalog, int relation, bool has_down);

/* COPY ... FROM STDIN of lines with the provenance of a row each. */
void query_provenance_copy_in(PQExpBuffer sql, const StagingNames *names);

/* INSERT of the references of staged rows to staged rows by the foreign key. */
void query_provenance_references(PQExpBuffer sql, const StagingNames *names,
                                 const FkGraph *graph, const FkOrder *order,
                                 const GraphKey *fk);

/* COPY ... FROM STDIN of such references, as the ids of both rows. */
void query_provenance_copy_references(PQExpBuffer sql, const StagingNames *names);

/* The index that the search needs. */
void query_provenance_index(PQExpBuffer sql, const StagingNames *names);

/*
 * PREPARE of why_step(distance), which inserts the rows that those at that distance refer
 * to.
 */
void query_provenance_prepare(PQExpBuffer sql, const StagingNames *names);

/* What is not needed once all steps are done. */
void query_provenance_finish(PQExpBuffer sql, const StagingNames *names);

/*
 * COPY of "relation leaf place kind edge" of the row and of all rows on the way to its
 * origin row.
 */
void query_provenance_chain(PQExpBuffer sql, const StagingNames *names,
                            const Relation *relation, RowId id);

/* COPY of the key columns of one staged row. */
void query_provenance_key(PQExpBuffer sql, const StagingNames *names,
                          const Catalog *catalog, int relation, RowId id);

/* SELECT of the key columns of one row of the source. */
void query_provenance_source_key(PQExpBuffer sql, const Relation *relation, RowId id);

/*
 * CREATE of a table of rows that others are there for, and PREPARE of why_sum(distance),
 * which adds the origins of the rows at that distance to it; to be called from the last
 * distance to the first, so that the sums of these rows are complete.
 */
void query_provenance_create_sums(PQExpBuffer sql, const StagingNames *names);

/* SELECT of kind, edge, and the number of such rows. */
void query_provenance_count(PQExpBuffer sql, const StagingNames *names);

/*
 * SELECT, from what why_sum() filled, of kind, edge, how many origin rows it has, and of
 * the largest of them how many rows are there for it, leaf and place.
 */
void query_provenance_largest(PQExpBuffer sql, const StagingNames *names,
                              const Catalog *catalog);

/* SELECT of relation, leaf, place and number of the n origin rows with the most rows. */
void query_provenance_origins(PQExpBuffer sql, const StagingNames *names,
                              const Catalog *catalog, int n);

/* SELECT of kind, edge and number of those of the rows that were added by a link. */
void query_provenance_outside(PQExpBuffer sql, const StagingNames *names,
                              const Relation *relation, const RowId *ids, size_t n);

#endif
