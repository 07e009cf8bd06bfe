/*
 * Provenance (provenance.h) in direct mode, in memory.
 *
 * Rows of all relations are numbered together, by relation and id. First each row's
 * foreign keys are resolved to numbers of rows (provenance_memory_references.c), then a
 * breadth-first search goes from root rows, picked rows and rows of D to the rows that
 * they refer to. Each row is visited once, and each reference is followed once.
 *
 * Rows of D are not at distance 0 but at their depth; so they enter the queue when the
 * search reaches that distance. Of several rows that bring a row from the same distance,
 * the better replaces the one that was first.
 */
#ifndef SAMPLE_DIRECT_PROVENANCE_MEMORY_H
#define SAMPLE_DIRECT_PROVENANCE_MEMORY_H

#include "sample/provenance.h"

typedef struct ProvenanceMemory ProvenanceMemory;

/* With is_complete, all rows of D are fetched. */
ProvenanceMemory *provenance_memory_build(Sample *sample, Session *session,
                                          const FkOrder *order, bool is_complete);
void provenance_memory_free(ProvenanceMemory *memory);

/* What brought the row, and its origin row; false: the row is not in the sample. */
bool provenance_memory_find(const ProvenanceMemory *memory, ProvenanceRow row,
                            ProvenanceStep *step, ProvenanceRow *from)
    __attribute__((warn_unused_result));

/* Counts by link, in any order. */
void provenance_memory_count(const ProvenanceMemory *memory, ProvenanceCounts *counts);

/* The row as it was fetched; valid until the next read. NULL: it is not fetched. */
const char *provenance_memory_get_line(const ProvenanceMemory *memory, ProvenanceRow row,
                                       size_t *length);

#endif
