/*
 * Direct mode: picks rows and closes the sample, with its rows in this program.
 *
 * Goes in: the plan, and the graph of foreign keys. Comes out: the rows (rowstore.h), and
 * by referenced key the values that rows have (Sample.keys), which the proof needs again.
 *
 *     for each component of the graph, referencing tables before referenced ones:
 *
 *     pick_rows(), down_fetch()
 *          |
 *          v
 *     collect_row(): keeps a row once, notes its keys, and  <--------+
 *          |         which keys and rows it refers to                |
 *          v                                                         |
 *     pending keys and row ids of this table and later ones  <--+    |
 *          |                                                    |    |
 *          |    reference_closure: ids by declared references --+    |
 *          |                                                         |
 *          +---- fetched when their table comes, --------------------+
 *                50,000 in a statement
 *
 * In this order a table without cycles is complete when it is left: its picked rows and
 * the rows that all others need are there. To go over all foreign keys until nothing is
 * added, which is the obvious way, took 10 or 11 passes over 43 foreign keys where this
 * order visits each of 31 tables once. Each key is looked up once: a pass looks only at
 * what the last one added (semi-naive evaluation).
 *
 * A cyclic component, such as employees who refer to their managers, repeats passes. A
 * long chain would take a pass for each of its rows, so when passes bring few rows the
 * rest is left to one recursive query, which returns row ids; the rows are then fetched
 * like others. A list of 100,000 rows took 1.6 s in this way, but about 1 ms a row in
 * passes. One recursive query for the whole graph would be ten times slower than passes.
 */
#ifndef SAMPLE_DIRECT_CLOSURE_H
#define SAMPLE_DIRECT_CLOSURE_H

#include "sample/closure_parts.h"

/* Rows of tables whose data is excluded are not fetched. */
void closure_run(Sample *sample, Session *session, ClosureStatistics *statistics);

#endif
