/* What the files behind db.h share. */
#ifndef DB_DB_INTERNAL_H
#define DB_DB_INTERNAL_H

#include "base/strbuf.h"
#include "db/db.h"

typedef struct DbSetting
{
    char *name;
    char *value;
} DbSetting;

typedef struct DbSettings
{
    DbSetting *items;
    size_t n_items;
    size_t capacity;
    char *prefix; /* of transactions in a pooler's session; NULL: to be made */
} DbSettings;

typedef enum DbPooling
{
    DB_POOLING_UNKNOWN,
    DB_POOLS_SESSIONS,
    DB_POOLS_TRANSACTIONS
} DbPooling;

enum
{
    DB_POOL_PATIENCE = 10 /* seconds that a pooler may take to give one more session */
};

#define DB_POOL_HINT "Connect to the server itself, or through a pool in session mode."

struct Db
{
    PGconn *connection;
    PGcancel *cancel;
    int slot; /* of signals_register() */
    int pid;  /* of the server's process that answered first */
    bool is_pooled;
    bool is_standby;
    bool quotes_all;   /* quote_all_identifiers is on, as the user has it, */
    bool escapes;      /* and standard_conforming_strings is off */
    DbPooling pooling; /* if is_pooled */
    DbSettings *settings;
    char *encoding; /* of a pooler's session, where it was chosen; else NULL */
    bool has_locks; /* in a pooler's session */
    Db *next_locker;
    char *context;
    const char *permission_hint;
    char *copy_line;     /* of db_copy_row(), released by the next call */
    int n_copies_left;   /* of db_copy_begin_many(), after the one that is read */
    bool is_for_staging; /* its failures are those of staging */
    bool is_for_user;    /* it runs SQL that the user wrote */
    bool is_pruning_off; /* since the last statement, in its transaction */
    bool (*idle_work)(void *context); /* of db_set_idle_work(), or NULL */
    void *idle_context;
    uint64_t n_statements;
};

/*
 * Each of these files calls only those above it:
 *
 *     db_hide       what the server reports and is not to be shown
 *     db            the connection itself: waits, results, what messages are about
 *     db_settings   what transactions in a pooler's session begin with
 *     db_pruning    whether the statement may prune partitions
 *     db_post       sends statements
 *     db_ask        their results, whatever becomes of the connection
 *     db_attempt    whether they succeed, whatever signals came
 *     db_recover    stops what runs
 *     db_greet      the first statement of a connection
 *     db_locks      advisory locks, which a pooler's session would keep
 *     db_close, db_connect
 *     db_error      dies of a result, after a look at who holds locks
 *     db_try, db_query, db_copy
 *     db_session    what lasts as long as the session: settings, locks, the encoding
 *     db_relay      the connection as a server for pg_dump
 */

/* ---- db_hide.c */

/* May the message of the error have values that are not to be shown? */
bool db_hide_concerns(const PGresult *result);
/* The same for its detail and context. */
bool db_hide_concerns_detail(const PGresult *result);
/* Are values hidden at all? */
bool db_hide_is_on(void);
/* What is shown instead of the message; owned by the caller. */
char *db_hide_make_message(const PGresult *result);
/* Notices of the connection are not shown, either. */
void db_hide_watch_notices(PGconn *connection);

/* ---- db.c */

/* Cancels what runs; for the signal handler. The target is a PGcancel. */
void db_interrupt(void *target);
/* Signals interrupt the connection from now on, or not any more: then it is closed. */
void db_take_over(Db *db, PGconn *connection);
void db_let_go(Db *db);
/* Is it a pooler's session, and outside of a transaction? */
bool db_is_between_transactions(const Db *db);
bool db_is_lost(const Db *db);
/* The server ends the session: by an administrator's command, or with itself. */
bool db_is_ending(const PGresult *result);
_Noreturn void db_die_lost(Db *db);
/* Waits for input for a moment; passes a signal that came on to the server. */
void db_wait_readable(Db *db);
/* The same; false when the connection is lost. */
bool db_wait_or_lose(Db *db);
/* NULL after the last one; all of them must be read. */
PGresult *db_next_result(Db *db);
/*
 * The last result of the query string, or the first one that failed. Counts the rows of
 * each of its INSERTs; if these are more than n, the last count is that of all others,
 * and n can be 0.
 */
PGresult *db_collect_result(Db *db, uint64_t *counts, int n);

/* ---- db_settings.c */

void db_settings_remember(Db *db, const char *name, const char *value);
/* Statements that may come before SET TRANSACTION SNAPSHOT, which no query may. */
const char *db_settings_get_prefix(Db *db);
/* The isolation that the session would give the transaction, unless sql has its own. */
void db_settings_append_isolation(PQExpBuffer text, Db *db, const char *sql);
void db_settings_free(DbSettings *settings);

/* ---- db_pruning.c */

/* What is to be set for statements that name such tables (db_pruning.c); or "". */
const char *db_pruning_choose(Db *db, const char *sql);

/* ---- db_post.c */

/*
 * Sends statements, behind the settings that they need: the only way to the server for
 * text. False when the connection is lost.
 */
bool db_post(Db *db, const char *sql) __attribute__((warn_unused_result));
/* The same; dies when a signal came or the connection is lost. */
void db_post_or_die(Db *db, const char *sql);

/* ---- db_ask.c */

/* The only row of the answer; NULL: there is none, or none in time (0: without limit). */
PGresult *db_ask_in_time(Db *db, const char *sql, int seconds);

/* ---- db_greet.c */

/*
 * The first statement of a connection: no timeout of the role or database counts from
 * then on, and it shows whether the session is a pooler's. False when there is no answer,
 * or, from the pooler of the parent, none in time. NULL: it is the first connection.
 */
bool db_greet(Db *db, const Db *parent);

/* ---- db_locks.c */

/* In a pooler's session: it will have locks. */
void db_locks_note(Db *db);
/* In a pooler's session with locks: leaves neither them nor cursors there. */
void db_locks_leave(Db *db);

/* ---- db_connect.c */

/* Puts a new connection with the encoding that was chosen in the place of an idle one. */
void db_connect_replace(Db *db);

/* ---- prompt.c */

/*
 * Asks on /dev/tty without echo; standard input and error serve where there is none.
 * user may be NULL. The answer is owned by the caller.
 */
char *prompt_password(const char *user);

#endif
