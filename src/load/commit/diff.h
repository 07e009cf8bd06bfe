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

/*
 * How a statement joins a diff with the target. Of rows that are in order the planner
 * knows neither that sorting them costs next to nothing, nor that looking a few of them
 * up in that order reads one page after the other.
 */
typedef enum DiffJoin
{
    DIFF_JOIN_ANY,
    DIFF_JOIN_MERGE, /* all rows of both tables are read in the order of the key */
    DIFF_JOIN_LOOKUP /* or those of the diff are looked up in the target's index */
} DiffJoin;

/* For n rows of the diff. */
DiffJoin diff_choose_join(const LoadTable *table, int64_t n);
/* The settings for it, for the rest of the transaction; no semicolon at the end. */
const char *diff_get_join_settings(DiffJoin join);

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
