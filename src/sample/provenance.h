/*
 * Provenance: what brought each row into the sample. It depends on the sample only, not
 * on the order in which its rows were found.
 *
 * - A root row is there because it is one, a picked row because it was picked, in that
 *   order. Other rows of D were brought down by the parent that downset.h names. The
 *   distance of roots and of picked rows is 0, that of other rows of D is their depth.
 * - Every other row was brought up by a row that refers to it: by one of those with the
 *   least distance, and its own distance is one more. Of several of those the edge comes
 *   first whose name does (edge_order.h), then the row whose place (leaf, ctid) does.
 *
 * So following what brought a row leads back to a root or a picked row. It is a
 * breadth-first pass over the sample when it is complete, made only when it is asked for:
 * in direct mode in memory, 16 bytes a row and 4 a reference; in staging mode on the
 * server, in the table "why" of the staging schema.
 */
#ifndef SAMPLE_PROVENANCE_H
#define SAMPLE_PROVENANCE_H

#include "sample/provenance_counts.h"
#include "sample/sample.h"
#include "sample/session.h"

typedef struct Provenance Provenance;

/*
 * Finds out for all rows of the sample; if that is not complete, for those that are there
 * and for rows of D that were not read yet, whose keys come over a connection of their
 * own. The source is asked where declared references lead. In direct mode this puts the
 * rows into the order of their places, so that no scan in another order may have begun.
 */
Provenance *provenance_build(Sample *sample, Session *session, bool is_complete);
void provenance_free(Provenance *provenance);

const FkOrder *provenance_get_fk_order(const Provenance *provenance);

/*
 * The chain of a row, freed by provenance_free_chain(); false: the row is not in the
 * sample.
 */
bool provenance_follow(Provenance *provenance, ProvenanceRow row, ProvenanceChain *chain)
    __attribute__((warn_unused_result));
void provenance_free_chain(ProvenanceChain *chain);

/* The row's key as COPY writes it, "(1, a)"; owned by the caller. */
char *provenance_format_key(Provenance *provenance, ProvenanceRow row);

/* Counts; freed by provenance_counts_free(). */
ProvenanceCounts *provenance_count(Provenance *provenance);

/*
 * Adds to n_outside of the edges that brought them the rows at these places; those that
 * no edge brought, or that are not in the sample, are passed over.
 */
void provenance_note_outside(Provenance *provenance, ProvenanceCounts *counts,
                             int relation, const RowId *ids, size_t n);

#endif
