/*
 * Provenance in staging mode, on the server; see why.h. The table "why" of the staging
 * schema has a line for each staged row, and "why_edges" names the edges in it by their
 * order (edge_order.h).
 *
 * All references between staged rows are joined once, into a table with an index; then
 * each step away from picked rows and roots is one prepared statement over that. While
 * steps bring many rows they run one by one; a long chain takes many small ones, some
 * hundred of which travel together, about ten thousand in a second.
 */
#ifndef SAMPLE_STAGING_STAGING_PROVENANCE_H
#define SAMPLE_STAGING_STAGING_PROVENANCE_H

#include "sample/provenance.h"
#include "sample/staging/staging.h"

/* Fills the tables. */
void stage_why_build(Sample *sample, Session *session, const EdgeOrder *order);

/* The rest is as why.h says. */
bool stage_why_follow(Sample *sample, const EdgeOrder *order, WhyRow row, WhyChain *chain)
    __attribute__((warn_unused_result));
void stage_why_count(Sample *sample, const EdgeOrder *order, WhyEdges *edges);
void stage_why_note_outside(Sample *sample, const EdgeOrder *order, WhyEdges *edges,
                            int relation, const RowId *ids, size_t n);

/* The row's key as a line of COPY, owned by the caller; NULL: it is not staged. */
char *stage_why_get_key(Sample *sample, WhyRow row);

#endif
