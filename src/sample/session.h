/*
 * The connections of a run, all of them in one snapshot.
 *
 * The snapshot connection locks all tables that are read (ACCESS SHARE), then exports its
 * REPEATABLE READ snapshot and holds it to the end of the run; then the catalog is
 * compared with the one that the plan was made from. The locks come first, since a
 * TRUNCATE that commits between snapshot and lock would make a table silently empty.
 *
 *     snapshot connection    LOCK TABLE ..., pg_export_snapshot(), definitions
 *          |                 and the rows, over the locks that it holds
 *          +-- user's connection    the user's conditions and expressions, read only
 *          +-- connection of its own for rows, where these are read in chunks, or under
 *          |   the user's search_path
 *          +-- pg_dump, and in staging mode the source connection (staging/staging.h)
 *
 * Rows are read on the snapshot connection because its locks are granted already: if DDL
 * waits for these locks, a lock request of another connection waits behind the DDL, and
 * both would wait for this program, which the server does not see as a deadlock.
 *
 * Where the locks would take too many of the server's lock slots, none are held: rows are
 * read in chunks, short transactions that import the snapshot, lock what they read, and
 * check that it was not rewritten since (session_locks.c).
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
    bool continue_on_error; /* see skipped.h */
} SessionOptions;

typedef struct Reader
{
    Db *db;
    int n_locks; /* slots that its transaction may have taken */
    const Relation *last_locked;
    bool is_open;
} Reader;

enum
{
    SESSION_SPARES = 2 /* connections, as many as staging needs */
};

typedef struct Session
{
    Db *snapshot_db;
    Reader rows;      /* own SQL; on the snapshot connection where possible */
    Reader user;      /* the user's SQL; db is NULL if there is none */
    Answers *answers; /* what the catalogs answered */
    const Catalog *catalog;
    char *search_path; /* the user's own */
    char *snapshot;
    char *fingerprint; /* of the catalog that the plan was made from */
    char *running;     /* SQL_RUNNING then */
    const char *lock_timeout;
    bool enable_row_security;
    bool is_chunked;
    bool is_crowded; /* pg_dump alone takes many: rows are read after it */
    int chunk_locks; /* slots for one transaction */
    bool continue_on_error;
    const Relation *reading; /* the table that an error is about, or NULL */
    bool reads_own_path;     /* rows are read under search_path: see path_probe.h */
    bool avoids_recursion;   /* no recursive queries: one failed, on whatever table */
    CopyEncoding encoding;
    bool is_early;        /* it has begun before the catalogs are read: session_early.h */
    int early_slots_used; /* lock slots, before it began */
    Db *spares[SESSION_SPARES]; /* connected then, and not used yet */
} Session;

/* Prepares the connection, which the session owns from now on. */
Session *session_open(Db *db, const SessionOptions *options);

/* Reads the catalog as it is now; the caller releases it with catalog_free(). */
Catalog *session_load_catalog(Session *session);

/*
 * Locks, takes the snapshot and compares, unless it has begun early (session_early.h).
 * False when the catalog has changed since it was loaded: load it and plan again. Ends
 * the program when a lock is not granted in time, and reports which sessions block it.
 */
bool session_begin(Session *session, const Plan *plan)
    __attribute__((warn_unused_result));

/*
 * The connection to read the relation's rows. When reading in chunks, relations that it
 * was returned for before may not be locked any longer.
 */
Db *session_get_reader(Session *session, const Relation *relation);
/* The same for the user's SQL. */
Db *session_get_user_reader(Session *session, const Relation *relation);

/* Gives another connection the encoding and settings of those that read rows. */
void session_prepare(Session *session, Db *db);

/*
 * Where indexes need it (path_probe.h), the connection reads rows under the user's own
 * search_path; own SQL means the same under every one.
 */
void session_choose_path(const Session *session, Db *db);

/*
 * Another connection, outside of the snapshot and READ ONLY, with the settings of those
 * that read rows, so that it writes values as they do; is_user: for the user's SQL, under
 * the user's search_path. The caller closes it.
 */
Db *session_open_beside(Session *session, bool is_user);

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
 * Replaces the answers by those of an earlier run, which the session then owns; they
 * decide the encoding.
 */
void session_replay(Session *session, Answers *answers);

/*
 * Reads to its end what the server was sending on these connections when another failed.
 */
void session_settle(Session *session);

/* Ends all transactions and closes all connections. */
void session_close(Session *session);

/* ---- session_locks.c */

/* Lock slots for reading one relation: itself, its partitions and all indexes. */
int session_locks_count(const Relation *relation);

/*
 * Decides whether rows are read in chunks, and how many locks one may take.
 */
void session_locks_budget(Session *session, const Plan *plan);

/*
 * Locks the marked tables in the open transaction. With continue_on_error those that
 * cannot be locked are skipped, and the others, unless is_kept, are only tried. False
 * when a table has been dropped; the transaction has failed then.
 */
bool session_locks_take(Session *session, const Plan *plan, Db *db, const bool *is_locked,
                        bool is_kept);

/* The same on the snapshot connection, for all tables that are read or dumped. */
bool session_locks_take_all(Session *session, const Plan *plan);

/*
 * Locks the relation in the open transaction. Ends the program if it, or a partition of
 * it, was rewritten after the snapshot was taken: rows would be missing without an error.
 */
void session_locks_unchanged(Db *db, const Relation *relation);

#endif
