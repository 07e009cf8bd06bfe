/* Provenance in direct mode, in memory; see why.h. */
#ifndef SAMPLE_DIRECT_PROVENANCE_MEMORY_H
#define SAMPLE_DIRECT_PROVENANCE_MEMORY_H

#include "sample/provenance.h"

typedef struct ProvenanceMemory ProvenanceMemory;

/* With is_complete, all rows of D were read. */
ProvenanceMemory *provenance_memory_build(Sample *sample, Session *session,
                                          const FkOrder *order, bool is_complete);
void provenance_memory_free(ProvenanceMemory *memory);

/* What brought the row, and from which; false: the row is not in the sample. */
bool provenance_memory_find(const ProvenanceMemory *memory, ProvenanceRow row,
                            ProvenanceStep *step, ProvenanceRow *from)
    __attribute__((warn_unused_result));

/* The edges in any order. */
void provenance_memory_count(const ProvenanceMemory *memory, ProvenanceCounts *counts);

/* The row as it was fetched; valid until the next read. NULL: it was not read. */
const char *provenance_memory_get_line(const ProvenanceMemory *memory, ProvenanceRow row,
                                       size_t *length);

#endif
