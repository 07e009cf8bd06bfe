/*
 * Following declared references in staging mode: the staging connection returns the ids
 * of staged rows, the user's connection the ids of the rows that they refer to
 * (reference_closure.h), and the staging connection which of these are not staged yet.
 */
#ifndef SAMPLE_STAGING_STAGING_REFERENCES_H
#define SAMPLE_STAGING_STAGING_REFERENCES_H

#include "sample/sample.h"
#include "sample/session.h"

/*
 * Stages the rows that rows of the pass refer to, or (pass -1) rows of all passes before
 * the present one of the referenced relation. Returns how many.
 */
size_t staging_references_run(Sample *sample, Session *session, int reference, int pass);

/*
 * The same for all references inside of the component, and for the rows that are reached
 * in this way, as far as such references go. The ids of these rows are in memory
 * meanwhile.
 */
size_t staging_references_recurse(Sample *sample, Session *session,
                                  const Component *component, int pass);

#endif
