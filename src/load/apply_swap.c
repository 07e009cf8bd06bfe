#include "load/apply_swap.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/signals.h"
#include "base/strbuf.h"
#include "db/db.h"
#include "db/db_error.h"
#include "db/row.h"
#include "db/sql_text.h"
#include "load/query.h"

enum
{
    LOCK_TRY = 50, /* milliseconds that others have to wait behind us for the lock ... */
    LOCK_PAUSE = 300 /* ... and in which they may go on, before it is tried again */
};

/* Of load_swap_statements.sql. */
typedef enum SwapPhase
{
    SWAP_NAME,
    SWAP_MAKE,
    SWAP_COMPLETE,
    SWAP_MOVE,
    SWAP_EXCHANGE
} SwapPhase;

/* ---- building */

static bool
run_phase(Attempt *attempt, const PGresult *statements, SwapPhase phase)
{
    RowReader reader = row_reader(statements);
    bool is_good = true;

    while (is_good && row_next(&reader))
    {
        if (row_int(&reader) == (int)phase)
            is_good = attempt_execute(attempt, row_text(&reader));
    }
    return is_good;
}

/* Of the old rows, for the report. */
static bool
count_old_rows(Attempt *attempt, LoadTable *table)
{
    char *sql = mem_format("SELECT pg_catalog.count(*) FROM %s AS t", table->rows);
    PGresult *result = attempt_query(attempt, sql);

    free(sql);
    if (result == NULL)
        return false;
    table->counts.deleted = strtoll(PQgetvalue(result, 0, 0), NULL, 10);
    PQclear(result);
    return true;
}

static bool
insert_rows(Attempt *attempt, LoadTable *table, const char *new_table)
{
    int64_t expected = table->counts.inserted;
    double start = attempt_now();
    char *sql = query_insert_all(table, new_table);
    int64_t n;
    bool is_good = attempt_count(attempt, sql, &n);

    free(sql);
    table->insert_seconds = attempt_now() - start;
    if (is_good && n != expected)
        return attempt_fail(attempt, ATTEMPT_FAILED,
                            "Row count mismatch! Staging: %" PRId64 ", Inserted: %" PRId64
                            " (table %s)",
                            expected, n, table->name);
    return is_good;
}

/* The first row is the new table's name. */
static bool
build_table(Attempt *attempt, LoadTable *table, const PGresult *statements)
{
    return count_old_rows(attempt, table) && run_phase(attempt, statements, SWAP_MAKE) &&
           insert_rows(attempt, table, PQgetvalue(statements, 0, 1)) &&
           run_phase(attempt, statements, SWAP_COMPLETE);
}

/* ---- the exchange */

static bool
lock_old_table(Attempt *attempt, const LoadTable *table)
{
    char *sql = mem_format("LOCK TABLE %s IN ACCESS EXCLUSIVE MODE", table->qname);

    if (!attempt_execute_free(attempt, sql))
        return false;
    if (attempt->exclusive_since <= 0)
        attempt->exclusive_since = attempt_now();
    return true;
}

/* Statements are those of the batch's tables; NULL: the table is not exchanged. */
static bool
exchange_tables(Attempt *attempt, PGresult *const *statements)
{
    const LoadBatch *batch = attempt->batch;
    bool is_good = true;

    for (int i = 0; i < batch->n_tables && is_good; i++)
        is_good = statements[i] == NULL || (lock_old_table(attempt, &batch->tables[i]) &&
                                            run_phase(attempt, statements[i], SWAP_MOVE));
    for (int i = 0; i < batch->n_tables && is_good; i++)
        is_good =
            statements[i] == NULL || run_phase(attempt, statements[i], SWAP_EXCHANGE);
    return is_good;
}

/* False: the transaction cannot go on. */
static bool
undo_try(Attempt *attempt, double exclusive_since)
{
    PGresult *result = db_ask(attempt->batch->db, "ROLLBACK TO SAVEPOINT exchange");
    bool is_good = result != NULL && db_succeeded(result);

    PQclear(result);
    if (!is_good)
        return attempt_fail(attempt, ATTEMPT_LOST, "lost the connection to the server");
    diag_free(&attempt->diag);
    attempt->result = ATTEMPT_DONE;
    attempt->exclusive_since = exclusive_since;
    return true;
}

/* Is there time for another try? */
static bool
may_try_again(const Attempt *attempt, double start)
{
    double now = attempt_now();
    double limit = attempt->batch->settings->lock_timeout / 1000.0;

    return attempt->result == ATTEMPT_LOCKED && now + 0.35 < attempt->deadline &&
           (limit <= 0 || now - start < limit);
}

static void
pause_between_tries(void)
{
    struct timespec pause = {.tv_nsec = LOCK_PAUSE * 1000000L};

    nanosleep(&pause, NULL);
    signals_check();
}

/*
 * Who waits for a lock that excludes all others makes everybody wait behind it. So we
 * wait for a moment only, let the others go on, and try again.
 */
static bool
exchange_patiently(Attempt *attempt, PGresult *const *statements)
{
    double start = attempt_now();
    double exclusive_since = attempt->exclusive_since;
    char *short_timeout = mem_format("SET LOCAL lock_timeout = %d", LOCK_TRY);
    char *full_timeout =
        mem_format("SET LOCAL lock_timeout = %d", attempt->batch->settings->lock_timeout);
    bool is_done = false;

    while (attempt->result == ATTEMPT_DONE && !is_done)
    {
        is_done = attempt_execute(attempt, "SAVEPOINT exchange") &&
                  attempt_execute(attempt, short_timeout) &&
                  exchange_tables(attempt, statements);
        if (is_done || !may_try_again(attempt, start) ||
            !undo_try(attempt, exclusive_since))
            break;
        pause_between_tries();
    }
    if (is_done)
        attempt->report->wait_seconds += attempt->exclusive_since - start;
    is_done = is_done && attempt_execute(attempt, "RELEASE SAVEPOINT exchange") &&
              attempt_execute(attempt, full_timeout);
    free(short_timeout);
    free(full_timeout);
    return is_done;
}

/* Sets *n_swapped. */
static bool
build_tables(Attempt *attempt, PGresult **statements, int *n_swapped)
{
    LoadBatch *batch = attempt->batch;

    for (int i = 0; i < batch->n_tables; i++)
    {
        LoadTable *table = &batch->tables[i];

        if (table->apply != APPLY_SWAP)
            continue;
        statements[i] = attempt_query_oid(attempt, sql_load_swap_statements,
                                          table->target->relation->oid);
        if (statements[i] == NULL || !build_table(attempt, table, statements[i]))
            return false;
        (*n_swapped)++;
    }
    return true;
}

bool
apply_swap(Attempt *attempt)
{
    LoadBatch *batch = attempt->batch;
    PGresult **statements = mem_alloc_zero((size_t)batch->n_tables, sizeof(PGresult *));
    int n_swapped = 0;
    bool is_good = build_tables(attempt, statements, &n_swapped) &&
                   (n_swapped == 0 || exchange_patiently(attempt, statements));

    for (int i = 0; i < batch->n_tables; i++)
        PQclear(statements[i]);
    free(statements);
    return is_good;
}
