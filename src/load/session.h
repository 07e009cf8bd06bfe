/* What every connection of the loader needs, and how it says what it is doing. */
#ifndef LOAD_SESSION_H
#define LOAD_SESSION_H

#include "db/db.h"

/* Sets search_path, row_security and timeouts; dies where that is refused. */
void load_session_prepare(Db *db);

/* Shows the phase in the application name: stage, check, diff, commit, clean. */
void load_session_show(Db *db, const char *phase);

#endif
