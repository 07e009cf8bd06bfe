/*
 * Rows of the sample that are outside of --where-column: they are there because others
 * refer to them. In a database in which every table has its tenant's number these are
 * references from one tenant to another.
 */
#ifndef SAMPLE_OUTSIDE_H
#define SAMPLE_OUTSIDE_H

#include "sample/sample.h"
#include "sample/session.h"

/* Finds them, into sample->outside, if there is a filter; the sample must be complete. */
void outside_find(Sample *sample, Session *session);

#endif
