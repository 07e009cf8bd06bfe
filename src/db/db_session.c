/*
 * What outlives a transaction: settings and advisory locks.
 *
 * Behind a pooler a session belongs to the program for one transaction only, or for one
 * statement, and whatever is left in it meets another program. The process id shows a
 * pooler: pg_backend_pid() is not the one that was announced for the connection
 * (db_greet()). Whether it pools sessions or transactions, find_pooling() below asks. In
 * the latter case settings are kept here and repeated with SET LOCAL at the beginning of
 * each transaction, and what needs a session ends with an error.
 */
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/mem.h"
#include "db/db_internal.h"

enum
{
    PROBES = 3
};

/* ---- settings */

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
        db_settings_remember(db, pairs[i], pairs[i + 1]);
        append_set(sql, db, pairs[i], pairs[i + 1]);
    }
    return !db_is_between_transactions(db);
}

void
db_session_set(Db *db, const char *const *pairs)
{
    PQExpBufferData sql;

    if (build_set(&sql, db, pairs))
        db_execute(db, sql.data);
    termPQExpBuffer(&sql);
}

bool
db_session_attempt_set(Db *db, const char *const *pairs)
{
    PQExpBufferData sql;
    bool is_done = !build_set(&sql, db, pairs) || db_attempt(db, sql.data);

    termPQExpBuffer(&sql);
    return is_done;
}

void
db_session_set_by_query(Db *db, const char *query)
{
    const char *is_local = db->is_pooled ? "true" : "false";
    PGresult *result = db_query_params(db, query, 1, &is_local);

    for (int i = 0; i < PQntuples(result); i++)
        db_settings_remember(db, PQgetvalue(result, i, 0), PQgetvalue(result, i, 1));
    PQclear(result);
}

void
db_session_copy_settings(Db *db, const Db *from)
{
    const DbSettings *settings = from->settings;
    PQExpBufferData sql;

    initPQExpBuffer(&sql);
    for (size_t i = 0; i < settings->n_items; i++)
    {
        append_set(&sql, db, settings->items[i].name, settings->items[i].value);
        db_settings_remember(db, settings->items[i].name, settings->items[i].value);
    }
    if (!db_is_between_transactions(db) && sql.len > 0)
        db_execute(db, sql.data);
    termPQExpBuffer(&sql);
}

/* ---- poolers */

/* The number of the server process that answers now; 0: none does. */
static int
ask_pid(Db *db)
{
    PGresult *answer =
        db_ask_in_time(db, "SELECT pg_catalog.pg_backend_pid()", DB_POOL_PATIENCE);
    int pid = answer != NULL ? (int)strtol(PQgetvalue(answer, 0, 0), NULL, 10) : 0;

    PQclear(answer);
    return pid;
}

/*
 * Finds the mode of a pooler: the protocol does not show it, but the process ids of
 * the server's processes do. Two connections are asked in turns. A pooler in session mode
 * has a process for each, and always the same one:
 *
 *     one 101, other 102, one 101, other 102 ...
 *
 * One in transaction mode gives both the process that is free (101, 101), or changes
 * between several (101, 102, 102, 101). PROBES rounds make a mistake unlikely; each costs
 * two round trips, once a run, and only where the process is not the one that was
 * announced when the connection was made, which is how a pooler is noticed at all
 * (db_greet()).
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
    Db *one = is_idle ? db : db_connect_try_again(db);
    Db *other = one != NULL ? db_connect_try_again(db) : NULL;
    DbPooling pooling = DB_POOLS_TRANSACTIONS;

    /* a pool of one session, which is this one, has none to compare with */
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
db_session_find_obstacle(Db *db)
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
db_session_need(Db *db, const char *what)
{
    const char *reason = db_session_find_obstacle(db);

    if (reason != NULL)
        die_hint(EXIT_CONNECTION, DB_POOL_HINT, "%s is not possible: %s", what, reason);
}

/* ---- session locks, and what else would stay in a pooler's session */

bool
db_session_try_lock(Db *db, const char *key)
{
    char *sql = mem_format("SELECT pg_catalog.pg_try_advisory_lock(%s)", key);
    char *answer;
    bool is_taken;

    db_locks_note(db);
    answer = db_query_value(db, sql);
    is_taken = answer != NULL && answer[0] == 't';
    free(answer);
    free(sql);
    return is_taken;
}

bool
db_session_attempt_lock(Db *db, const char *key, bool *is_taken)
{
    char *sql = mem_format("SELECT pg_catalog.pg_try_advisory_lock(%s)", key);
    bool is_done;

    db_locks_note(db);
    is_done = db_attempt_test(db, sql, is_taken);
    free(sql);
    return is_done;
}

void
db_session_unlock(Db *db, const char *key)
{
    char *sql = mem_format("SELECT pg_catalog.pg_advisory_unlock(%s)", key);

    db_execute(db, sql);
    free(sql);
}

/* ---- the encoding of what the server sends */

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
set_pooled_encoding(Db *db, const char *encoding)
{
    db_session_set(db, (const char *const[]){"client_encoding", encoding, NULL});
    if (!db_attempt(db, "SELECT"))
        return false;
    free(db->encoding);
    db->encoding = mem_copy_string(encoding);
    if (strcmp(db_encoding(db), encoding) == 0 || !db_is_idle(db))
        return true;
    /* a lock would stay behind; and where there can be one, poolers know of this, too */
    if (db->has_locks)
        return PQsetClientEncoding(db->connection, encoding) == 0;
    db_connect_replace(db);
    return true;
}

static bool
try_encoding(Db *db, const char *encoding)
{
    return db->is_pooled ? set_pooled_encoding(db, encoding)
                         : PQsetClientEncoding(db->connection, encoding) == 0;
}

void
db_session_set_encoding(Db *db, const char *name)
{
    const char *encoding = get_canonical_encoding(name);

    if (encoding != NULL && try_encoding(db, encoding))
        return;
    if (db_is_lost(db))
        db_die_lost(db);
    die_hint(EXIT_USAGE,
             "Names of encodings are in PostgreSQL's manual, chapter \"Character Set "
             "Support\", for example UTF8, LATIN1, EUC_JP.",
             "the server cannot convert to encoding \"%s\"", name);
}
