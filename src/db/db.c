#include "db/db.h"

#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/mem.h"
#include "base/signals.h"
#include "db/db_internal.h"
#include "db/sqlstate.h"

enum
{
    WAIT_MILLISECONDS = 250 /* how late a signal between two system calls is noticed */
};

void
db_interrupt(void *target)
{
    char error[256];

    PQcancel(target, error, sizeof(error));
}

void
db_take_over(Db *db, PGconn *connection)
{
    db->connection = connection;
    db->cancel = PQgetCancel(connection);
    db->slot = signals_register(db_interrupt, db->cancel);
    db_hide_watch_notices(connection);
}

void
db_let_go(Db *db)
{
    signals_unregister(db->slot);
    PQfreeCancel(db->cancel);
    PQfinish(db->connection);
}

/* ---- what a connection is */

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

bool
db_is_pooled(const Db *db)
{
    return db->is_pooled;
}

uint64_t
db_count_statements(const Db *db)
{
    return db != NULL ? db->n_statements : 0;
}

bool
db_is_busy(const Db *db)
{
    return PQtransactionStatus(db->connection) == PQTRANS_ACTIVE;
}

bool
db_is_idle(const Db *db)
{
    return PQtransactionStatus(db->connection) == PQTRANS_IDLE;
}

bool
db_is_between_transactions(const Db *db)
{
    return db->is_pooled && db_is_idle(db);
}

/* ---- the context of messages */

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

/* ---- results */

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

void
db_set_idle_work(Db *db, bool (*work)(void *context), void *context)
{
    db->idle_work = work;
    db->idle_context = context;
}

bool
db_wait_or_lose(Db *db)
{
    struct pollfd socket = {.fd = PQsocket(db->connection), .events = POLLIN};
    int ready = 0;

    while (db->idle_work != NULL && signals_pending() == 0 &&
           (ready = poll(&socket, 1, 0)) == 0 && db->idle_work(db->idle_context))
        continue;
    if (ready == 0)
        ready = poll(&socket, 1, WAIT_MILLISECONDS);
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

/* Adds the rows of the i-th INSERT to its count, or to the last one of n. */
static void
count_inserted(PGresult *result, uint64_t *counts, int n, int *i)
{
    int place = *i < n ? *i : n - 1;

    if (n == 0 || strncmp(PQcmdStatus(result), "INSERT", strlen("INSERT")) != 0)
        return;
    counts[place] += strtoull(PQcmdTuples(result), NULL, 10);
    (*i)++;
}

PGresult *
db_collect_result(Db *db, uint64_t *counts, int n)
{
    PGresult *last = NULL;
    PGresult *next;
    int n_inserts = 0;

    for (int i = 0; i < n; i++)
        counts[i] = 0;
    while ((next = db_next_result(db)) != NULL)
    {
        if (last != NULL && !db_succeeded(last))
        {
            PQclear(next);
            continue;
        }
        count_inserted(next, counts, n, &n_inserts);
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

char *
db_quote_literal(Db *db, const char *text)
{
    char *quoted = PQescapeLiteral(db->connection, text, strlen(text));

    if (quoted == NULL && db_is_lost(db))
        db_die_lost(db);
    if (quoted == NULL)
        die_hint(EXIT_SERVER,
                 "Names of tables, files and directories are read in the encoding of the "
                 "connection.",
                 "%s%s\"%s\" is not valid in encoding %s",
                 db->context != NULL ? db->context : "", db->context != NULL ? ": " : "",
                 text, db_encoding(db));
    return quoted;
}
