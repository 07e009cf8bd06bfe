/* What closing the sample has in common in both modes. */
#ifndef SAMPLE_CLOSURE_PARTS_H
#define SAMPLE_CLOSURE_PARTS_H

#include "sample/sample.h"
#include "sample/session.h"

enum
{
    /*
     * Of a cyclic component, before a recursive query follows what is left. Not tuned:
     * both only have to tell a long chain, with few new rows in each pass, from many
     * rows.
     */
    CLOSURE_PASSES_BEFORE_RECURSION = 3,
    CLOSURE_SMALL_PASS = 1000 /* new rows */
};

typedef struct ClosureStatistics
{
    int n_passes;    /* the most that a component took */
    int n_recursive; /* recursive queries */
} ClosureStatistics;

/* Takes the component's picked rows and its rows of D into the sample. */
void closure_parts_pick(Sample *sample, Session *session, const Component *component);

/* To be called when the sample is closed. */
void closure_parts_count_referenced(Sample *sample);

#endif
