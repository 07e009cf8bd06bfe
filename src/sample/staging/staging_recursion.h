/* The long chains of a cyclic component, followed by the server (staging mode). */
#ifndef SAMPLE_STAGING_STAGING_RECURSION_H
#define SAMPLE_STAGING_STAGING_RECURSION_H

#include "sample/staging/staging.h"

/*
 * Stages all rows of the component that those of the pass lead to along its own edges;
 * returns how many.
 */
size_t staging_recursion_run(Sample *sample, Session *session, const Component *component,
                             int pass);

/* Makes the table of places that are reached, or empties it. */
void staging_recursion_prepare(Staging *staging);
/* Stages the rows of the relation at the places in it, those that are not staged yet. */
size_t staging_recursion_fetch(Sample *sample, Session *session, int relation);

#endif
