/*
 * SQL over the staging schema that finds and reports what brought each staged row; see
 * sample/staging/staging_provenance.h. Foreign keys go by their rank in KeyOrder.
 *
 * Pure: no server, no output. Text is appended to a buffer of the caller's.
 */
#ifndef MODEL_QUERY_PROVENANCE_H
#define MODEL_QUERY_PROVENANCE_H

#include "base/strbuf.h"
#include "model/fk_order.h"
#include "model/rowid.h"
#include "model/staging_names.h"

/* What stands in why.kind. */
typedef enum ProvenanceKind
{
    PROVENANCE_KIND_ROOT = 'r',
    PROVENANCE_KIND_PICKED = 'p',
    PROVENANCE_KIND_DOWN = 'd',
    PROVENANCE_KIND_UP = 'u'
} ProvenanceKind;

/* CREATE of the tables, and the names of the edges into one of them. */
void query_provenance_create(PQExpBuffer sql, const StagingNames *names,
                             const FkOrder *order, const Catalog *catalog);

/*
 * INSERT of the rows of the relation that were picked. With has_down some are there: they
 * stay if they are roots, and are replaced if they came down.
 */
void query_provenance_picked(PQExpBuffer sql, const StagingNames *names,
                             const Catalog *catalog, int relation, bool has_down);

/* COPY ... FROM STDIN of lines that tell what brought a row. */
void query_provenance_copy_in(PQExpBuffer sql, const StagingNames *names);

/* INSERT of the references of staged rows to staged rows along the edge. */
void query_provenance_references(PQExpBuffer sql, const StagingNames *names,
                                 const FkGraph *graph, const FkOrder *order,
                                 const GraphKey *fk);

/* COPY ... FROM STDIN of such references, as the places of both rows. */
void query_provenance_copy_references(PQExpBuffer sql, const StagingNames *names);

/* The index that the search needs. */
void query_provenance_index(PQExpBuffer sql, const StagingNames *names);

/* PREPARE of why_step(distance), which inserts what the rows at that distance bring. */
void query_provenance_prepare(PQExpBuffer sql, const StagingNames *names);

/* What is not needed once all steps are done. */
void query_provenance_finish(PQExpBuffer sql, const StagingNames *names);

/* COPY of "relation leaf place kind edge", the row itself first. */
void query_provenance_chain(PQExpBuffer sql, const StagingNames *names,
                            const Relation *relation, RowId id);

/* COPY of the key columns of one staged row. */
void query_provenance_key(PQExpBuffer sql, const StagingNames *names,
                          const Catalog *catalog, int relation, RowId id);

/* SELECT of the key columns of one row of the source. */
void query_provenance_source_key(PQExpBuffer sql, const Relation *relation, RowId id);

/*
 * CREATE of a table of rows that others bring, and PREPARE of why_sum(distance), which
 * adds to it what brings the rows at that distance; to be called from the last distance
 * to the first, so that these have brought all that they bring themselves.
 */
void query_provenance_create_sums(PQExpBuffer sql, const StagingNames *names);

/* SELECT of kind, edge, and how many rows came that way. */
void query_provenance_count(PQExpBuffer sql, const StagingNames *names);

/*
 * SELECT, from what why_sum() filled, of kind, edge, how many bringers it has, and of the
 * largest of them how many rows it brought, leaf and place.
 */
void query_provenance_largest(PQExpBuffer sql, const StagingNames *names,
                              const Catalog *catalog);

/* SELECT of relation, leaf, place and number of the n rows that bring most. */
void query_provenance_origins(PQExpBuffer sql, const StagingNames *names,
                              const Catalog *catalog, int n);

/* SELECT of kind, edge and number of those of the rows that an edge brought. */
void query_provenance_outside(PQExpBuffer sql, const StagingNames *names,
                              const Relation *relation, const RowId *ids, size_t n);

#endif
