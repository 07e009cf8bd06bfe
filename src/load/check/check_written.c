/*
 * A part of check_references(): each row as it will be. What the record alone decides
 * was found by check_rows() before; here are NOT NULL and CHECK constraints where the
 * target's row or a default decides as well. Rows whose values are only known when they
 * are inserted are left to the commit.
 */
#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/plural.h"
#include "db/db.h"
#include "db/sqlstate.h"
#include "load/check/check_internal.h"
#include "load/effective.h"

static const char trigger_hint[] = "A trigger of the table may change that; otherwise "
                                   "the commit will fail.";

static bool
has_row_trigger(const LoadTable *table)
{
    return table->target->has_insert_trigger || table->target->has_update_trigger;
}

/* ---- NOT NULL */

static int64_t
reject_nulls(LoadBatch *batch, LoadTable *table, int column, Rejects *rejects)
{
    const char *name = table->target->relation->columns[column].name;
    char *reason = mem_format("null value in column \"%s\", which is NOT NULL", name);
    const Reject reject = {.kind = REJECT_CHECK,
                           .sqlstate = SQLSTATE_NOT_NULL_VIOLATION,
                           .column = name,
                           .reason = reason};
    PQExpBufferData sql;
    int64_t n;

    initPQExpBuffer(&sql);
    check_query_null(&sql, table, column);
    n = check_records_count(batch->db, sql.data);
    if (n > 0 && has_row_trigger(table))
    {
        log_warning_hint(trigger_hint, "%s: %lld row%s: %s", table->name, (long long)n,
                         plural(n), reason);
        n = 0;
    }
    else if (n > 0)
        n = check_records_remove(batch, table, rejects, sql.data, &reject);
    termPQExpBuffer(&sql);
    free(reason);
    return n;
}

static int64_t
check_nulls(LoadBatch *batch, LoadTable *table, Rejects *rejects)
{
    int64_t n_all = 0;
    int n;
    const int *columns = batch_get_written(table, &n);

    if (!effective_is_needed(table))
        return 0;
    for (int i = 0; i < n; i++)
    {
        const Column *column = &table->target->relation->columns[columns[i]];

        if (column->is_not_null && !effective_is_updated_at(table, columns[i]))
            n_all += reject_nulls(batch, table, columns[i], rejects);
    }
    return n_all;
}

/* ---- CHECK */

/* The reason, owned by the caller. */
static char *
describe_violation(const LoadTable *table, const TargetCheck *check)
{
    bool is_all = batch_has_columns(table, check->columns, check->n_columns);

    return mem_format("violates CHECK constraint \"%s\"%s", check->name,
                      is_all ? "" : ", together with columns that the input lacks");
}

static int64_t
reject_violations(LoadBatch *batch, LoadTable *table, const TargetCheck *check,
                  Rejects *rejects, const char *records)
{
    char *reason = describe_violation(table, check);
    Reject reject = {.kind = REJECT_CHECK,
                     .sqlstate = SQLSTATE_CHECK_VIOLATION,
                     .reason = reason};
    int64_t n;

    if (check->n_columns == 1)
        reject.column = table->target->relation->columns[check->columns[0]].name;
    n = check_records_remove(batch, table, rejects, records, &reject);
    free(reason);
    return n;
}

static bool
is_checked_here(const LoadTable *table, const TargetCheck *check)
{
    return !check->has_whole_row &&
           (effective_is_needed(table) ||
            !batch_has_columns(table, check->columns, check->n_columns)) &&
           check_query_can_see(table, check->columns, check->n_columns);
}

static int64_t
check_constraint(LoadBatch *batch, LoadTable *table, const TargetCheck *check,
                 Rejects *rejects)
{
    PQExpBufferData sql;
    int64_t n;

    initPQExpBuffer(&sql);
    check_query_check(&sql, table, check);
    db_set_context(batch->db,
                   "could not evaluate CHECK constraint \"%s\" of table %s over the rows "
                   "to be loaded",
                   check->name, table->qname);
    n = check_records_count(batch->db, sql.data);
    db_set_context(batch->db, NULL);
    if (n > 0 && has_row_trigger(table))
    {
        log_warning_hint(trigger_hint, "%s: %lld row%s CHECK constraint \"%s\"",
                         table->name, (long long)n,
                         plural_choose(n, " violates", "s violate"), check->name);
        n = 0;
    }
    else if (n > 0)
        n = reject_violations(batch, table, check, rejects, sql.data);
    termPQExpBuffer(&sql);
    return n;
}

int64_t
check_written(LoadBatch *batch, LoadTable *table, Rejects *rejects)
{
    int64_t n_all = check_nulls(batch, table, rejects);

    for (int i = 0; i < table->target->n_checks; i++)
    {
        if (is_checked_here(table, &table->target->checks[i]))
            n_all += check_constraint(batch, table, &table->target->checks[i], rejects);
    }
    return n_all;
}
