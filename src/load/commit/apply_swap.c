/*
 * Replacing a table by another one under its name.
 *
 * The rows are inserted into a new table beside the old one, with the same indexes,
 * constraints, defaults and sequences; then the two exchange their names. Building takes
 * as long as loading an empty table, but readers are blocked only for the exchange, a few
 * milliseconds. Writers are blocked from the beginning, since what they write to the old
 * table would be lost.
 *
 * The statements come from load_swap_statements.sql, in the order of their phases.
 */
#include "load/commit/apply.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "db/db.h"
#include "db/row.h"
#include "db/sql_text.h"
#include "load/commit/diff_query.h"

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

static bool
insert_rows(Attempt *attempt, LoadTable *table, const char *new_table)
{
    int64_t expected = table->counts.inserted;
    double start = clock_seconds();
    char *sql = diff_query_changes_insert_all(table, new_table);
    int64_t n;
    bool is_good = attempt_count(attempt, sql, &n);

    free(sql);
    table->insert_seconds = clock_seconds() - start;
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
    return apply_replace_count_old(attempt, table) &&
           run_phase(attempt, statements, SWAP_MAKE) &&
           insert_rows(attempt, table, PQgetvalue(statements, 0, 1)) &&
           run_phase(attempt, statements, SWAP_COMPLETE);
}

/* ---- the exchange */

/* ExclusiveWork: statements are those of the batch's tables; NULL: not exchanged. */
static bool
exchange_tables(Attempt *attempt, void *context)
{
    PGresult *const *statements = context;
    const LoadBatch *batch = attempt->batch;
    bool is_good = true;

    for (int i = 0; i < batch->n_tables && is_good; i++)
        is_good =
            statements[i] == NULL || (apply_exclusive_lock(attempt, &batch->tables[i]) &&
                                      run_phase(attempt, statements[i], SWAP_MOVE));
    for (int i = 0; i < batch->n_tables && is_good; i++)
        is_good =
            statements[i] == NULL || run_phase(attempt, statements[i], SWAP_EXCHANGE);
    return is_good;
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
    bool is_good =
        build_tables(attempt, statements, &n_swapped) &&
        (n_swapped == 0 || apply_exclusive_try(attempt, exchange_tables, statements));

    for (int i = 0; i < batch->n_tables; i++)
        PQclear(statements[i]);
    free(statements);
    return is_good;
}
