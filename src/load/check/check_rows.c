/*
 * A part of check.h: each row by itself. One query over the staging table counts the rows
 * with each problem at once; only if there are any, a query for that problem reads them.
 */
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/plural.h"
#include "db/db.h"
#include "db/sqlstate.h"
#include "load/check/check_internal.h"
#include "load/effective.h"

#define SAVEPOINT "pg_sample_load_check"

typedef struct RowCheck
{
    LoadBatch *batch;
    LoadTable *table;
    Problem *problems;
    int64_t *counts; /* of rows with each problem */
    int n_problems;
    bool has_checks;
} RowCheck;

static void
add_problem(RowCheck *check, ProblemKind kind, int number)
{
    check->problems[check->n_problems++] = (Problem){.kind = kind, .number = number};
}

static bool
is_in_table_key(const LoadTable *table, int column)
{
    for (int i = 0; table->key != NULL && i < table->key->n_parts; i++)
    {
        if (table->key->parts[i].column == column)
            return true;
    }
    return false;
}

/* What can be wrong with rows of this table. */
static void
choose_problems(RowCheck *check)
{
    const LoadTable *table = check->table;
    const Target *target = table->target;
    bool needs_key = table->key != NULL && table->settings->mode != MODE_APPEND;

    if (needs_key)
        add_problem(check, PROBLEM_NULL_KEY, 0);
    /* what is more than the record is checked by check_written() */
    for (int i = 0; i < table->n_columns && !effective_is_needed(table); i++)
    {
        int column = table->columns[i];

        if (target->relation->columns[column].is_not_null &&
            !(needs_key && is_in_table_key(table, column)))
            add_problem(check, PROBLEM_NULL, column);
    }
    for (int i = 0; i < target->n_checks && !effective_is_needed(table); i++)
    {
        const TargetCheck *found = &target->checks[i];

        if (found->has_whole_row ||
            !batch_has_columns(check->table, found->columns, found->n_columns))
            continue;
        add_problem(check, PROBLEM_CHECK, i);
        check->has_checks = true;
    }
    if (table->scope_condition != NULL)
        add_problem(check, PROBLEM_OUTSIDE, 0);
}

/* Is it an error of the data, which would occur again? */
static bool
is_of_data(const PGresult *result)
{
    static const char *const passing[] = {SQLSTATE_CLASS_OPERATOR_INTERVENTION,
                                          SQLSTATE_CLASS_INSUFFICIENT_RESOURCES,
                                          SQLSTATE_CLASS_TRANSACTION_ROLLBACK, NULL};

    return sqlstate_is(result, SQLSTATE_ANY) && !sqlstate_is_any(result, passing);
}

/* Ends the program with the name of the constraint that failed, if it is found. */
static void
die_unevaluated(const RowCheck *check)
{
    Db *db = check->batch->db;
    PQExpBufferData sql;

    initPQExpBuffer(&sql);
    for (int i = 0; i < check->n_problems; i++)
    {
        const Problem *problem = &check->problems[i];
        PGresult *result;

        if (problem->kind != PROBLEM_CHECK)
            continue;
        resetPQExpBuffer(&sql);
        check_query_counts(&sql, check->table, problem, 1);
        result = db_try(db, sql.data);
        if (!db_succeeded(result))
        {
            if (sqlstate_is(result, SQLSTATE_IN_FAILED_SQL_TRANSACTION))
                break;
            db_set_context(db,
                           "could not evaluate CHECK constraint \"%s\" of table %s over "
                           "the rows to be loaded",
                           check->table->target->checks[problem->number].name,
                           check->table->qname);
            db_error_die(db, result, NULL);
        }
        PQclear(result);
    }
    termPQExpBuffer(&sql);
}

static PGresult *
query_counts(const RowCheck *check, const char *sql)
{
    Db *db = check->batch->db;
    bool has_savepoint = check->has_checks && check->batch->stage_kind == STAGE_TEMPORARY;
    PGresult *result;

    if (has_savepoint)
        db_execute(db, "SAVEPOINT " SAVEPOINT);
    result = db_try(db, sql);
    if (!db_succeeded(result))
    {
        if (check->has_checks && is_of_data(result))
        {
            if (has_savepoint)
                db_execute(db, "ROLLBACK TO SAVEPOINT " SAVEPOINT);
            die_unevaluated(check);
        }
        db_set_context(db, "could not check the rows of table %s", check->table->qname);
        db_error_die(db, result, NULL);
    }
    if (has_savepoint)
        db_execute(db, "RELEASE SAVEPOINT " SAVEPOINT);
    return result;
}

static void
count_problems(RowCheck *check)
{
    PQExpBufferData sql;
    PGresult *result;
    int64_t n_rows;

    initPQExpBuffer(&sql);
    check_query_counts(&sql, check->table, check->problems, check->n_problems);
    result = query_counts(check, sql.data);
    n_rows = strtoll(PQgetvalue(result, 0, 0), NULL, 10);
    for (int i = 0; i < check->n_problems; i++)
        check->counts[i] = strtoll(PQgetvalue(result, 0, i + 1), NULL, 10);
    PQclear(result);
    termPQExpBuffer(&sql);
    if (!check->table->has_excluded && n_rows != check->table->n_staged)
        die_hint(EXIT_SERVER,
                 "Staging tables are emptied when the server crashes; load again.",
                 "Row count mismatch! Table %s: %lld row%s staged, %lld found",
                 check->table->qname, (long long)check->table->n_staged,
                 plural_choose(check->table->n_staged, " was", "s were"),
                 (long long)n_rows);
}

/* The reason, owned by the caller; the rest of the reject is filled in. */
static char *
describe_problem(const RowCheck *check, const Problem *problem, Reject *reject)
{
    const Target *target = check->table->target;

    *reject = (Reject){.kind = REJECT_CHECK};
    switch (problem->kind)
    {
        case PROBLEM_NULL_KEY:
            reject->kind = REJECT_NULL_KEY;
            reject->sqlstate = SQLSTATE_NOT_NULL_VIOLATION;
            if (check->table->key->n_parts == 1)
                reject->column =
                    target->relation->columns[check->table->key->parts[0].column].name;
            return mem_format("null value in the key");
        case PROBLEM_NULL:
            reject->sqlstate = SQLSTATE_NOT_NULL_VIOLATION;
            reject->column = target->relation->columns[problem->number].name;
            return mem_format("null value in column \"%s\", which is NOT NULL",
                              reject->column);
        case PROBLEM_CHECK:
            reject->sqlstate = SQLSTATE_CHECK_VIOLATION;
            if (target->checks[problem->number].n_columns == 1)
                reject->column =
                    target->relation->columns[target->checks[problem->number].columns[0]]
                        .name;
            return mem_format("violates CHECK constraint \"%s\"",
                              target->checks[problem->number].name);
        case PROBLEM_OUTSIDE:
            return mem_format("outside of the slice");
    }
    return NULL;
}

/* Can a row trigger of the table correct it? */
static bool
is_forgivable(const RowCheck *check, const Problem *problem)
{
    const Target *target = check->table->target;

    return (problem->kind == PROBLEM_NULL || problem->kind == PROBLEM_CHECK) &&
           (target->has_insert_trigger || target->has_update_trigger);
}

static void
reject_problems(const RowCheck *check, Rejects *rejects, PQExpBufferData *records)
{
    for (int i = 0; i < check->n_problems; i++)
    {
        Reject reject;
        char *reason;

        initPQExpBuffer(&records[i]);
        if (check->counts[i] == 0)
            continue;
        reason = describe_problem(check, &check->problems[i], &reject);
        if (is_forgivable(check, &check->problems[i]))
            log_warning_hint("A trigger of the table may change that; otherwise the "
                             "commit will fail.",
                             "%s: %lld row%s: %s", check->table->name,
                             (long long)check->counts[i], plural(check->counts[i]),
                             reason);
        else
        {
            reject.reason = reason;
            check_query_problem(&records[i], check->table, &check->problems[i]);
            check_records_reject(check->batch, check->table, rejects, records[i].data,
                                 &reject);
        }
        free(reason);
    }
}

void
check_rows(LoadBatch *batch, LoadTable *table, Rejects *rejects, Findings *findings)
{
    RowCheck check = {.batch = batch, .table = table};
    size_t n_most = (size_t)table->n_columns + (size_t)table->target->n_checks + 2;
    PQExpBufferData *records;
    PQExpBufferData all;

    if (batch->stage_kind == STAGE_NONE)
        return;
    check.problems = mem_alloc_zero(n_most, sizeof(Problem));
    check.counts = mem_alloc_zero(n_most, sizeof(int64_t));
    records = mem_alloc_zero(n_most, sizeof(*records));
    choose_problems(&check);
    count_problems(&check);
    reject_problems(&check, rejects, records);
    initPQExpBuffer(&all);
    for (int i = 0; i < check.n_problems; i++)
    {
        if (records[i].len > 0)
            appendPQExpBuffer(&all, "%s%s", all.len > 0 ? "\nUNION\n" : "",
                              records[i].data);
        termPQExpBuffer(&records[i]);
    }
    if (all.len > 0)
        (void)check_records_exclude(batch, table, all.data, 'e');
    termPQExpBuffer(&all);
    free(records);
    free(check.problems);
    free(check.counts);
    check_immutable(batch, table, IMMUTABLE_BASE_TARGET, rejects);
    check_keys_duplicates(batch, table, rejects, findings);
}
