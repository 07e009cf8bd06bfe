/*
 * Connections to the server. The files db*.c are the only ones that call libpq's
 * connection functions. A statement goes through them like this:
 *
 *     db_query(), db_copy_begin(), db_try(), db_ask(), db_attempt() ...
 *        |
 *        |  db_post: in a pooler's session, outside of a transaction, behind
 *        |     SET LOCAL ... for all that db_session_set() has set (db_settings);
 *        |     where it names a table whose rows this release of the server can miss,
 *        |     with enable_partition_pruning off (db_pruning)
 *        v
 *     the server
 *        |
 *        |  db_wait...: poll(), until there is input or a signal, which cancels the query
 *        v
 *     results, to the last of the query string or the first that failed
 *        |  connection lost   db_ask: NULL    db_attempt: false   others: EXIT_CONNECTION
 *        |  error             db_try, db_ask: the result          db_attempt: false
 *        |                    others: db_error_die: message, detail, hint, EXIT_SERVER
 *        v
 *     PGresult, which belongs to the caller, who releases it with PQclear()
 *
 * So what fails ends the program with one message and a documented exit status, where
 * nothing else is documented, or returns to a block that expects the error
 * (base/recovery.h). What runs while the program ends uses db_attempt() and its likes.
 */
#ifndef DB_DB_H
#define DB_DB_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/copyencoding.h"

typedef struct Db Db;

typedef struct DbTarget
{
    const char *dbname; /* name, conninfo string or URI; NULL: libpq's default */
    const char *host;
    const char *port;
    const char *username;
    const char *program;   /* fallback application name */
    bool is_prompt_forced; /* -W */
    bool is_prompt_never;  /* -w */
    int max_retries;       /* while the server is starting */
} DbTarget;

/* Connects, asking for a password on the terminal if one is needed and allowed. */
Db *db_connect(const DbTarget *target);

/* A second connection to the very server that this one found, as the same user. */
Db *db_connect_again(const Db *db);

/* NULL is accepted. */
void db_close(Db *db);

/*
 * The environment for a child that is to reach the same server: as it is, with the PG*
 * variables set to what this connection uses, password included. Parameters that have no
 * variable are passed in a service file that has no name on disk; *service_fd is its
 * descriptor, which must stay open while the child starts, or -1. The array and its
 * strings are owned by the caller (environment_free in db/environment.h).
 */
char **db_connect_child_environment(const Db *db, int *service_fd);

const char *db_name(const Db *db);
int db_server_version(const Db *db); /* as PQserverVersion(): 150003 */
const char *db_server_version_text(const Db *db);
bool db_is_standby(const Db *db); /* when the connection was made */
const char *db_user(const Db *db);
const char *db_host(const Db *db);

/* Encoding of what the server sends; name as the server spells it. */
const char *db_encoding(const Db *db);
/*
 * Sets it, by any name that libpq knows, or "auto"; the name may come from anywhere. Dies
 * with EXIT_USAGE if there is no such encoding, or no conversion to it.
 */
void db_session_set_encoding(Db *db, const char *name);
/* How to step over its characters. */
CopyEncoding db_copy_encoding(const Db *db);
/* Can bytes below 0x80 be part of a multibyte character (SJIS, BIG5, GBK, ...)? */
bool db_encoding_is_ascii_safe(const Db *db);

/*
 * What an error is about, for messages: "could not read table x". The text is copied;
 * NULL removes it.
 */
void db_set_context(Db *db, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * What can be done meanwhile, a little at a time, when nothing has come yet that the
 * connection waits for; false when nothing is left for now. It must not use connections.
 * NULL: nothing.
 */
void db_set_idle_work(Db *db, bool (*work)(void *context), void *context);

/*
 * From now on errors of the server on this connection go through die_staging(), unless it
 * ends the session or cancels the query.
 */
void db_set_staging(Db *db, bool is_for_staging);

/* From now on errors of the SQL itself on this connection always end the program. */
void db_set_user_sql(Db *db);

/* What to do about a missing privilege, for messages; a constant string. */
void db_set_permission_hint(Db *db, const char *hint);

/* Runs one query and returns its rows. */
PGresult *db_query(Db *db, const char *sql);

/*
 * The same for a query string of n queries: the result of each. The server is asked only
 * once; and it plans a union of many queries in more time than all of them. In between
 * another connection can be asked as well.
 */
void db_query_many_begin(Db *db, const char *sql);
void db_query_many_end(Db *db, PGresult **results, int n);
PGresult *db_query_params(Db *db, const char *sql, int n_params,
                          const char *const *values);

/* Runs statements that return nothing of interest. */
static inline void
db_execute(Db *db, const char *sql)
{
    PQclear(db_query(db, sql));
}

/* A query of the user's own SQL; an error is that of a rule (db_error_die_rule()). */
PGresult *db_query_rule(Db *db, const char *sql);

/* A query that returns exactly one row; dies otherwise. */
PGresult *db_query_row(Db *db, const char *sql);

/* One value of one row (owned by the caller), or NULL for SQL NULL. */
char *db_query_value(Db *db, const char *sql);

/* The same of a result, which db_query_take_value() releases. */
PGresult *db_query_check_row(PGresult *result, const char *sql);
char *db_query_take_value(PGresult *result);

/*
 * Runs a statement that may fail: the result is returned whatever its status
 * (see db_succeeded()); dies only when the connection is lost or a signal came.
 */
PGresult *db_try(Db *db, const char *sql);
/*
 * The same; also counts the rows that its INSERTs inserted, each by itself, or what is
 * more than n in the last count.
 */
PGresult *db_try_counting(Db *db, const char *sql, uint64_t *counts, int n);
/* The same, but NULL when the connection is lost. */
PGresult *db_ask(Db *db, const char *sql);
/*
 * Sends COMMIT and waits for its answer whatever signals come, which count no more from
 * then on. NULL when the connection is lost: then it is unknown whether it was done.
 */
PGresult *db_ask_commit(Db *db);
bool db_succeeded(const PGresult *result);
/* Reports a failed result as db_execute() would have done, and ends the program. */
_Noreturn void db_error_die(Db *db, const PGresult *result, const char *hint);
/* The same for SQL that the user wrote: EXIT_USAGE where the SQL is what is wrong. */
_Noreturn void db_error_die_rule(Db *db, const PGresult *result);

/*
 * From now on, on all connections, no text of the server is shown that may have values of
 * rows: of errors in data, of functions, of notices, of other sessions' statements.
 */
void db_hide_values(void);

/*
 * The server's detail and context, and which sessions hold a lock that is not available;
 * NULL if there is nothing to add. Owned by the caller.
 */
char *db_error_detail(const Db *db, const PGresult *result);
/*
 * Is the error one that must end the program, whatever block expects it? A query that
 * somebody cancels is not to be done in another mode, and the user's SQL is for the user
 * to correct.
 */
bool db_error_is_final(const Db *db, const PGresult *result);

/*
 * The sessions that hold or await locks which keep others from reading tables, for
 * messages; NULL if there are none. Owned by the caller.
 */
char *db_error_describe_blockers(const Db *db);

/*
 * COPY ... TO STDOUT, among other statements of one query string. Rows come one at a
 * time, without their newline; a row is valid until the next call. Returns its length, or
 * -1 after the last row, when all statements have ended well.
 */
void db_copy_begin(Db *db, const char *sql);
ssize_t db_copy_row(Db *db, char **line);

/*
 * The same for a query string with n such statements, for which the server is asked only
 * once. After the last row of each, which is when it has ended well, db_copy_next() goes
 * on to the next one: an error is about the statement that was begun last, or could not
 * be.
 */
void db_copy_begin_many(Db *db, const char *sql, int n);
void db_copy_next(Db *db);
/* The same without waiting for the first one, to which db_copy_next() goes as well. */
void db_copy_post_many(Db *db, const char *sql, int n);
/* Is there a next one? Any other statement makes those void that have not begun. */
bool db_copy_has_next(const Db *db);

/*
 * COPY ... FROM STDIN, the last statement of the query string. The data may be cut into
 * pieces (below 2 GB) anywhere. What the server finds wrong is reported at the end.
 */
void db_copy_in_begin(Db *db, const char *sql);
void db_copy_in(Db *db, const char *data, size_t length);
void db_copy_in_end(Db *db);
/* The same, but the result is returned whatever its status, as by db_try(). */
PGresult *db_copy_in_try_end(Db *db);

/*
 * What is set in a session stays after the connection has ended, if the session is a
 * connection pooler's, which gives it to others. There it is set for each transaction
 * (and each statement outside of one) at its beginning; only a transaction that imports a
 * snapshot can have no search_path but the empty one. Only db_session.c and db_locks.c
 * change what belongs to a session.
 *
 * Timeouts of the role and the database count on no connection, from its first statement
 * on.
 */

/* Is the session another one than the one that this connection was given? */
bool db_is_pooled(const Db *db);

/*
 * NULL if the session stays the same from one transaction to the next, else the reason:
 * a constant text. Opens one or two other connections to find out, if it is pooled.
 */
const char *db_session_find_obstacle(Db *db);
/* Dies if there is a reason; what: what is not possible then. */
void db_session_need(Db *db, const char *what);

/* Sets to the end of the session: names and values by turns, and NULL. */
void db_session_set(Db *db, const char *const *pairs);
/* The same; does not end the program, but is false when it fails. */
bool db_session_attempt_set(Db *db, const char *const *pairs);
/*
 * The same with a query of src/sql/: $1 is whether to set for the transaction only, and
 * it returns names and values.
 */
void db_session_set_by_query(Db *db, const char *query);
/* The same with what was set on another connection; not its encoding. */
void db_session_copy_settings(Db *db, const Db *from);

/*
 * Advisory locks to the end of the session, or of the connection. The key is SQL: one or
 * two arguments. The second function does not end the program: it is false when it fails.
 */
bool db_session_try_lock(Db *db, const char *key);
bool db_session_attempt_lock(Db *db, const char *key, bool *is_taken);
void db_session_unlock(Db *db, const char *key);

/* Text as an SQL literal, quoted for this connection; released by PQfreemem(). */
char *db_quote_literal(Db *db, const char *text);

/* Is it in the middle of a query, or of what that returns? */
bool db_is_busy(const Db *db);
/* Is it outside of a transaction? */
bool db_is_idle(const Db *db);

/* From now on notices of the server are messages of this program. */
void db_ask_log_notices(Db *db);

/* How many query strings were sent. */
uint64_t db_count_statements(const Db *db);

/*
 * The rest is for cleaning up when the program is ending: nothing here ends it, and a
 * signal that came before does not count.
 */

/* Stops what runs and ends its transaction; false when the connection is of no use. */
bool db_recover(Db *db);
/* Closes db, and waits a moment until witness sees that its backend has ended. */
void db_close_surely(Db *db, Db *witness);
/* Reads what is left of a statement's answer; false when the connection is of no use. */
bool db_attempt_discard(Db *db);
/* Stops what runs, and reads what is left; its transaction stays. NULL is accepted. */
bool db_recover_stop(Db *db);
/* Runs statements; false when they fail. */
bool db_attempt(Db *db, const char *sql);
/* The same for a query of one value, yes or no. */
bool db_attempt_test(Db *db, const char *sql, bool *is_true);
/* Why the last of these failed, in one line; owned by the caller. */
char *db_attempt_copy_error(const Db *db);
/* Another connection, or NULL. */
Db *db_connect_try_again(const Db *db);

/* ---- db_pruning.c */

/* A table's name as SQL has it, quoted and with its schema; it is copied. */
void db_pruning_distrust(const char *qname);

/* From now on every statement of the user's is sent so, whatever it names. */
void db_pruning_distrust_user(void);
/* The same for all statements. */
void db_pruning_distrust_all(void);

/* Forgets all of them. */
void db_pruning_trust_all(void);

#endif
