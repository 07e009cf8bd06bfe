/*
 * Rows of the sample that do not satisfy --where-column: they are there because others
 * refer to them. In a database in which every table has a column of its tenant these are
 * references from one tenant to another.
 *
 * Goes in: the complete sample. Comes out: by filtered relation, the ids of such rows.
 * Picked rows and rows of D satisfy the filter, so only tables with referenced rows are
 * asked, and the source evaluates the filter for the ids of their rows, batch by batch.
 */
#ifndef SAMPLE_OUTSIDE_H
#define SAMPLE_OUTSIDE_H

#include "sample/sample.h"
#include "sample/session.h"

/* Finds them, into sample->outside, if there is a filter. */
void outside_find(Sample *sample, Session *session);

/* Those of the ids, which get sorted, whose rows do not satisfy the relation's filter. */
IdSet *outside_check(const Plan *plan, Session *session, int relation, RowId *ids,
                     size_t n);

#endif
