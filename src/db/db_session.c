#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/die.h"
#include "base/mem.h"
#include "base/signals.h"
#include "base/strbuf.h"
#include "db/db_internal.h"

enum
{
    POOL_PATIENCE = 10, /* seconds that a pooler may take to give one more session */
    PROBES = 3
};

/* Timeouts that roles and databases may have, and the server that brought them. */
static const struct
{
    const char *name;
    int since;
} timeouts[] = {{"statement_timeout", 0},
                {"lock_timeout", 0},
                {"idle_in_transaction_session_timeout", 0},
                {"idle_session_timeout", 140000},
                {"transaction_timeout", 170000}};

/* ---- what is set */

typedef struct DbSetting
{
    char *name;
    char *value;
} DbSetting;

struct DbSettings
{
    DbSetting *items;
    size_t n_items;
    size_t capacity;
    char *prefix; /* of transactions in a pooler's session; NULL: to be made */
};

static void
remember(Db *db, const char *name, const char *value)
{
    DbSettings *settings = db->settings;
    size_t i = 0;

    free(settings->prefix);
    settings->prefix = NULL;
    while (i < settings->n_items && strcmp(settings->items[i].name, name) != 0)
        i++;
    if (i == settings->n_items)
    {
        MEM_GROW(settings->items, settings->capacity, settings->n_items);
        settings->items[settings->n_items++] = (DbSetting){.name = mem_copy_string(name)};
    }
    free(settings->items[i].value);
    settings->items[i].value = mem_copy_string(value);
}

void
db_settings_free(DbSettings *settings)
{
    if (settings == NULL)
        return;
    for (size_t i = 0; i < settings->n_items; i++)
    {
        free(settings->items[i].name);
        free(settings->items[i].value);
    }
    free(settings->items);
    free(settings->prefix);
    free(settings);
}

/* What is set for the transactions to come counts for the one that has begun. */
static const char *
name_locally(const char *name)
{
    return strcmp(name, "default_transaction_read_only") == 0 ? "transaction_read_only"
                                                              : name;
}

/* Statements that may come before SET TRANSACTION SNAPSHOT, which no query may. */
static const char *
get_prefix(Db *db)
{
    DbSettings *settings = db->settings;
    PQExpBufferData sql;

    if (settings->prefix != NULL)
        return settings->prefix;
    initPQExpBuffer(&sql);
    for (size_t i = 0; i < settings->n_items; i++)
    {
        const DbSetting *setting = &settings->items[i];
        char *literal = db_quote_literal(db, setting->value);

        /* SET takes a search_path as names, not as one text */
        if (strcmp(setting->name, "search_path") == 0 && *setting->value != '\0')
            appendPQExpBuffer(&sql,
                              "SELECT pg_catalog.set_config('search_path', %s, true);\n",
                              literal);
        else
            appendPQExpBuffer(&sql, "SET LOCAL %s = %s;\n", name_locally(setting->name),
                              literal);
        PQfreemem(literal);
    }
    settings->prefix = mem_copy_string(sql.data);
    termPQExpBuffer(&sql);
    return settings->prefix;
}

static bool
is_between_transactions(const Db *db)
{
    return db->is_pooled && db_is_idle(db);
}

/* What begins a transaction says so at its beginning; the settings come behind that. */
static size_t
measure_begin(const char *sql)
{
    size_t length;

    if (strncmp(sql, "BEGIN", strlen("BEGIN")) != 0)
        return 0;
    length = strcspn(sql, ";");
    return sql[length] == ';' ? length + 1 : length;
}

/* As the transaction would have it from the session, unless it says what it is to be. */
static void
append_isolation(PQExpBuffer text, Db *db, const char *sql)
{
    static const char name[] = "default_transaction_isolation";
    const DbSettings *settings = db->settings;

    if (strncmp(sql, "BEGIN ISOLATION", strlen("BEGIN ISOLATION")) == 0)
        return;
    for (size_t i = 0; i < settings->n_items; i++)
    {
        char *literal = db_quote_literal(db, settings->items[i].value);

        if (strcmp(settings->items[i].name, name) == 0)
            appendPQExpBuffer(text, "SET LOCAL transaction_isolation = %s;\n", literal);
        PQfreemem(literal);
    }
}

bool
db_post(Db *db, const char *sql)
{
    const char *prefix = is_between_transactions(db) ? get_prefix(db) : "";
    const char *pruning = db_choose_pruning(db, sql);
    PQExpBufferData text;
    size_t n_begin = measure_begin(sql);
    bool is_sent;

    db->n_statements++;
    if (*prefix == '\0' && *pruning == '\0')
        return PQsendQuery(db->connection, sql) != 0;
    initPQExpBuffer(&text);
    appendBinaryPQExpBuffer(&text, sql, n_begin);
    if (n_begin > 0 && sql[n_begin - 1] != ';')
        appendPQExpBufferChar(&text, ';');
    if (*prefix != '\0')
        append_isolation(&text, db, sql);
    appendPQExpBufferStr(&text, prefix);
    appendPQExpBufferStr(&text, pruning);
    appendPQExpBufferStr(&text, sql + n_begin);
    is_sent = PQsendQuery(db->connection, text.data) != 0;
    termPQExpBuffer(&text);
    return is_sent;
}

bool
db_enter_transaction(Db *db)
{
    if (!is_between_transactions(db))
        return false;
    db_execute(db, "BEGIN");
    return true;
}

static void
append_set(PQExpBuffer sql, Db *db, const char *name, const char *value)
{
    char *quoted_name = db_quote_literal(db, name);
    char *literal = db_quote_literal(db, value);

    appendPQExpBuffer(sql, "%s pg_catalog.set_config(%s, %s, %s)",
                      sql->len == 0 ? "SELECT" : ",", quoted_name, literal,
                      db->is_pooled ? "true" : "false");
    PQfreemem(quoted_name);
    PQfreemem(literal);
}

/* Whether something is to be sent; not if the next transaction begins with it anyway. */
static bool
build_set(PQExpBuffer sql, Db *db, const char *const *pairs)
{
    initPQExpBuffer(sql);
    for (size_t i = 0; pairs[i] != NULL; i += 2)
    {
        remember(db, pairs[i], pairs[i + 1]);
        append_set(sql, db, pairs[i], pairs[i + 1]);
    }
    return !is_between_transactions(db);
}

void
db_set(Db *db, const char *const *pairs)
{
    PQExpBufferData sql;

    if (build_set(&sql, db, pairs))
        db_execute(db, sql.data);
    termPQExpBuffer(&sql);
}

bool
db_attempt_set(Db *db, const char *const *pairs)
{
    PQExpBufferData sql;
    bool is_done = !build_set(&sql, db, pairs) || db_attempt(db, sql.data);

    termPQExpBuffer(&sql);
    return is_done;
}

void
db_apply_settings(Db *db, const char *query)
{
    const char *is_local = db->is_pooled ? "true" : "false";
    PGresult *result = db_query_params(db, query, 1, &is_local);

    for (int i = 0; i < PQntuples(result); i++)
        remember(db, PQgetvalue(result, i, 0), PQgetvalue(result, i, 1));
    PQclear(result);
}

void
db_copy_settings(Db *db, const Db *from)
{
    const DbSettings *settings = from->settings;
    PQExpBufferData sql;

    initPQExpBuffer(&sql);
    for (size_t i = 0; i < settings->n_items; i++)
    {
        append_set(&sql, db, settings->items[i].name, settings->items[i].value);
        remember(db, settings->items[i].name, settings->items[i].value);
    }
    if (!is_between_transactions(db) && sql.len > 0)
        db_execute(db, sql.data);
    termPQExpBuffer(&sql);
}

/* ---- the first statement */

/*
 * No timeout of the role or the database counts from here on; in a session that is not
 * our own, whose number is another than the one that we were given, only for this
 * statement.
 */
static char *
format_greeting(Db *db)
{
    PQExpBufferData sql;
    char *text;

    initPQExpBuffer(&sql);
    appendPQExpBufferStr(&sql, "SELECT pg_catalog.pg_backend_pid(),\n"
                               "       pg_catalog.current_setting("
                               "'quote_all_identifiers'),\n"
                               "       pg_catalog.current_setting("
                               "'standard_conforming_strings'),\n"
                               "       pg_catalog.pg_is_in_recovery()");
    for (size_t i = 0; i < sizeof(timeouts) / sizeof(timeouts[0]); i++)
    {
        char *name = db_quote_literal(db, timeouts[i].name);

        if (PQserverVersion(db->connection) >= timeouts[i].since)
            appendPQExpBuffer(&sql, ",\n       pg_catalog.set_config(%s, '0', s.other)",
                              name);
        PQfreemem(name);
    }
    appendPQExpBuffer(&sql,
                      "\n  FROM (SELECT pg_catalog.pg_backend_pid() "
                      "OPERATOR(pg_catalog.<>) %d) AS s (other)",
                      PQbackendPID(db->connection));
    text = mem_copy_string(sql.data);
    termPQExpBuffer(&sql);
    return text;
}

/* The only row of the answer; NULL: there is none, or none in time (0: without limit). */
static PGresult *
ask_in_time(Db *db, const char *sql, int seconds)
{
    time_t start = time(NULL);
    PGresult *answer = NULL;
    PGresult *next;

    if (!db_post(db, sql))
        return NULL;
    do
    {
        while (PQisBusy(db->connection))
        {
            if (!db_wait_or_lose(db) || (seconds > 0 && time(NULL) - start > seconds))
            {
                PQclear(answer);
                return NULL;
            }
        }
        next = PQgetResult(db->connection);
        if (next != NULL)
        {
            PQclear(answer);
            answer = next;
        }
    } while (next != NULL);
    if (answer != NULL && PQresultStatus(answer) == PGRES_TUPLES_OK &&
        PQntuples(answer) == 1)
        return answer;
    PQclear(answer);
    return NULL;
}

bool
db_greet(Db *db, const Db *parent)
{
    char *sql = format_greeting(db);
    PGresult *answer =
        ask_in_time(db, sql, parent != NULL && parent->is_pooled ? POOL_PATIENCE : 0);

    free(sql);
    if (answer == NULL)
        return false;
    if (db->settings == NULL)
        db->settings = mem_alloc_zero(1, sizeof(*db->settings));
    db->pid = (int)strtol(PQgetvalue(answer, 0, 0), NULL, 10);
    db->quotes_all = strcmp(PQgetvalue(answer, 0, 1), "on") == 0;
    db->is_pooled = db->pid != PQbackendPID(db->connection);
    db->pooling = parent != NULL ? parent->pooling : DB_POOLING_UNKNOWN;
    db->escapes = strcmp(PQgetvalue(answer, 0, 2), "off") == 0;
    db->is_standby = PQgetvalue(answer, 0, 3)[0] == 't';
    for (int i = 4; i < PQnfields(answer); i++)
        remember(db, timeouts[i - 4].name, "0");
    PQclear(answer);
    return true;
}

/* ---- poolers */

bool
db_is_pooled(const Db *db)
{
    return db->is_pooled;
}

void
db_check_transactions(Db *db)
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

/* The number of the server process that answers now; 0: none does. */
static int
ask_pid(Db *db)
{
    PGresult *answer =
        ask_in_time(db, "SELECT pg_catalog.pg_backend_pid()", POOL_PATIENCE);
    int pid = answer != NULL ? (int)strtol(PQgetvalue(answer, 0, 0), NULL, 10) : 0;

    PQclear(answer);
    return pid;
}

/*
 * One after the other, two clients of a pooler that hands out transactions are served by
 * the same process, or each by several; where sessions are handed out, never.
 */
static bool
have_own_sessions(Db *one, Db *other)
{
    bool are_own = one->pid != other->pid;

    for (int i = 0; are_own && i < PROBES; i++)
        are_own = ask_pid(other) == other->pid && ask_pid(one) == one->pid;
    return are_own;
}

static DbPooling
find_pooling(Db *db)
{
    bool is_idle = db_is_idle(db);
    Db *one = is_idle ? db : db_try_connect_again(db);
    Db *other = one != NULL ? db_try_connect_again(db) : NULL;
    DbPooling pooling = DB_POOLS_TRANSACTIONS;

    /* a pool of one session that is ours has none to compare with */
    if (other == NULL && !is_idle)
        pooling = DB_POOLING_UNKNOWN;
    else if (other != NULL ? have_own_sessions(one, other) : ask_pid(one) == one->pid)
        pooling = DB_POOLS_SESSIONS;
    db_close(other);
    if (one != db)
        db_close(one);
    return pooling;
}

const char *
db_lacks_session(Db *db)
{
    if (!db->is_pooled)
        return NULL;
    if (db->pooling == DB_POOLING_UNKNOWN)
        db->pooling = find_pooling(db);
    if (db->pooling == DB_POOLS_SESSIONS)
        return NULL;
    return db->pooling == DB_POOLING_UNKNOWN
               ? "the connection pooler gives no further session"
               : "the connection pooler is in transaction mode";
}

void
db_need_session(Db *db, const char *what)
{
    const char *reason = db_lacks_session(db);

    if (reason != NULL)
        die_hint(EXIT_CONNECTION, DB_POOL_HINT, "%s is not possible: %s", what, reason);
}

/* ---- session locks, and what else would stay in a pooler's session */

static Db *first_locker; /* of those in poolers' sessions, which do not end with us */

static void
leave_at_exit(void)
{
    while (first_locker != NULL)
        db_leave_session(first_locker);
}

static void
note_lock(Db *db)
{
    static bool is_registered;

    if (!db->is_pooled || db->has_locks)
        return;
    if (!is_registered)
        (void)atexit(leave_at_exit);
    is_registered = true;
    db->has_locks = true;
    db->next_locker = first_locker;
    first_locker = db;
}

void
db_leave_session(Db *db)
{
    Db **link = &first_locker;

    if (!db->has_locks)
        return;
    while (*link != NULL && *link != db)
        link = &(*link)->next_locker;
    if (*link != NULL)
        *link = db->next_locker;
    db->has_locks = false;
    if (db_recover(db))
        (void)db_attempt(db, "CLOSE ALL;\nDEALLOCATE ALL;\n"
                             "SELECT pg_catalog.pg_advisory_unlock_all()");
}

bool
db_try_lock(Db *db, const char *key)
{
    char *sql = mem_format("SELECT pg_catalog.pg_try_advisory_lock(%s)", key);
    char *answer;
    bool is_taken;

    note_lock(db);
    answer = db_query_value(db, sql);
    is_taken = answer != NULL && answer[0] == 't';
    free(answer);
    free(sql);
    return is_taken;
}

bool
db_attempt_lock(Db *db, const char *key, bool *is_taken)
{
    char *sql = mem_format("SELECT pg_catalog.pg_try_advisory_lock(%s)", key);
    bool is_done;

    note_lock(db);
    is_done = db_attempt_test(db, sql, is_taken);
    free(sql);
    return is_done;
}

void
db_unlock(Db *db, const char *key)
{
    char *sql = mem_format("SELECT pg_catalog.pg_advisory_unlock(%s)", key);

    db_execute(db, sql);
    free(sql);
}
