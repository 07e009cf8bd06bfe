/*
 * Provenance (provenance.h) in staging mode, on the server. The table "why" of the
 * staging schema has a line for each staged row, and "why_edges" names the foreign keys
 * and references in it by their order (fk_order.h).
 *
 * All references between staged rows are joined once, into a table with an index; then
 * each step from one distance to the next is one prepared statement over that table.
 * While steps bring many rows they run one by one. A long chain takes many small steps,
 * some hundred of which are sent together, about ten thousand in a second. A recursive
 * query could not do it: what a row gets depends on the order in which it is reached.
 */
#ifndef SAMPLE_STAGING_STAGING_PROVENANCE_H
#define SAMPLE_STAGING_STAGING_PROVENANCE_H

#include "sample/provenance.h"
#include "sample/staging/staging.h"

/* Fills the tables. */
void staging_provenance_build(Sample *sample, Session *session, const FkOrder *order);

/* As in provenance.h. */
bool staging_provenance_follow(Sample *sample, const FkOrder *order, ProvenanceRow row,
                               ProvenanceChain *chain)
    __attribute__((warn_unused_result));
void staging_provenance_count(Sample *sample, const FkOrder *order,
                              ProvenanceCounts *counts);
void staging_provenance_note_outside(Sample *sample, const FkOrder *order,
                                     ProvenanceCounts *counts, int relation,
                                     const RowId *ids, size_t n);

/* The row's key as a line of COPY, owned by the caller; NULL: it is not staged. */
char *staging_provenance_get_key(Sample *sample, ProvenanceRow row);

#endif
