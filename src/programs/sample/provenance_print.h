/* Provenance on standard error: for --explain, --explain-edges, and exceeded limits. */
#ifndef PROGRAMS_SAMPLE_PROVENANCE_PRINT_H
#define PROGRAMS_SAMPLE_PROVENANCE_PRINT_H

#include "sample/provenance.h"

/* The numbers of rows by foreign key. */
void provenance_print_counts(const ProvenanceCounts *fks, const Sample *sample);

/* The references from a root row or a picked row to this one. */
void provenance_print_chain(Provenance *provenance, const ProvenanceChain *chain,
                            const Sample *sample);

#endif
