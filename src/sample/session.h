/*
 * The connections of a run, all of them in one snapshot.
 *
 * The holder takes ACCESS SHARE locks on every table that may be read, then exports its
 * REPEATABLE READ snapshot and keeps it to the end of the run; then the catalog is
 * compared with the one that the plan was made from. (Locks first: a TRUNCATE that
 * commits between snapshot and lock would leave the table silently empty.) It reads the
 * rows as well, over the locks that it has, so that DDL which queues behind them cannot
 * make us wait for ourselves. The user's own SQL runs on a connection of its own.
 *
 * Where the locks would take too many of the server's lock slots, the holder takes none:
 * rows are read in short transactions that import the snapshot, lock what they read, and
 * check that it has not been rewritten since.
 */
#ifndef SAMPLE_SESSION_H
#define SAMPLE_SESSION_H

#include "base/copytext.h"
#include "base/diag.h"
#include "db/answers.h"
#include "db/db.h"
#include "model/catalog.h"
#include "model/plan.h"

typedef struct SessionOptions
{
    const char *encoding;     /* of the dump; NULL: PGCLIENTENCODING or the server's */
    const char *lock_timeout; /* as SET lock_timeout takes it */
    bool enable_row_security;
    bool continue_on_error; /* see lost.h */
} SessionOptions;

typedef struct Reader
{
    Db *db;
    int n_locks; /* slots that its transaction may have taken */
    const Relation *last_locked;
    bool is_open;
} Reader;

typedef struct Session
{
    Db *snapshot_db;
    Reader rows;      /* our own SQL; its db is the holder unless is_chunked */
    Reader user;      /* the user's SQL; db NULL when there is none */
    Answers *answers; /* what is known of the source besides its rows */
    const Catalog *catalog;
    char *search_path; /* the user's own */
    char *snapshot;
    char *fingerprint; /* of the catalog that the plan was made from */
    const char *lock_timeout;
    bool enable_row_security;
    bool is_chunked;
    bool is_crowded; /* pg_dump alone takes most lock slots: read when it has ended */
    int chunk_locks; /* slots for one transaction */
    bool continue_on_error;
    const Relation *reading; /* the table to blame for an error, or NULL */
    bool reads_own_path;     /* rows are read under search_path: see path_probe.h */
    bool avoids_recursion;   /* no recursive queries: one failed, on whatever table */
    CopyEncoding encoding;
} Session;

/* Prepares the connection, which the session owns from now on. */
Session *session_open(Db *db, const SessionOptions *options);

/* Reads the catalog as it is now; the caller releases it with catalog_free(). */
Catalog *session_load_catalog(Session *session);

/*
 * Locks, takes the snapshot and compares. False when the catalog has changed since it was
 * loaded: load and plan again. Ends the program when a lock cannot be had in time, and
 * says who blocks.
 */
bool session_begin(Session *session, const Plan *plan)
    __attribute__((warn_unused_result));

/*
 * The connection to read the relation's rows with; what it read before is no longer
 * locked, perhaps.
 */
Db *session_get_reader(Session *session, const Relation *relation);
/* The same for SQL with a condition of the user's. */
Db *session_get_user_reader(Session *session, const Relation *relation);

/* Gives another connection the encoding and settings of those that read rows. */
void session_prepare(Session *session, Db *db);

/*
 * Where indexes need it, the connection reads rows under the user's own search_path; what
 * we write means the same under every one.
 */
void session_choose_path(const Session *session, Db *db);

/*
 * With continue_on_error, after an error while rows were read: all connections can be
 * used as before, in the same snapshot, and the table that was being read is skipped.
 * When a recursive query read several, there are no such queries until the next error.
 * Releases the diag; ends the program with it when there is nothing to blame.
 */
void session_recover(Session *session, const Plan *plan, Diag *diag);

/* Ends all transactions: nothing more is read from the source. */
void session_release_snapshot(Session *session);

/*
 * The answers of an earlier run, which become the session's, take the place of the
 * server's; they decide the encoding.
 */
void session_replay(Session *session, Answers *answers);

/*
 * Reads to the end what its connections were sending when an error came from elsewhere.
 */
void session_settle(Session *session);

/* Ends all transactions and closes all connections. */
void session_close(Session *session);

#endif
