/*
 * The set D: root rows, and the rows that come down from them, generation by generation.
 *
 * Goes in: the root rows (root.c), the foreign keys and declared references that are
 * followed to children, and how many children a row may bring (--children). Comes out:
 * D as row ids in sample->down, before any of its rows is fetched; so both modes take
 * them in like picked rows, and closing, proof and dump know nothing of D.
 *
 * A generation is found by one query for each link and batch of parents: only the rows
 * that the last generation added are parents. A row that is found again is not added, so
 * cycles end, and its depth is the smallest. Which K of a parent's children count depends
 * on these rows alone (in the order of their key), not on what is in the sample; and of
 * several links that bring a row in one generation the first by name counts. So the
 * result does not depend on the order of work.
 *
 * Example: root customers 42; generation 1: its orders; generation 2: their items. The
 * products that the items refer to are not children: closing the sample fetches them.
 *
 * Cost: each row of D is a parent once for each link. Where a link has no index
 * (child_index.h), each generation costs a scan of the referencing table.
 */
#ifndef SAMPLE_DOWN_H
#define SAMPLE_DOWN_H

#include "sample/sample.h"
#include "sample/session.h"

/*
 * Finds the root rows and all that comes down from them, into sample->down. Ends the
 * program when a root that is named does not exist or does not satisfy --where-column.
 */
void down_run(Sample *sample, Session *session);

/*
 * Takes the relation's rows of D into the sample, behind its picked rows; roots count as
 * picked.
 */
void down_fetch(Sample *sample, Session *session, int relation);

#endif
