#include <stdlib.h>

#include "db/row.h"
#include "load/apply.h"
#include "load/diff.h"
#include "load/query.h"

typedef struct Locked
{
    int64_t rows;
    int64_t moved;
    int64_t outside; /* of the slice, by now */
} Locked;

/* Locks the rows of one op; others are changed or gone if the numbers say so. */
static bool
lock_op(Attempt *attempt, const LoadTable *table, DiffOp op, Locked *locked)
{
    char *sql = query_lock(table, op);
    PGresult *result;
    RowReader reader;

    if (attempt->locked_since <= 0)
        attempt->locked_since = attempt_now();
    result = attempt_query(attempt, sql);
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

static bool
lock_updates(Attempt *attempt, LoadTable *table, int64_t n_expected)
{
    Locked locked;

    if (n_expected == 0)
        return true;
    if (!lock_op(attempt, table, DIFF_UPDATE, &locked))
        return false;
    if (locked.rows == n_expected && locked.moved == 0)
        return true;
    if (locked.outside > 0)
        return attempt_fail(attempt, ATTEMPT_REDIFF,
                            "others have moved rows to another slice");
    table->counts.moved += locked.moved + n_expected - locked.rows;
    return attempt_execute_free(attempt, query_mark_moved(table)) &&
           attempt_execute_free(attempt, query_decide_moved(table));
}

static bool
lock_deletes(Attempt *attempt, LoadTable *table, int64_t n_expected)
{
    Locked locked;

    if (n_expected == 0)
        return true;
    if (!lock_op(attempt, table, DIFF_DELETE, &locked))
        return false;
    if (locked.rows == n_expected && locked.moved == 0)
        return true;
    table->counts.kept_moved += locked.moved;
    return attempt_execute_free(attempt, query_forget_moved(table));
}

/* Without a unique index only this look tells that somebody was faster. */
static bool
check_untaken(Attempt *attempt, const LoadTable *table)
{
    bool is_whole_row = query_is_whole_row(table);
    char *select;
    char *sql;
    PGresult *result;
    int64_t n;

    if (table->ops.inserts == 0 || (!is_whole_row && table->key->name != NULL))
        return true;
    select = is_whole_row ? query_diff(table) : query_count_taken(table);
    sql = is_whole_row ? mem_format("SELECT pg_catalog.count(*) FROM (%s) AS q", select)
                       : mem_copy_string(select);
    result = attempt_query(attempt, sql);
    free(select);
    free(sql);
    if (result == NULL)
        return false;
    n = strtoll(PQgetvalue(result, 0, 0), NULL, 10);
    PQclear(result);
    if (n == (is_whole_row ? table->ops.inserts : 0))
        return true;
    return attempt_fail(attempt, ATTEMPT_REDIFF, "others have inserted the same rows");
}

static bool
lock_table_rows(Attempt *attempt, LoadTable *table)
{
    table->counts.moved = 0;
    table->counts.kept_moved = 0;
    if (table->apply != APPLY_DIFF || table->settings->mode == MODE_APPEND)
        return true;
    if (table->key == NULL)
        return check_untaken(attempt, table);
    if (!check_untaken(attempt, table) ||
        !lock_updates(attempt, table, table->ops.updates) ||
        !lock_deletes(attempt, table, table->ops.deletes))
        return false;
    if (table->counts.moved == 0 && table->ops.deletes == 0)
        return true;
    if (!diff_count(attempt->batch->db, table))
        return attempt_fail(attempt, ATTEMPT_LOST, "lost the connection to the server");
    return true;
}

bool
apply_lock_rows(Attempt *attempt)
{
    for (int i = 0; i < attempt->batch->n_tables; i++)
    {
        if (!lock_table_rows(attempt, &attempt->batch->tables[i]))
            return false;
    }
    return true;
}
