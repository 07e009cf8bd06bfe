/* Provenance in direct mode, in memory; see why.h. */
#ifndef SAMPLE_DIRECT_PROVENANCE_MEMORY_H
#define SAMPLE_DIRECT_PROVENANCE_MEMORY_H

#include "sample/provenance.h"

typedef struct WhyMemory WhyMemory;

/* With is_complete, all rows of D were read. */
WhyMemory *why_memory_build(Sample *sample, Session *session, const EdgeOrder *order,
                            bool is_complete);
void why_memory_free(WhyMemory *memory);

/* What brought the row, and from which; false: the row is not in the sample. */
bool why_memory_find(const WhyMemory *memory, WhyRow row, WhyStep *step, WhyRow *from)
    __attribute__((warn_unused_result));

/* The edges in any order. */
void why_memory_count(const WhyMemory *memory, WhyEdges *edges);

/* The row as it was fetched; valid until the next read. NULL: it was not read. */
const char *why_memory_get_line(const WhyMemory *memory, WhyRow row, size_t *length);

#endif
