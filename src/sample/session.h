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

#include "db/db.h"
#include "model/catalog.h"
#include "model/copytext.h"
#include "model/plan.h"

typedef struct SessionOptions
{
    const char *encoding;     /* of the dump; NULL: PGCLIENTENCODING or the server's */
    const char *lock_timeout; /* as SET lock_timeout takes it */
    bool enable_row_security;
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
    Db *holder;
    Reader rows; /* our own SQL; its db is the holder unless is_chunked */
    Reader user; /* the user's SQL; db NULL when there is none */
    const Catalog *catalog;
    char *search_path; /* the user's own */
    char *snapshot;
    char *fingerprint; /* of the catalog that the plan was made from */
    const char *lock_timeout;
    bool enable_row_security;
    bool is_chunked;
    bool is_crowded; /* pg_dump alone takes most lock slots: read when it has ended */
    int chunk_locks; /* slots for one transaction */
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

/* Ends all transactions and closes all connections. */
void session_close(Session *session);

#endif
