#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/die.h"
#include "base/mem.h"
#include "base/signals.h"
#include "db/db_internal.h"
#include "db/environment.h"

/* Takes over a connection that works. */
static Db *
wrap_connection(PGconn *connection)
{
    Db *db = mem_alloc_zero(1, sizeof(*db));

    db_take_over(db, connection);
    return db;
}

/* Of several lines the first one is the message; libpq indents others. */
static _Noreturn void
die_connecting(PGconn *connection)
{
    char *text = mem_copy_string(PQerrorMessage(connection));
    size_t length = strlen(text);
    char *rest;

    while (length > 0 && text[length - 1] == '\n')
        text[--length] = '\0';
    rest = text + strcspn(text, "\n");
    if (*rest != '\0')
        *rest++ = '\0';
    rest += strspn(rest, " \t");
    die(EXIT_CONNECTION, &(Diag){.message = text, .detail = *rest != '\0' ? rest : NULL});
}

static PGconn *
open_connection(const DbTarget *target, const char *password)
{
    const char *keywords[] = {"host",     "port",   "user",
                              "password", "dbname", "fallback_application_name",
                              NULL};
    const char *values[] = {target->host, target->port,   target->username,
                            password,     target->dbname, target->program,
                            NULL};
    PGconn *connection;

    signals_begin_uninterruptible();
    connection = PQconnectdbParams(keywords, values, 1);
    signals_end_uninterruptible();
    if (connection == NULL)
        die_message(EXIT_CONNECTION, "out of memory");
    return connection;
}

/* Tries again, with longer and longer pauses, while the server is there but not ready. */
static PGconn *
open_patiently(const DbTarget *target, const char *password, PGconn *connection)
{
    const char *keywords[] = {"host", "port", "user", "dbname", NULL};
    const char *values[] = {target->host, target->port, target->username, target->dbname,
                            NULL};

    for (int i = 0; i < target->max_retries && PQstatus(connection) == CONNECTION_BAD &&
                    PQpingParams(keywords, values, 1) == PQPING_REJECT;
         i++)
    {
        long milliseconds = 500L << (i < 4 ? i : 4);

        nanosleep(&(struct timespec){milliseconds / 1000, milliseconds % 1000 * 1000000},
                  NULL);
        PQfinish(connection);
        connection = open_connection(target, password);
    }
    return connection;
}

/* A connection pooler may allow no transactions: then nothing works. */
static void
check_transactions(Db *db)
{
    Diag diag = {0};
    char *text;

    /* a query string is taken apart before what it sets counts */
    if (db->is_pooled && db->escapes)
        die_hint(EXIT_CONNECTION, DB_POOL_HINT,
                 "standard_conforming_strings is off in the connection pooler's session");
    if (!db->is_pooled ||
        (db_attempt(db, "BEGIN") && db_attempt(db, "SELECT") && db_attempt(db, "COMMIT")))
        return;
    text = mem_copy_string(PQerrorMessage(db->connection));
    text[strcspn(text, "\n")] = '\0';
    diag_set_message(&diag, "the connection pooler allows no transactions");
    diag_set_detail(&diag, "%s", text);
    diag_set_hint(&diag, DB_POOL_HINT);
    free(text);
    die(EXIT_CONNECTION, &diag);
}

Db *
db_connect(const DbTarget *target)
{
    char *password = target->is_prompt_forced ? prompt_password(target->username) : NULL;
    PGconn *connection = open_connection(target, password);
    Db *db;

    if (PQstatus(connection) == CONNECTION_BAD && password == NULL &&
        !target->is_prompt_never && PQconnectionNeedsPassword(connection))
    {
        password = prompt_password(PQuser(connection));
        PQfinish(connection);
        connection = open_connection(target, password);
    }
    connection = open_patiently(target, password, connection);
    free(password);
    if (PQstatus(connection) != CONNECTION_OK)
        die_connecting(connection);
    db = wrap_connection(connection);
    if (!db_greet(db, NULL))
        db_die_lost(db);
    check_transactions(db);
    return db;
}

/*
 * The parameter as this connection uses it: of several hosts, the one that was reached.
 */
static const char *
get_parameter(const Db *db, const PQconninfoOption *option)
{
    if (strcmp(option->keyword, "host") == 0)
        return PQhost(db->connection);
    if (strcmp(option->keyword, "port") == 0)
        return PQport(db->connection);
    if (strcmp(option->keyword, "hostaddr") == 0)
        return option->val != NULL ? PQhostaddr(db->connection) : NULL;
    if (strcmp(option->keyword, "password") == 0)
        return PQpass(db->connection);
    /* chosen by an option */
    if (strcmp(option->keyword, "client_encoding") == 0)
        return db->encoding;
    /* resolved already, and would win over the environment */
    if (strcmp(option->keyword, "service") == 0)
        return NULL;
    return option->val;
}

/* A second connection to the server, if that is its status. */
static PGconn *
open_again(const Db *db)
{
    PQconninfoOption *options = PQconninfo(db->connection);
    const char *keywords[64] = {0};
    const char *values[64] = {0};
    size_t n = 0;
    PGconn *connection;

    for (PQconninfoOption *option = options; option->keyword != NULL && n < 63; option++)
    {
        const char *value = get_parameter(db, option);

        if (value == NULL || value[0] == '\0')
            continue;
        keywords[n] = option->keyword;
        values[n++] = value;
    }
    connection = PQconnectdbParams(keywords, values, 0);
    PQconninfoFree(options);
    return connection;
}

/* With the last message of the pooler, if there is one. */
static _Noreturn void
die_of_pool(const Db *db)
{
    const char *text = PQerrorMessage(db->connection);
    Diag diag = {0};

    diag_set_message(&diag, "the connection pooler gives no further session");
    if (*text != '\0')
        diag_set_detail(&diag, "%.*s", (int)strcspn(text, "\n"), text);
    diag_set_hint(&diag, "Its pool needs room for all connections of a run, or connect "
                         "to the server itself.");
    die(EXIT_CONNECTION, &diag);
}

Db *
db_connect_again(const Db *db)
{
    PGconn *connection;
    Db *other;

    signals_begin_uninterruptible();
    connection = open_again(db);
    signals_end_uninterruptible();
    if (PQstatus(connection) != CONNECTION_OK)
        die_connecting(connection);
    other = wrap_connection(connection);
    if (!db_greet(other, db))
    {
        signals_check();
        if (db->is_pooled)
            die_of_pool(other);
        db_die_lost(other);
    }
    return other;
}

void
db_connect_replace(Db *db)
{
    PGconn *connection = open_again(db);

    if (PQstatus(connection) != CONNECTION_OK)
        die_connecting(connection);
    db_let_go(db);
    db_take_over(db, connection);
    if (!db_greet(db, db))
        db_die_lost(db);
}

Db *
db_connect_try_again(const Db *db)
{
    PGconn *connection = open_again(db);
    Db *other;

    if (PQstatus(connection) != CONNECTION_OK)
    {
        PQfinish(connection);
        return NULL;
    }
    other = wrap_connection(connection);
    if (db_greet(other, db))
        return other;
    db_close(other);
    return NULL;
}

/*
 * Behind the user's own options, what would change the text of a schema (pg_dump sets the
 * rest itself); nothing where nothing would, since some servers take no options.
 */
static char *
format_options(const Db *db, const char *options)
{
    return mem_format("%s%s%s", options,
                      db->quotes_all ? " -c quote_all_identifiers=off" : "",
                      db->escapes ? " -c standard_conforming_strings=on" : "");
}

char **
db_connect_child_environment(const Db *db, int *service_fd)
{
    PQconninfoOption *parameters = PQconninfo(db->connection);
    Environment environment;

    environment_init(&environment);
    for (PQconninfoOption *option = parameters; option->keyword != NULL; option++)
    {
        const char *value = get_parameter(db, option);
        char *options = NULL;

        if (strcmp(option->keyword, "options") == 0)
            value = options = format_options(db, value != NULL ? value : "");
        environment_set(&environment, option->envvar, option->keyword, value);
        free(options);
    }
    PQconninfoFree(parameters);
    return environment_finish(&environment, service_fd);
}
