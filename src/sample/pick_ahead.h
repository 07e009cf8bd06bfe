/*
 * Picking rows of many tables with one question.
 *
 * In a database of thousands of small tables most of the time goes into asking: a round
 * trip for each table, with the server idle while the program reads and the program idle
 * while the server plans. But which rows the limit rules pick does not depend on what
 * else is in the sample, and most picks are one statement each. So before the first
 * relation of a component is picked from, the statements of the next hundred relations,
 * of this component and the following ones, are sent together, and their rows are taken
 * into the sample as they come. Rows that others refer to come later, as always: so that
 * the rows of a relation are the same, and are in the same order, as if it were picked
 * from alone.
 *
 * A statement that fails is known by its place among the others, so that with
 * --continue-on-error one table is skipped; in staging mode, where they are INSERTs of
 * one transaction, each table is tried alone then.
 *
 * Before that, in direct mode, percentages become numbers of rows, with two questions
 * for a hundred relations (pick_rule.h).
 *
 * Relations whose picks depend on other answers (--random, conditions, lookups) are
 * picked from in their turn (pick.h), and so are all of them while there is a budget:
 * what its message says would depend on the order. The same where rows are read in
 * chunks, because of the server's lock slots.
 */
#ifndef SAMPLE_PICK_AHEAD_H
#define SAMPLE_PICK_AHEAD_H

#include "sample/sample.h"
#include "sample/session.h"

/* Where rows of a sample are picked that can be picked now, from this component on. */
void pick_ahead(Sample *sample, Session *session, const Component *component);

#endif
