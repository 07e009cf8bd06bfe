/*
 * Beginning a session before the catalogs are read, so that pg_dump can read its own
 * meanwhile: it takes as long as everything else, and what it dumps does not depend on
 * the plan, except for what it has to leave out.
 *
 *     usually                              early
 *     catalogs, plan                       names of all tables
 *     LOCK TABLE what the plan needs       LOCK TABLE all of them, NOWAIT
 *     snapshot; are the catalogs           snapshot; are these still all tables?
 *     still the same?                      pg_dump starts
 *     pg_dump starts                       catalogs in the snapshot, plan
 *
 * A run that dumps the schema locks all tables anyway. Only where nothing speaks against
 * it is it done early: a table that may not be read, or that somebody else has locked, a
 * server with few lock slots, and so on, need the care of the usual way, which is then
 * taken from its beginning. So early beginning never waits, fails or reports anything.
 */
#ifndef SAMPLE_SESSION_EARLY_H
#define SAMPLE_SESSION_EARLY_H

#include "sample/session.h"

/*
 * What staging will connect is connected now, while it is known that there is room for
 * pg_dump as well.
 */
typedef struct EarlyOptions
{
    bool is_for_staging; /* the sample may be staged */
    int min_tables;      /* not for fewer tables */
} EarlyOptions;

/* Locks and takes the snapshot if that is possible. */
bool session_early_begin(Session *session, const EarlyOptions *options);

/*
 * Is what the plan needs locked, and does the session not have to read in chunks? Else
 * the session is as if it had not begun.
 */
bool session_early_settle(Session *session, const Plan *plan);

/* A connection that was made early, now the caller's, or NULL. */
Db *session_early_take_spare(Session *session);

/* Closes those that nobody took. */
void session_early_release_spares(Session *session);

#endif
