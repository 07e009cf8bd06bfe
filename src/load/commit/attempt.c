#include "load/commit/attempt.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "db/db.h"
#include "db/sqlstate.h"
#include "load/commit/diff.h"

enum
{
    LONG_TIME = 20 * 24 * 60 * 60 /* seconds; the server takes 24 days at most */
};

double
attempt_find_deadline(int timeout_ms)
{
    bool is_long = timeout_ms == 0 || timeout_ms / 1000 > LONG_TIME;

    return clock_seconds() + (is_long ? LONG_TIME : timeout_ms / 1000.0);
}

bool
attempt_fail(Attempt *attempt, AttemptResult result, const char *format, ...)
{
    va_list args;
    char *text;

    va_start(args, format);
    text = mem_vformat(format, args);
    va_end(args);
    diag_free(&attempt->diag);
    diag_set_message(&attempt->diag, "%s", text);
    free(text);
    attempt->result = result;
    return false;
}

static AttemptResult
classify(const PGresult *result)
{
    if (sqlstate_is(result, SQLSTATE_LOCK_NOT_AVAILABLE))
        return ATTEMPT_LOCKED;
    if (sqlstate_is(result, SQLSTATE_DEADLOCK_DETECTED) ||
        sqlstate_is(result, SQLSTATE_SERIALIZATION_FAILURE))
        return ATTEMPT_BEATEN;
    if (sqlstate_is(result, SQLSTATE_UNIQUE_VIOLATION) ||
        sqlstate_is(result, SQLSTATE_EXCLUSION_VIOLATION))
        return ATTEMPT_REDIFF;
    if (sqlstate_is(result, SQLSTATE_FOREIGN_KEY_VIOLATION))
        return ATTEMPT_BROKEN;
    return ATTEMPT_FAILED;
}

static bool
is_capturing(const Attempt *attempt)
{
    const LoadBatch *batch = attempt->batch;

    for (int i = 0; i < batch->n_tables; i++)
    {
        if (batch->tables[i].capture != NULL)
            return true;
    }
    return false;
}

static void
fail_by_server(Attempt *attempt, const PGresult *result)
{
    const char *primary = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    const char *hint = PQresultErrorField(result, PG_DIAG_MESSAGE_HINT);
    char *detail = db_error_detail(attempt->batch->db, result);

    attempt_fail(attempt, classify(result), "%s",
                 primary != NULL ? primary : PQresultErrorMessage(result));
    if (detail != NULL)
        diag_set_detail(&attempt->diag, "%s", detail);
    free(detail);
    if (sqlstate_is(result, SQLSTATE_QUERY_CANCELED))
        diag_set_hint(&attempt->diag, "Raise --transaction-timeout if the commit "
                                      "needs more time.");
    else if (sqlstate_is(result, SQLSTATE_PROGRAM_LIMIT_EXCEEDED) &&
             is_capturing(attempt))
        diag_set_hint(
            &attempt->diag,
            "Old and new values of a row together can be too large; load without "
            "--audit and with --no-undo.");
    else if (hint != NULL)
        diag_set_hint(&attempt->diag, "%s", hint);
}

/* What is left of the transaction's time, and how to join, for the next statement. */
static bool
set_local(Attempt *attempt)
{
    double left = attempt->deadline - clock_seconds();
    char *sql;
    PGresult *result;
    bool is_set;

    if (left <= 0)
        return attempt_fail(attempt, ATTEMPT_FAILED,
                            "the commit took longer than --transaction-timeout");
    sql = mem_format("SET LOCAL statement_timeout = %.0f;\n%s", left * 1000 + 1,
                     diff_get_join_settings(attempt->join));
    result = db_ask(attempt->batch->db, sql);
    free(sql);
    is_set = result != NULL && db_succeeded(result);
    if (result == NULL)
        attempt_fail(attempt, ATTEMPT_LOST, "lost the connection to the server");
    else if (!is_set)
        fail_by_server(attempt, result);
    PQclear(result);
    return is_set;
}

PGresult *
attempt_query(Attempt *attempt, const char *sql)
{
    PGresult *result;

    if (!set_local(attempt))
        return NULL;
    result = db_ask(attempt->batch->db, sql);
    if (result != NULL && db_succeeded(result))
        return result;
    if (result == NULL)
        attempt_fail(attempt, ATTEMPT_LOST, "lost the connection to the server");
    else
        fail_by_server(attempt, result);
    PQclear(result);
    return NULL;
}

PGresult *
attempt_query_oid(Attempt *attempt, const char *sql, CatalogOid oid)
{
    const char *place = strstr(sql, "$1");
    PGresult *result;
    PQExpBufferData text;

    initPQExpBuffer(&text);
    for (; place != NULL; place = strstr(sql, "$1"))
    {
        appendBinaryPQExpBuffer(&text, sql, (size_t)(place - sql));
        appendPQExpBuffer(&text, "%u", oid);
        sql = place + strlen("$1");
    }
    appendPQExpBufferStr(&text, sql);
    result = attempt_query(attempt, text.data);
    termPQExpBuffer(&text);
    return result;
}

bool
attempt_execute(Attempt *attempt, const char *sql)
{
    PGresult *result = attempt_query(attempt, sql);

    PQclear(result);
    return result != NULL;
}

bool
attempt_execute_free(Attempt *attempt, char *sql)
{
    bool is_done = attempt_execute(attempt, sql);

    free(sql);
    return is_done;
}

bool
attempt_number(Attempt *attempt, const char *sql, int64_t *n)
{
    PGresult *result = attempt_query(attempt, sql);

    if (result == NULL)
        return false;
    *n = strtoll(PQgetvalue(result, 0, 0), NULL, 10);
    PQclear(result);
    return true;
}

bool
attempt_count(Attempt *attempt, const char *sql, int64_t *n)
{
    PGresult *result = attempt_query(attempt, sql);

    if (result == NULL)
        return false;
    *n = strtoll(PQcmdTuples(result), NULL, 10);
    PQclear(result);
    return true;
}
