/*
 * What the commit does to the tables, within the transaction of an attempt. Each function
 * works on all tables of the batch and returns false when the attempt has ended.
 *
 * The order: rows whose unique values are taken over go first; then, referenced tables
 * first, updates and inserts; then, referencing tables first, the other deletes.
 */
#ifndef LOAD_COMMIT_APPLY_H
#define LOAD_COMMIT_APPLY_H

#include "load/commit/attempt.h"
#include "load/findings.h"

/* Locks the target's rows of all diffs, and decides again what was changed meanwhile. */
bool apply_lock_rows(Attempt *attempt) __attribute__((warn_unused_result));

/*
 * Changes of tables that refer to each other in a circle are one statement, and there is
 * none for tables with a rule that does something more: such a rule is a finding.
 */
void apply_changes_check(const LoadBatch *batch, Findings *findings);

/* The changes of the diffs and the replacements, and that their numbers are right. */
bool apply_changes(Attempt *attempt) __attribute__((warn_unused_result));

#endif
