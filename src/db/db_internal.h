/* What the files behind db.h share. */
#ifndef DB_DB_INTERNAL_H
#define DB_DB_INTERNAL_H

#include "db/db.h"

typedef struct DbSettings DbSettings;

typedef enum DbPooling
{
    DB_POOLING_UNKNOWN,
    DB_POOLS_SESSIONS,
    DB_POOLS_TRANSACTIONS
} DbPooling;

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
    bool is_for_staging; /* its failures are those of staging */
    bool is_for_user;    /* it runs SQL that the user wrote */
    bool is_pruning_off; /* since the last statement, in its transaction */
    uint64_t n_statements;
};

/* Cancels what runs; for the signal handler. The target is a PGcancel. */
void db_interrupt(void *target);
/* Puts a new connection with the encoding that was chosen in the place of an idle one. */
void db_reconnect(Db *db);

/*
 * The first statement of a connection (db_session.c): no timeout of the role or database
 * counts from then on, and it shows whether the session is a pooler's. False when there
 * is no answer, or, from the pooler of the parent, none in time. NULL: it is the first
 * connection.
 */
bool db_greet(Db *db, const Db *parent);
/*
 * Sends statements, behind the settings that they need: the only way to the server for
 * text. False when the connection is lost.
 */
bool db_post(Db *db, const char *sql) __attribute__((warn_unused_result));
/* What is to be set for statements that name such tables (db_pruning.h); or "". */
const char *db_choose_pruning(Db *db, const char *sql);
/* Where what is set counts only in a transaction: begins one, and returns true. */
bool db_enter_transaction(Db *db);
/* Dies where a pooler gives a session for a statement only. */
void db_check_transactions(Db *db);
/* In a pooler's session with locks: leaves neither them nor cursors there. */
void db_leave_session(Db *db);
void db_settings_free(DbSettings *settings);
/* Waits for input for a moment; passes a signal that came on to the server. */
void db_wait_readable(Db *db);
/* The same; false when the connection is lost. */
bool db_wait_or_lose(Db *db);
bool db_is_lost(const Db *db);
/* The server ends the session: by an administrator's command, or with itself. */
bool db_is_ending(const PGresult *result);

_Noreturn void db_die_lost(Db *db);
void db_send(Db *db, const char *sql);
/* NULL after the last one; all of them must be read. */
PGresult *db_next_result(Db *db);
/* The last result of the query string, or the first one that failed. */
PGresult *db_collect_result(Db *db);

#endif
