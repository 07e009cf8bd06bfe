/* What closing the sample has in common in both modes. */
#ifndef SAMPLE_CLOSURE_PARTS_H
#define SAMPLE_CLOSURE_PARTS_H

#include "sample/sample.h"
#include "sample/session.h"

enum
{
    CLOSURE_PASSES_BEFORE_RECURSION = 3, /* that a cyclic component takes row by row */
    CLOSURE_SMALL_PASS =
        1000 /* rows: a pass that brings fewer costs more than it gives */
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
