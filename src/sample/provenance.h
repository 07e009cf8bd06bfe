/*
 * Provenance: what brought each row into the sample. It depends on the sample only, not
 * on the order in which its rows were found.
 *
 * - A root row is there because it is one, a picked row because it was picked, in that
 *   order. Other rows of D were brought by the parent that downset.h names. The distance
 *   of root rows and picked rows is 0, that of other rows of D is their depth.
 * - Every other row was brought by a row that refers to it: by one of those with the
 *   least distance, and its own distance is one more. Of several of those the first
 *   counts: by the name of the foreign key (fk_order.h), then by row id.
 *
 * So from each row there is a chain back to a root row or picked row: it is a tree of
 * shortest paths. Example: item 9 (child of order 4, distance 1), order 4 (root row),
 * product 3 (item 9 refers to it, distance 2).
 *
 * Provenance could be noted while rows come, but then it would depend on batches and
 * order. So it is a breadth-first search over the complete sample, made only when it is
 * asked for: in direct mode in memory, with 16 bytes for a row and 4 for a reference
 * (direct/provenance_memory.h), in staging mode on the server, in the table "why" of the
 * staging schema (staging/staging_provenance.h).
 */
#ifndef SAMPLE_PROVENANCE_H
#define SAMPLE_PROVENANCE_H

#include "sample/provenance_counts.h"
#include "sample/sample.h"
#include "sample/session.h"

typedef struct Provenance Provenance;

/*
 * Finds it for all rows of the sample; if that is not complete, for those that are there
 * and for rows of D that are not fetched yet, whose keys are read on a connection of its
 * own. The source is asked what declared references refer to. In direct mode this sorts
 * the rows by their ids, so that no scan in another order must have begun.
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
 * Counts the rows with these ids in n_outside of the foreign keys that brought them. Rows
 * that none brought, or that are not in the sample, do not count.
 */
void provenance_note_outside(Provenance *provenance, ProvenanceCounts *counts,
                             int relation, const RowId *ids, size_t n);

#endif
