/*
 * The SQL of rollbacks. One statement each, without a semicolon, owned by the caller.
 *
 * A composed table (s) has a row for each key: RECORD_COLUMN, is_before and is_after (did
 * the row exist?), is_broken (others have changed it between two runs), and old_N and
 * new_N, the images before and after, as in undo tables. Columns of the target (t) have
 * their own names, those of s never do.
 *
 * Pure: no server, no output.
 */
#ifndef LOAD_ROLLBACK_ROLLBACK_QUERY_H
#define LOAD_ROLLBACK_ROLLBACK_QUERY_H

#include "load/rollback/rollback.h"

#define CONFLICT_COLUMN "_pg_sample_load_conflict" /* of a diff: a ConflictKind or NULL */

/* How a row is not as the load left it. */
typedef enum ConflictKind
{
    CONFLICT_CHANGED = 'C',
    CONFLICT_GONE = 'G',
    CONFLICT_RETURNED = 'R', /* it exists again */
    CONFLICT_BETWEEN = 'B'   /* changed by others between two runs */
} ConflictKind;

/* The composed table, as a SELECT from the undo tables. */
char *rollback_query_compose(const RollbackTable *undone);

/*
 * The diff, as a SELECT from the composed table: rows that are not as they were before
 * the load, with CONFLICT_COLUMN. Unless forced, the op of conflicts is DIFF_CONFLICT.
 */
char *rollback_query_diff(const RollbackTable *undone, bool is_forced);

/*
 * INSERT into the diff: conflicts that are as they were before the load, but that the
 * other undo table has as well; the columns there have the numbers.
 */
char *rollback_query_add_later(const RollbackTable *undone, const char *other,
                               const int *numbers);

/* How many rows of the diff are not what they should be after the changes. */
char *rollback_query_proof(const RollbackTable *undone);

/* SELECT of the number of conflicts. */
char *rollback_query_count_conflicts(const RollbackTable *undone);
/* SELECT of the first ones: record, key as text, ConflictKind. */
char *rollback_query_conflicts(const RollbackTable *undone, int limit);
/* SELECT of the records among these that the other undo table has as well; the columns
 * there have the numbers. */
char *rollback_query_shared(const RollbackTable *undone, const char *other,
                            const int *numbers, int limit);

#endif
