/*
 * Locks the rows that the diff updates or deletes, and looks at them again: their xmin
 * tells which have been changed since the diff was made. Those are decided again by the
 * query that made the diff, over the rows as they are now, so that a newer row of another
 * session is kept as it would have been before. A delete of such a row is dropped.
 *
 * An insert has no row to lock. A unique index makes it fail if the key has been taken;
 * without one, the rows are counted. Both need a new diff, outside of this transaction.
 * So does a rollback for any of its rows, since a row that has changed is a conflict.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/plural.h"
#include "db/row.h"
#include "load/check/check.h"
#include "load/commit/apply.h"
#include "load/commit/diff.h"
#include "load/commit/diff_query.h"
#include "load/commit/fold.h"

typedef struct Locked
{
    int64_t rows;
    int64_t moved;
    int64_t outside; /* of the slice, by now */
} Locked;

/* Locks the rows of one op; the counts differ if others have changed or deleted rows. */
static bool
lock_op(Attempt *attempt, const LoadTable *table, DiffOp op, int64_t n_expected,
        Locked *locked)
{
    char *sql = diff_query_lock(table, op);
    PGresult *result;
    RowReader reader;

    if (attempt->locked_since <= 0)
        attempt->locked_since = clock_seconds();
    attempt->join = diff_choose_join(table, n_expected);
    result = attempt_query(attempt, sql);
    attempt->join = DIFF_JOIN_ANY;
    free(sql);
    if (result == NULL)
        return false;
    reader = row_reader(result);
    row_next(&reader);
    locked->rows = row_int64(&reader);
    locked->moved = row_int64(&reader);
    locked->outside = row_int64(&reader);
    PQclear(result);
    return true;
}

/* May the target's rows have changed between folding and diff? See diff.c. */
static bool
is_fold_uncertain(const Attempt *attempt, const LoadTable *table)
{
    return fold_query_is_by_time(table) && attempt->batch->stage_kind == STAGE_TEMPORARY;
}

/* Of several records of a key, others can be older than the target's row by now. */
static bool
fold_again(Attempt *attempt, const LoadTable *table)
{
    if (!fold_query_is_by_time(table))
        return true;
    if (is_fold_uncertain(attempt, table) &&
        !attempt_execute_free(attempt, fold_query_mark(table)))
        return false;
    return attempt_execute_free(attempt, fold_query_forget(table)) &&
           attempt_execute_free(attempt, fold_query(table, true));
}

static bool
fail_moved(Attempt *attempt, const LoadTable *table, int64_t n)
{
    return attempt_fail(attempt, ATTEMPT_MOVED,
                        "other sessions have changed %" PRId64 " row%s of table %s", n,
                        plural(n), table->name);
}

static bool
mark_moved(Attempt *attempt, LoadTable *table, int64_t n)
{
    table->counts.moved += n;
    return attempt_execute_free(attempt, diff_query_mark_moved(table));
}

static bool
lock_updates(Attempt *attempt, LoadTable *table, int64_t n_expected)
{
    Locked locked;
    bool is_same;

    if (n_expected == 0)
        return true;
    if (!lock_op(attempt, table, DIFF_UPDATE, n_expected, &locked))
        return false;
    is_same = locked.rows == n_expected && locked.moved == 0;
    if (!is_same && table->diff_select != NULL)
        return fail_moved(attempt, table, locked.moved + n_expected - locked.rows);
    if (is_same && !is_fold_uncertain(attempt, table))
        return true;
    if (!is_same && locked.outside > 0)
        return attempt_fail(attempt, ATTEMPT_REDIFF,
                            "other sessions have moved rows to another slice");
    return (is_same ||
            mark_moved(attempt, table, locked.moved + n_expected - locked.rows)) &&
           fold_again(attempt, table) &&
           attempt_execute_free(attempt, diff_query_decide_moved(table));
}

/* Of the rows that the batch lacks: deletes, or soft deletes. */
static bool
lock_deletes(Attempt *attempt, LoadTable *table, DiffOp op, int64_t n_expected,
             bool *is_changed)
{
    Locked locked;

    if (n_expected == 0)
        return true;
    if (!lock_op(attempt, table, op, n_expected, &locked))
        return false;
    if (locked.rows == n_expected && locked.moved == 0)
        return true;
    if (table->diff_select != NULL)
        return fail_moved(attempt, table, locked.moved + n_expected - locked.rows);
    table->counts.kept_moved += locked.moved;
    *is_changed = true;
    return attempt_execute_free(attempt, diff_query_forget_moved(table, op));
}

/* Without a unique index, only this shows that others have inserted a row. */
static bool
check_untaken(Attempt *attempt, const LoadTable *table)
{
    bool is_whole_row = diff_query_is_whole_row(table);
    char *select;
    char *sql;
    bool is_good;
    int64_t n;

    if (table->ops.inserts == 0 || (!is_whole_row && table->key->name != NULL))
        return true;
    select = is_whole_row ? diff_query(table) : diff_query_rows_count_taken(table);
    sql = is_whole_row ? mem_format("SELECT pg_catalog.count(*) FROM (%s) AS q", select)
                       : mem_copy_string(select);
    is_good = attempt_number(attempt, sql, &n);
    free(select);
    free(sql);
    if (!is_good)
        return false;
    if (n == (is_whole_row ? table->ops.inserts : 0))
        return true;
    return attempt_fail(attempt, ATTEMPT_REDIFF,
                        "other sessions have inserted the "
                        "same rows");
}

static bool
lock_table_rows(Attempt *attempt, LoadTable *table)
{
    bool is_changed = false;

    table->counts.moved = 0;
    table->counts.kept_moved = 0;
    if (table->apply != APPLY_DIFF || table->settings->mode == MODE_APPEND)
        return true;
    if (table->key == NULL)
        return check_untaken(attempt, table);
    if (!check_untaken(attempt, table) ||
        !lock_updates(attempt, table, table->ops.updates) ||
        !lock_deletes(attempt, table, DIFF_DELETE, table->ops.deletes, &is_changed) ||
        !lock_deletes(attempt, table, DIFF_SOFT_DELETE, table->ops.soft_deletes,
                      &is_changed))
        return false;
    if (table->counts.moved == 0 && !is_changed && !is_fold_uncertain(attempt, table))
        return true;
    if (!diff_count(attempt->batch->db, table))
        return attempt_fail(attempt, ATTEMPT_LOST, "lost the connection to the server");
    return true;
}

/* Would deletes cascade to rows that are new since the check of the diff? */
static bool
check_new_children(Attempt *attempt, const LoadTable *table)
{
    bool is_replaced = table->apply == APPLY_DELETE_INSERT;
    bool is_locked = !is_replaced;
    bool is_good = true;

    if (!is_replaced && (table->apply != APPLY_DIFF || table->ops.deletes == 0))
        return true;
    for (int i = 0; i < table->target->n_references && is_good; i++)
    {
        const TargetReference *reference = &table->target->references[i];
        char *sql = check_children_query(attempt->batch, table, reference);
        int64_t n = 0;

        if (sql == NULL)
            continue;
        if (!is_locked)
            is_good = attempt_execute_free(attempt, diff_query_rows_lock_all(table));
        is_locked = true;
        is_good = is_good && attempt_number(attempt, sql, &n);
        free(sql);
        if (n > 0)
            is_good =
                attempt_fail(attempt, ATTEMPT_REDIFF,
                             "other sessions have inserted rows of %s that reference "
                             "rows of %s to be deleted",
                             reference->foreign_key->referencing_qname, table->name);
    }
    return is_good;
}

bool
apply_lock_rows(Attempt *attempt)
{
    const LoadBatch *batch = attempt->batch;

    for (int i = 0; i < batch->n_tables; i++)
    {
        if (!lock_table_rows(attempt, &batch->tables[i]))
            return false;
    }
    for (int i = 0; i < batch->n_tables; i++)
    {
        if (!check_new_children(attempt, &batch->tables[i]))
            return false;
    }
    return true;
}
