/* The long chains of a cyclic component, followed by the server (staging mode). */
#ifndef SAMPLE_STAGING_STAGING_RECURSION_H
#define SAMPLE_STAGING_STAGING_RECURSION_H

#include "sample/staging/staging.h"

/*
 * Stages all rows of the component that those of the pass lead to along its own edges;
 * returns how many.
 */
size_t stage_drain(Sample *sample, Session *session, const Component *component,
                   int pass);

/* Makes the table of places that are reached, or empties it. */
void stage_prepare_reached(Stage *stage);
/* Stages the rows of the relation at the places in it, those that are not staged yet. */
size_t stage_fetch_reached(Sample *sample, Session *session, int relation);

#endif
