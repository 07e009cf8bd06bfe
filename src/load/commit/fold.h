/*
 * Folding: several records of one key become one row, as if they were applied one after
 * the other, by timestamp, and then in the order of the input.
 *
 * A record that is whole replaces all that an earlier one had, so of such records the
 * last one is loaded and nothing is lost. But where records lack members, or merge keeps
 * values, or columns are immutable, each record contributes something:
 *
 *     {"id": 1, "a": 1}                          replace   a = 1, b = 2
 *     {"id": 1, "b": 2}         last one only    b = 2: a is lost
 *
 *     value of a column         the record that gives it
 *     replace                   the last one that has the member
 *     merge                     the last one whose value is not NULL
 *     immutable                 the first one, for a new row
 *     deleted_at                the last one
 *
 * The records of such keys are excluded when duplicates are found (check_keys.c): the
 * last one as EXCLUDED_FOLDED, the others as duplicates. Here they become rows of a table
 * like the staging table, under the number of the last one, which replaces them in all
 * that reads staged rows; the staging table keeps what was read, for messages. Records
 * that are older than the target's row do not take part, so the table is made again with
 * each diff, from the same snapshot, and for rows that others have changed since.
 *
 * One pass over the records of these keys, grouped by key; an aggregate for each column,
 * and for each array, of which aggregates would make more dimensions, the number of its
 * record, and a join.
 */
#ifndef LOAD_COMMIT_FOLD_H
#define LOAD_COMMIT_FOLD_H

#include "load/batch.h"

/* Makes table->folded, in place of an earlier one, if the table has folded records. */
void fold_build(LoadBatch *batch, LoadTable *table);

/* ---- fold_query.c: pure; statements are owned by the caller */

/* Does it depend on the target's rows what is folded? */
bool fold_query_is_by_time(const LoadTable *table);

/* Fills table->folded, or with is_moved, adds the rows of keys that are decided again. */
char *fold_query(const LoadTable *table, bool is_moved);
/* Deletes those. */
char *fold_query_forget(const LoadTable *table);
/* Has updates of the diff that are about folded rows decided again. */
char *fold_query_mark(const LoadTable *table);

#endif
