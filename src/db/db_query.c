#include <string.h>

#include "base/die.h"
#include "base/mem.h"
#include "base/plural.h"
#include "base/signals.h"
#include "db/db_internal.h"

PGresult *
db_query(Db *db, const char *sql)
{
    PGresult *result = db_try(db, sql);

    if (!db_succeeded(result))
        db_error_die(db, result, NULL);
    return result;
}

/* Keeps the last n results: what db_post() sends before the queries has some as well. */
static void
keep_result(PGresult **results, int *n_results, int n, PGresult *result)
{
    if (*n_results == n)
    {
        PQclear(results[0]);
        memmove(results, results + 1, (size_t)(n - 1) * sizeof(*results));
        (*n_results)--;
    }
    results[(*n_results)++] = result;
}

void
db_query_many_begin(Db *db, const char *sql)
{
    db_post_or_die(db, sql);
}

void
db_query_many_end(Db *db, PGresult **results, int n)
{
    PGresult *failed = NULL;
    PGresult *result;
    int n_results = 0;

    while ((result = db_next_result(db)) != NULL)
    {
        if (failed == NULL && !db_succeeded(result))
            failed = result;
        else if (failed == NULL)
            keep_result(results, &n_results, n, result);
        else
            PQclear(result);
    }
    signals_check();
    if (db_is_lost(db))
        db_die_lost(db);
    if (failed != NULL)
        db_error_die(db, failed, NULL);
    if (n_results < n)
        die_message(EXIT_SERVER, "%d quer%s returned %d result%s", n,
                    plural_choose(n, "y", "ies"), n_results, plural(n_results));
}

/* Where what is set counts only in a transaction, parameters need one, too. */
static bool
begin_alone(Db *db)
{
    if (!db_is_between_transactions(db))
        return false;
    db_execute(db, "BEGIN");
    return true;
}

PGresult *
db_query_params(Db *db, const char *sql, int n_params, const char *const *values)
{
    bool is_alone = begin_alone(db);
    PGresult *result;

    signals_check();
    if (PQsendQueryParams(db->connection, sql, n_params, NULL, values, NULL, NULL, 0) ==
        0)
        db_die_lost(db);
    result = db_collect_result(db, NULL, 0);
    if (!db_succeeded(result))
        db_error_die(db, result, NULL);
    if (is_alone)
        db_execute(db, "COMMIT");
    return result;
}

PGresult *
db_query_rule(Db *db, const char *sql)
{
    PGresult *result = db_try(db, sql);

    if (!db_succeeded(result))
        db_error_die_rule(db, result);
    return result;
}

PGresult *
db_query_check_row(PGresult *result, const char *sql)
{
    if (PQntuples(result) != 1)
        die_message(EXIT_SERVER, "a query returned %d row%s where one was expected: %s",
                    PQntuples(result), plural(PQntuples(result)), sql);
    return result;
}

PGresult *
db_query_row(Db *db, const char *sql)
{
    return db_query_check_row(db_query(db, sql), sql);
}

char *
db_query_value(Db *db, const char *sql)
{
    return db_query_take_value(db_query_row(db, sql));
}

char *
db_query_take_value(PGresult *result)
{
    char *value =
        PQgetisnull(result, 0, 0) ? NULL : mem_copy_string(PQgetvalue(result, 0, 0));

    PQclear(result);
    return value;
}
