/*
 * What an attempt does to the tables, within its transaction. Each function works on all
 * tables of the batch, and returns false when the attempt has ended.
 *
 * The commit first locks and looks at the rows again, since the diff was made without
 * locks. Tables are locked by commit_lock_tables() in the order of their oids, rows here
 * in the order of their keys, so that two loads wait for each other but never in a
 * circle.
 *
 * Then the changes follow, in an order in which no constraint is violated: deletes of
 * rows whose unique values are reused; updates and inserts, referenced tables first; the
 * other deletes, referencing tables first. For example, with lines referencing orders:
 *
 *     DELETE FROM orders ...    if an inserted order reuses a unique value
 *     UPDATE, INSERT orders     then UPDATE, INSERT lines
 *     DELETE FROM lines         then DELETE FROM orders
 */
#ifndef LOAD_COMMIT_APPLY_H
#define LOAD_COMMIT_APPLY_H

#include "load/commit/attempt.h"
#include "load/findings.h"

/*
 * Locks the target's rows of all diffs, and decides again those that others have changed.
 */
bool apply_lock_rows(Attempt *attempt) __attribute__((warn_unused_result));

/*
 * Changes of tables in a cycle of foreign keys are a single statement. A rule that adds
 * actions makes that impossible for its table, which is a finding.
 */
void apply_changes_check(const LoadBatch *batch, Findings *findings);

/* The changes of the diffs and the replacements, and that their numbers are right. */
bool apply_changes(Attempt *attempt) __attribute__((warn_unused_result));

/* ---- apply_exclusive.c */

/* Takes the locks by apply_exclusive_lock(). Can be rolled back and called again. */
typedef bool (*ExclusiveWork)(Attempt *attempt, void *context);

bool apply_exclusive_lock(Attempt *attempt, const LoadTable *table)
    __attribute__((warn_unused_result));

/* Calls the work until its locks are granted, or fails after --lock-timeout. */
bool apply_exclusive_try(Attempt *attempt, ExclusiveWork work, void *context)
    __attribute__((warn_unused_result));

/* Adds the time since the first lock to the report. */
void apply_exclusive_end(Attempt *attempt);

/* ---- apply_replace.c */

/* Counts every row of the batch as inserted, since nothing is compared. */
void apply_replace_set_counts(LoadTable *table);

/* Counts the rows that will be deleted, which neither TRUNCATE nor a swap reports. */
bool apply_replace_count_old(Attempt *attempt, LoadTable *table)
    __attribute__((warn_unused_result));

/* Empties all tables with APPLY_TRUNCATE in one statement, never with CASCADE. */
bool apply_replace_truncate(Attempt *attempt) __attribute__((warn_unused_result));

/* ---- apply_swap.c */

/* Builds and exchanges all tables with APPLY_SWAP. */
bool apply_swap(Attempt *attempt) __attribute__((warn_unused_result));

#endif
