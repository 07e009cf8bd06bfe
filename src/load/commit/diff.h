/*
 * The difference between what is staged and the target, without a lock on the target: a
 * table with a row for each row to be written, deleted or skipped (query.h).
 */
#ifndef LOAD_COMMIT_DIFF_H
#define LOAD_COMMIT_DIFF_H

#include "db/db.h"
#include "load/batch.h"

/* Makes the table's diff, over the one that is there already. */
void diff_build(LoadBatch *batch, LoadTable *table);

/*
 * Counts what the diff has (table->ops), and sets the table's counts by it; false when
 * the connection fails. Tables without a diff have nothing to count.
 */
bool diff_count(Db *db, LoadTable *table) __attribute__((warn_unused_result));

/* Has the table a diff, or is it replaced without looking? */
bool diff_is_needed(const LoadTable *table);

#endif
