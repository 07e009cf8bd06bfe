/*
 * Checks of what is staged, before the commit: each a statement over all rows, and all
 * that is found is told. Rows that do not pass are rejected and excluded; what speaks
 * against the batch as a whole is a finding.
 */
#ifndef LOAD_CHECK_CHECK_H
#define LOAD_CHECK_CHECK_H

#include "load/batch.h"
#include "load/findings.h"
#include "load/stage/rejects.h"

/*
 * Rows by themselves: NULL in the key, NOT NULL, CHECK, outside of the slice. Then rows
 * with the same key: all but one are excluded as duplicates (or a finding, with
 * DUPLICATES_ERROR). Creates table->excluded when there is something to exclude, and sets
 * has_excluded and the counts.
 */
void check_rows(LoadBatch *batch, LoadTable *table, Rejects *rejects, Findings *findings);

/*
 * After the diffs of all tables: partitions that take the rows, UNIQUE keys besides the
 * table's key, foreign keys against target and batch, until nothing more is found.
 * Rejected rows leave the diff. Values of unique keys that rows swap, and rows that
 * belong to another slice, are findings. The commit must update before it inserts, since
 * new rows may take what updated ones give up.
 */
void check_references(LoadBatch *batch, Rejects *rejects, Findings *findings);

/* Rows of other tables that refer to those that would be deleted. */
void check_children(LoadBatch *batch, Findings *findings);
/*
 * Counts the rows that the reference would let go, or change, along with deleted ones;
 * NULL: it lets none go, or may. Owned by the caller.
 */
char *check_children_query(const LoadBatch *batch, const LoadTable *table,
                           const TargetReference *reference);

/* Expected counts, --min-rows, --max-delete-pct, empty tables. */
void check_guards(LoadBatch *batch, Findings *findings);

/* The user's assertions, as the user's own SQL: READ ONLY, rolled back. */
void check_assertions(LoadBatch *batch, Findings *findings);

/*
 * For each table with APPLY_SWAP: everything that depends on it and would be lost (views,
 * grants, triggers, policies, publications, foreign keys of others, ...) is a finding.
 */
void check_swap(LoadBatch *batch, Findings *findings);

#endif
