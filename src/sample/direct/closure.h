/*
 * Closing the sample upwards: every row brings the rows that it refers to.
 *
 * The relations are visited by strongly connected components, referencing before
 * referenced, so that without cycles each is read once: first its picked rows, then the
 * rows that all others ask for, by key, in large batches ("semi-naive": only what was
 * added in the last step is looked at again). Cyclic components repeat that; when a step
 * brings few rows, as in a long chain, the server follows the rest of it in one recursive
 * query, which tells places only, and the rows are then fetched like any others.
 */
#ifndef SAMPLE_DIRECT_CLOSURE_H
#define SAMPLE_DIRECT_CLOSURE_H

#include "sample/closure_parts.h"

/* Picks and closes. Rows of tables whose data is excluded are not fetched. */
void closure_run(Sample *sample, Session *session, ClosureStatistics *statistics);

#endif
