/*
 * The difference between the batch and the target, as a table with a row for each row to
 * be inserted, updated or deleted, or skipped with a reason (diff_query.h).
 *
 * Writing only what differs keeps the commit short, and with it the locks: of 2 million
 * rows of which 7 percent differed, row locks lasted 6 to 18 s, where deleting and
 * inserting all rows took 176 s. Finding out what differs takes longer than that, but
 * needs no locks: one join of the staging table and the target. So rows can change
 * between diff and commit. The diff has the xmin of each row that it was compared with,
 * by which the commit finds those (apply_lock.c).
 *
 * For example, with the key first, --mode=full:
 *
 *     batch    (1,a) (2,b) (3,c)
 *     target   (1,a) (2,x) (4,d)
 *     diff     U (2,b)   I (3,c)   D (4)
 */
#ifndef LOAD_COMMIT_DIFF_H
#define LOAD_COMMIT_DIFF_H

#include "db/db.h"
#include "load/batch.h"

/* Makes the planner merge rows that are in order (LoadTable.is_sorted). */
#define DIFF_MERGE "SET LOCAL enable_hashjoin = off"
#define DIFF_MERGE_NO_MORE "SET LOCAL enable_hashjoin TO DEFAULT"

/* Makes the diff of the table, in place of an earlier one. */
void diff_build(LoadBatch *batch, LoadTable *table);

/*
 * Counts what the diff has (table->ops), and sets the table's counts by it; false when
 * the connection fails. Tables without a diff have nothing to count.
 */
bool diff_count(Db *db, LoadTable *table) __attribute__((warn_unused_result));

/* Does the table have a diff, or is it replaced without comparing? */
bool diff_is_needed(const LoadTable *table);

#endif
