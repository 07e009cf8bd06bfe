#include "db/db.h"

#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/mem.h"
#include "base/plural.h"
#include "base/recovery.h"
#include "base/signals.h"
#include "db/db_error.h"
#include "db/db_internal.h"
#include "db/sqlstate.h"

enum
{
    WAIT_MILLISECONDS = 250 /* how late a signal between two system calls is noticed */
};

const char *
db_name(const Db *db)
{
    return PQdb(db->connection);
}

int
db_server_version(const Db *db)
{
    return PQserverVersion(db->connection);
}

const char *
db_server_version_text(const Db *db)
{
    return PQparameterStatus(db->connection, "server_version");
}

bool
db_is_standby(const Db *db)
{
    return db->is_standby;
}

const char *
db_user(const Db *db)
{
    return PQuser(db->connection);
}

const char *
db_host(const Db *db)
{
    return PQhost(db->connection);
}

const char *
db_encoding(const Db *db)
{
    return pg_encoding_to_char(PQclientEncoding(db->connection));
}

/* libpq puts what it is given into a statement without quoting it. */
static const char *
get_canonical_encoding(const char *name)
{
    int encoding = pg_char_to_encoding(name);

    if (strcmp(name, "auto") == 0) /* libpq takes that of the locale */
        return "auto";
    return encoding >= 0 ? pg_encoding_to_char(encoding) : NULL;
}

/*
 * A pooler knows the encodings of its clients, if they name them when they connect, and
 * sets each for its client; some do not, so that transactions set it as well.
 */
static bool
db_set_pooled_encoding(Db *db, const char *encoding)
{
    db_set(db, (const char *const[]){"client_encoding", encoding, NULL});
    if (!db_attempt(db, "SELECT"))
        return false;
    free(db->encoding);
    db->encoding = mem_copy_string(encoding);
    if (strcmp(db_encoding(db), encoding) == 0 || !db_is_idle(db))
        return true;
    /* a lock would stay behind; and where there can be one, poolers know of this, too */
    if (db->has_locks)
        return PQsetClientEncoding(db->connection, encoding) == 0;
    db_reconnect(db);
    return true;
}

static bool
db_try_encoding(Db *db, const char *encoding)
{
    return db->is_pooled ? db_set_pooled_encoding(db, encoding)
                         : PQsetClientEncoding(db->connection, encoding) == 0;
}

void
db_set_encoding(Db *db, const char *name)
{
    const char *encoding = get_canonical_encoding(name);

    if (encoding == NULL || !db_try_encoding(db, encoding))
        die_hint(EXIT_USAGE,
                 "Names of encodings are in PostgreSQL's manual, chapter \"Character Set "
                 "Support\", for example UTF8, LATIN1, EUC_JP.",
                 "the server cannot convert to encoding \"%s\"", name);
}

CopyEncoding
db_copy_encoding(const Db *db)
{
    return (CopyEncoding){.char_length = PQmblenBounded,
                          .encoding = PQclientEncoding(db->connection)};
}

bool
db_encoding_is_ascii_safe(const Db *db)
{
    /* those that a server cannot use are those with ASCII trail bytes (pg_wchar.h) */
    return pg_valid_server_encoding_id(PQclientEncoding(db->connection)) != 0;
}

void
db_set_context(Db *db, const char *format, ...)
{
    va_list args;

    free(db->context);
    db->context = NULL;
    if (format == NULL)
        return;
    va_start(args, format);
    db->context = mem_vformat(format, args);
    va_end(args);
}

void
db_set_staging(Db *db, bool is_for_staging)
{
    db->is_for_staging = is_for_staging;
}

void
db_set_user_sql(Db *db)
{
    db->is_for_user = true;
}

void
db_set_permission_hint(Db *db, const char *hint)
{
    db->permission_hint = hint;
}

bool
db_is_lost(const Db *db)
{
    return PQstatus(db->connection) == CONNECTION_BAD;
}

void
db_die_lost(Db *db)
{
    char *text = mem_copy_string(PQerrorMessage(db->connection));
    size_t length = strlen(text);

    signals_check();
    while (length > 0 && text[length - 1] == '\n')
        text[--length] = '\0';
    die(EXIT_CONNECTION,
        &(Diag){.message = mem_format("lost the connection to the server%s%s",
                                      db->context != NULL ? "; " : "",
                                      db->context != NULL ? db->context : ""),
                .detail = text});
}

bool
db_is_ending(const PGresult *result)
{
    return sqlstate_is_any(result,
                           (const char *const[]){SQLSTATE_ADMIN_SHUTDOWN,
                                                 SQLSTATE_CRASH_SHUTDOWN,
                                                 SQLSTATE_CANNOT_CONNECT_NOW, NULL});
}

/* Another way is taken where staging is not possible, and not after any other error. */
static void
db_die_of_staging(const PGresult *result, const Diag *diag)
{
    if (db_error_is_obstacle(result))
        die_staging(diag);
    recovery_abandon();
}

static _Noreturn void
db_die_status(Db *db, const PGresult *result, const char *hint, ExitCode status)
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
    diag.message = db->context != NULL ? mem_format("%s: %s", db->context, primary)
                                       : mem_copy_string(primary);
    diag.detail = db_error_detail(db, result);
    if (hint == NULL)
        hint = server_hint;
    if (hint == NULL && sqlstate_is(result, SQLSTATE_INSUFFICIENT_PRIVILEGE))
        hint = db->permission_hint;
    if (hint == NULL && sqlstate_is(result, SQLSTATE_LOCK_NOT_AVAILABLE))
        hint = "Wait for it to end, or raise --lock-timeout.";
    diag.hint = hint != NULL ? mem_copy_string(hint) : NULL;
    if (db_error_is_final(db, result))
        recovery_abandon();
    if (db->is_for_staging && status == EXIT_SERVER)
        db_die_of_staging(result, &diag);
    die(status, &diag);
}

void
db_die(Db *db, const PGresult *result, const char *hint)
{
    db_die_status(db, result, hint, EXIT_SERVER);
}

void
db_die_rule(Db *db, const PGresult *result)
{
    static const char *const of_user[] = {
        SQLSTATE_CLASS_SYNTAX_ERROR_OR_ACCESS_RULE_VIOLATION,
        SQLSTATE_CLASS_DATA_EXCEPTION, SQLSTATE_CLASS_FEATURE_NOT_SUPPORTED, NULL};
    bool is_user_error = !sqlstate_is(result, SQLSTATE_INSUFFICIENT_PRIVILEGE) &&
                         sqlstate_is_any(result, of_user);

    db_die_status(db, result, NULL, is_user_error ? EXIT_USAGE : EXIT_SERVER);
}

bool
db_wait_or_lose(Db *db)
{
    struct pollfd socket = {.fd = PQsocket(db->connection), .events = POLLIN};
    int ready = poll(&socket, 1, WAIT_MILLISECONDS);

    if (signals_pending() != 0 && ready <= 0)
        db_interrupt(db->cancel);
    return ready <= 0 || PQconsumeInput(db->connection) != 0;
}

void
db_wait_readable(Db *db)
{
    if (!db_wait_or_lose(db))
        db_die_lost(db);
}

PGresult *
db_next_result(Db *db)
{
    while (PQisBusy(db->connection))
        db_wait_readable(db);
    return PQgetResult(db->connection);
}

PGresult *
db_collect_result(Db *db)
{
    PGresult *last = NULL;
    PGresult *next;

    while ((next = db_next_result(db)) != NULL)
    {
        if (last != NULL && !db_succeeded(last))
        {
            PQclear(next);
            continue;
        }
        PQclear(last);
        last = next;
    }
    signals_check();
    if (last == NULL || db_is_lost(db))
        db_die_lost(db);
    return last;
}

void
db_send(Db *db, const char *sql)
{
    signals_check();
    if (!db_post(db, sql))
        db_die_lost(db);
}

PGresult *
db_try(Db *db, const char *sql)
{
    db_send(db, sql);
    return db_collect_result(db);
}

PGresult *
db_try_counting(Db *db, const char *sql, uint64_t *n_inserted)
{
    PGresult *last = NULL;
    PGresult *next;

    *n_inserted = 0;
    db_send(db, sql);
    while ((next = db_next_result(db)) != NULL)
    {
        if (last != NULL && !db_succeeded(last))
        {
            PQclear(next);
            continue;
        }
        if (strncmp(PQcmdStatus(next), "INSERT", strlen("INSERT")) == 0)
            *n_inserted += strtoull(PQcmdTuples(next), NULL, 10);
        PQclear(last);
        last = next;
    }
    signals_check();
    if (last == NULL || db_is_lost(db))
        db_die_lost(db);
    return last;
}

bool
db_succeeded(const PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);

    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

PGresult *
db_query(Db *db, const char *sql)
{
    PGresult *result = db_try(db, sql);

    if (!db_succeeded(result))
        db_die(db, result, NULL);
    return result;
}

PGresult *
db_query_params(Db *db, const char *sql, int n_params, const char *const *values)
{
    bool is_alone = db_enter_transaction(db);
    PGresult *result;

    signals_check();
    if (PQsendQueryParams(db->connection, sql, n_params, NULL, values, NULL, NULL, 0) ==
        0)
        db_die_lost(db);
    result = db_collect_result(db);
    if (!db_succeeded(result))
        db_die(db, result, NULL);
    if (is_alone)
        db_execute(db, "COMMIT");
    return result;
}

void
db_execute(Db *db, const char *sql)
{
    PQclear(db_query(db, sql));
}

PGresult *
db_query_row(Db *db, const char *sql)
{
    PGresult *result = db_query(db, sql);

    if (PQntuples(result) != 1)
        die_message(EXIT_SERVER, "a query returned %d row%s where one was expected: %s",
                    PQntuples(result), plural(PQntuples(result)), sql);
    return result;
}

char *
db_query_value(Db *db, const char *sql)
{
    PGresult *result = db_query_row(db, sql);
    char *value =
        PQgetisnull(result, 0, 0) ? NULL : mem_copy_string(PQgetvalue(result, 0, 0));

    PQclear(result);
    return value;
}

char *
db_quote_literal(Db *db, const char *text)
{
    char *quoted = PQescapeLiteral(db->connection, text, strlen(text));

    if (quoted == NULL)
        db_die_lost(db);
    return quoted;
}
