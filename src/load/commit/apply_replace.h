/*
 * Replacing a table or slice as a whole: TRUNCATE, and the counts that a replacement has.
 * DELETE and INSERT are in apply_changes.c.
 */
#ifndef LOAD_COMMIT_APPLY_REPLACE_H
#define LOAD_COMMIT_APPLY_REPLACE_H

#include "load/commit/attempt.h"

/* Counts every row of the batch as inserted, since nothing is compared. */
void apply_replace_set_counts(LoadTable *table);

/* Counts the rows that will be deleted, which neither TRUNCATE nor a swap reports. */
bool apply_replace_count_old(Attempt *attempt, LoadTable *table)
    __attribute__((warn_unused_result));

/* Empties all tables with APPLY_TRUNCATE in one statement, never with CASCADE. */
bool apply_replace_truncate(Attempt *attempt) __attribute__((warn_unused_result));

#endif
