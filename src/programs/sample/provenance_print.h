/* What brought the rows, for people: --explain, --explain-edges, and exceeded budgets. */
#ifndef PROGRAMS_SAMPLE_PROVENANCE_PRINT_H
#define PROGRAMS_SAMPLE_PROVENANCE_PRINT_H

#include "sample/provenance.h"

/* The table of edges, on stderr. */
void why_print_edges(const WhyEdges *edges, const Sample *sample);

/* The chain of a row of the sample, on stderr. */
void why_print_chain(Why *why, const WhyChain *chain, const Sample *sample);

#endif
