/* The long chains of a cyclic component, followed by the server (staging mode). */
#ifndef SAMPLE_STAGE_DRAIN_H
#define SAMPLE_STAGE_DRAIN_H

#include "sample/stage.h"

/*
 * Stages all rows of the component that those of the pass lead to along its own edges;
 * returns how many.
 */
size_t stage_drain(Sample *sample, Session *session, const Component *component,
                   int pass);

#endif
