/*
 * The set D: root rows, and the rows that come down from them.
 *
 * Goes in: the root rows (root.c), the foreign keys and declared references that are
 * followed to children, and how many children a row may bring (--children). Comes out:
 * D as row ids in sample->down, before any of its rows is fetched; so both modes take
 * them in like picked rows, and closing, proof and dump know nothing of D.
 *
 * Relations are completed in the order of the graph, referenced ones first: all rows of a
 * relation are known before their children are looked for, so that a table without an
 * index is read once for all links by which its rows are children. Only a component of
 * relations that refer to each other in a cycle takes more (down_explore.h). Taking all
 * relations together generation by generation would be simpler, but reads such a table
 * once for each generation that its parents are in.
 *
 * A row has the fewest generations of all ways to it, however it was found first, and of
 * several links the first by name counts: what was found is compared when it is settled
 * (downset.h). Which K of a parent's children count depends on these rows alone (in the
 * order of their key), not on what is in the sample. So the result does not depend on the
 * order of work.
 *
 * Example: root customers 42; generation 1: its orders and its reviews; generation 2: the
 * items of the orders, and the reviews of these, which are read together with the other
 * reviews. The products that the items refer to are not children: closing the sample
 * fetches them.
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
