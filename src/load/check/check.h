/*
 * The checks between staging and commit, each a query over all rows of a table. Rows that
 * fail are rejected and excluded; what is wrong with the batch as a whole is a finding.
 * All checks run, so that one run reports all errors.
 *
 *     check_rows         each row by itself: NULL, CHECK constraints, the scope
 *     check_immutable    other values for immutable columns
 *     check_keys         rows with the same key; unique keys besides the table's key
 *     (the diff is made)
 *     check_written      rows as they will be: NULL, CHECK constraints
 *     check_references   and their foreign keys
 *     check_partitions   rows that no partition takes
 *     check_restored     of a rollback: the same as findings
 *     check_children     rows of other tables that refer to deleted ones
 *     check_guards       counts: --expect, --min-rows, --max-delete-pct
 *     check_assertions   queries of the user (--check)
 *     check_swap         what --apply=swap would drop
 *
 *     check_query*       the SQL of all of them, pure
 *     check_records      runs it: counts, rejects and excludes records
 *
 * The server would find most of these errors in the commit, but only the first one, by a
 * message without the record, and while the target is locked.
 */
#ifndef LOAD_CHECK_CHECK_H
#define LOAD_CHECK_CHECK_H

#include "load/batch.h"
#include "load/findings.h"
#include "load/stage/rejects.h"

/*
 * Each row by itself: NULL in the key, NOT NULL, CHECK, outside of the scope. Then rows
 * with the same key: all but one are excluded as duplicates (with DUPLICATES_ERROR they
 * are a finding). Creates table->excluded if rows are excluded, and sets has_excluded and
 * the counts.
 */
void check_rows(LoadBatch *batch, LoadTable *table, Rejects *rejects, Findings *findings);

/*
 * After the diffs of all tables: partitions, unique keys besides the table's key, foreign
 * keys against target and batch. A rejected row is removed from the diff, and can be the
 * referenced row of others, so this is repeated until no more rows are rejected. Rows
 * that swap values of a unique key, and keys that belong to another scope, are findings.
 * The commit must update before it inserts: a new row can have a unique value that an
 * update changes.
 */
void check_references(LoadBatch *batch, Rejects *rejects, Findings *findings);

/* Rows of other tables that refer to rows to be deleted. */
void check_children(LoadBatch *batch, Findings *findings);
/*
 * A query that counts the rows that the foreign key would delete or change by its ON
 * DELETE action; NULL: it does neither, or --allow-cascade is given. Owned by the caller.
 */
char *check_children_query(const LoadBatch *batch, const LoadTable *table,
                           const TargetReference *reference);

/* Expected counts, --min-rows, --max-delete-pct, empty tables. */
void check_guards(LoadBatch *batch, Findings *findings);

/* Instead of check_references() for a rollback: no row of it can be left out. */
void check_restored(LoadBatch *batch, Findings *findings);

/* The assertions of --check, in a READ ONLY transaction that is rolled back. */
void check_assertions(LoadBatch *batch, Findings *findings);

/*
 * For each table with APPLY_SWAP: every object that depends on it and would be dropped
 * (views, grants, triggers, policies, publications, foreign keys of others) is a finding.
 */
void check_swap(LoadBatch *batch, Findings *findings);

#endif
