
#include "base/die.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/recovery.h"
#include "base/signals.h"
#include "db/db_internal.h"
#include "db/row.h"
#include "db/sql_text.h"
#include "db/sqlstate.h"

/* Which sessions keep others waiting, as a second connection sees it. */
static void
append_blockers(const Db *db, PQExpBuffer text)
{
    Db *other = db_connect_try_again(db);
    PGresult *result = other != NULL ? db_ask(other, sql_lock_blockers) : NULL;
    RowReader row = row_reader(result);

    while (db_succeeded(result) && row_next(&row))
    {
        const char *pid = row_text(&row);
        const char *relation = row_text(&row);
        const char *user = row_text(&row);
        const char *query = row_text(&row);

        appendPQExpBuffer(text, "%sProcess %s (%s) has or awaits an exclusive lock on %s",
                          text->len > 0 ? "\n" : "", pid, user, relation);
        if (!db_hide_is_on())
            appendPQExpBuffer(text, ": %.200s", query);
    }
    PQclear(result);
    db_close(other);
}

char *
db_error_describe_blockers(const Db *db)
{
    PQExpBufferData text;

    initPQExpBuffer(&text);
    append_blockers(db, &text);
    if (text.len > 0)
        return text.data;
    termPQExpBuffer(&text);
    return NULL;
}

char *
db_error_detail(const Db *db, const PGresult *result)
{
    const char *detail = PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL);
    const char *where = PQresultErrorField(result, PG_DIAG_CONTEXT);
    const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    bool is_hidden = db_hide_concerns_detail(result);
    PQExpBufferData text;

    initPQExpBuffer(&text);
    if (detail != NULL && !is_hidden)
        appendPQExpBuffer(&text, "%s", detail);
    if (where != NULL && !is_hidden)
        appendPQExpBuffer(&text, "%s%s", text.len > 0 ? "\n" : "", where);
    if (sqlstate != NULL && log_is_verbose())
        appendPQExpBuffer(&text, "%sSQLSTATE %s", text.len > 0 ? "\n" : "", sqlstate);
    if (sqlstate_is(result, SQLSTATE_LOCK_NOT_AVAILABLE))
        append_blockers(db, &text);
    if (text.len > 0)
        return text.data;
    termPQExpBuffer(&text);
    return NULL;
}

/*
 * The reasons for which staging is not possible on a server. After any other error the
 * other mode is not tried.
 */
static bool
is_obstacle_to_staging(const PGresult *result)
{
    static const char *const reasons[] = {
        SQLSTATE_READ_ONLY_SQL_TRANSACTION,
        SQLSTATE_INSUFFICIENT_PRIVILEGE,
        SQLSTATE_DUPLICATE_SCHEMA,   /* it has come meanwhile */
        SQLSTATE_LOCK_NOT_AVAILABLE, /* others wait behind the locks of this run */
        SQLSTATE_CLASS_FEATURE_NOT_SUPPORTED,
        SQLSTATE_CLASS_INSUFFICIENT_RESOURCES,
        SQLSTATE_CLASS_PROGRAM_LIMIT_EXCEEDED, /* columns or row too many or too long */
        SQLSTATE_CLASS_SYSTEM_ERROR,
        SQLSTATE_RAISE_EXCEPTION, /* by an event trigger */
        NULL};

    return sqlstate_is_any(result, reasons);
}

bool
db_error_is_final(const Db *db, const PGresult *result)
{
    static const char *const of_sql[] = {
        SQLSTATE_CLASS_FEATURE_NOT_SUPPORTED,
        SQLSTATE_CLASS_CARDINALITY_VIOLATION,
        SQLSTATE_CLASS_DATA_EXCEPTION,
        SQLSTATE_CLASS_SQL_ROUTINE_EXCEPTION,
        SQLSTATE_CLASS_EXTERNAL_ROUTINE_EXCEPTION,
        SQLSTATE_CLASS_EXTERNAL_ROUTINE_INVOCATION_EXCEPTION,
        SQLSTATE_CLASS_SYNTAX_ERROR_OR_ACCESS_RULE_VIOLATION,
        SQLSTATE_CLASS_PLPGSQL_ERROR,
        NULL};

    if (sqlstate_is(result, SQLSTATE_QUERY_CANCELED) ||
        sqlstate_is(result, SQLSTATE_UNTRANSLATABLE_CHARACTER))
        return true;
    return db->is_for_user && !sqlstate_is(result, SQLSTATE_INSUFFICIENT_PRIVILEGE) &&
           sqlstate_is_any(result, of_sql);
}

/* The other mode is taken where staging is not possible, and not after other errors. */
static void
die_of_staging(const PGresult *result, const Diag *diag)
{
    if (is_obstacle_to_staging(result))
        die_staging(diag);
    recovery_abandon();
}

static _Noreturn void
die_with_status(Db *db, const PGresult *result, const char *hint, ExitCode status)
{
    const char *primary = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    const char *server_hint = PQresultErrorField(result, PG_DIAG_MESSAGE_HINT);
    Diag diag = {0};

    signals_check();
    if (db_is_lost(db))
        db_die_lost(db);
    if (db_is_ending(result))
        status = EXIT_CONNECTION;
    if (primary == NULL)
        primary = PQresultErrorMessage(result);
    if (db_hide_concerns(result))
    {
        primary = db_hide_make_message(result);
        server_hint = "The same run without masks shows it.";
    }
    diag.message = db->context != NULL ? mem_format("%s: %s", db->context, primary)
                                       : mem_copy_string(primary);
    diag.detail = db_error_detail(db, result);
    if (hint == NULL)
        hint = server_hint;
    if (hint == NULL && sqlstate_is(result, SQLSTATE_INSUFFICIENT_PRIVILEGE))
        hint = db->permission_hint;
    if (hint == NULL && sqlstate_is(result, SQLSTATE_LOCK_NOT_AVAILABLE))
        hint = "Wait for it to end, or raise --lock-timeout.";
    diag.hint = mem_copy_or_null(hint);
    if (db_error_is_final(db, result))
        recovery_abandon();
    if (db->is_for_staging && status == EXIT_SERVER)
        die_of_staging(result, &diag);
    die(status, &diag);
}

void
db_error_die(Db *db, const PGresult *result, const char *hint)
{
    die_with_status(db, result, hint, EXIT_SERVER);
}

void
db_error_die_rule(Db *db, const PGresult *result)
{
    static const char *const of_user[] = {
        SQLSTATE_CLASS_SYNTAX_ERROR_OR_ACCESS_RULE_VIOLATION,
        SQLSTATE_CLASS_DATA_EXCEPTION, SQLSTATE_CLASS_FEATURE_NOT_SUPPORTED, NULL};
    bool is_user_error = !sqlstate_is(result, SQLSTATE_INSUFFICIENT_PRIVILEGE) &&
                         sqlstate_is_any(result, of_user);

    die_with_status(db, result, NULL, is_user_error ? EXIT_USAGE : EXIT_SERVER);
}
