/* Settings of the connections of the loader. */
#ifndef LOAD_LOAD_SESSION_H
#define LOAD_LOAD_SESSION_H

#include "db/db.h"

/*
 * Sets row_security, timeouts and an empty search_path, under which the catalogs are
 * read. Ends the program if that fails.
 */
void load_session_prepare(Db *db);

/*
 * Sets the search_path for the rest of the session: the user's own, since functions of
 * triggers, constraints and domains find their tables by it. The loader's own SQL names
 * everything with its schema.
 */
void load_session_set_path(Db *db, const char *search_path);

/*
 * Sets on a new connection what was set on the lost one; the encoding is given, since a
 * lost connection has none.
 */
void load_session_continue(Db *db, const Db *lost, const char *encoding);

/* When the server started: another time after a crash. Owned by the caller. */
char *load_session_get_server_start(Db *db);

/*
 * Updates the planner's statistics of a table of the run. A small sample will do, since
 * they decide between few plans; the setting lasts until the end of a transaction.
 */
void load_session_analyze(Db *db, const char *table);

/* Shows the phase in the application name: stage, check, diff, commit, clean. */
void load_session_show(Db *db, const char *phase);

#endif
