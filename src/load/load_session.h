/* What every connection of the loader needs, and how it says what it is doing. */
#ifndef LOAD_LOAD_SESSION_H
#define LOAD_LOAD_SESSION_H

#include "db/db.h"

/*
 * Sets row_security, timeouts and an empty search_path, under which the catalog is read;
 * dies where that is refused.
 */
void load_session_prepare(Db *db);

/*
 * Sets the search_path, for the rest of the session: the user's own while triggers,
 * constraints and domains may run, whose functions find their tables by it. Our own SQL
 * names everything with its schema.
 */
void load_session_set_path(Db *db, const char *search_path);

/* When the server started; after a crash it has another time. Owned by the caller. */
/* Gives the new connection what was set on the lost one, which no longer knows its
 * encoding. */
void load_session_continue(Db *db, const Db *lost, const char *encoding);

char *load_session_get_server_start(Db *db);

/* Shows the phase in the application name: stage, check, diff, commit, clean. */
void load_session_show(Db *db, const char *phase);

#endif
