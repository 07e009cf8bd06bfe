/* What brought the rows, for people: --explain, --explain-edges, and exceeded budgets. */
#ifndef PROGRAMS_SAMPLE_PROVENANCE_PRINT_H
#define PROGRAMS_SAMPLE_PROVENANCE_PRINT_H

#include "sample/provenance.h"

/* The table of edges, on stderr. */
void provenance_print_counts(const ProvenanceCounts *fks, const Sample *sample);

/* The chain of a row of the sample, on stderr. */
void provenance_print_chain(Provenance *provenance, const ProvenanceChain *chain,
                            const Sample *sample);

#endif
