/*
 * A server for one child process, in our place: what it asks is asked over our
 * connection, inside its transaction, between a savepoint and the return to it. So the
 * child sees what that transaction sees, and leaves nothing in a session that is a
 * pooler's (db/db.h), as a connection of its own would. It may use neither COPY nor
 * functions of the protocol, nor parameters; pg_dump --schema-only does not.
 */
#ifndef DB_DB_RELAY_H
#define DB_DB_RELAY_H

#include <sys/types.h>

#include "db/db.h"

typedef struct DbRelay DbRelay;

/* Opens a socket that only this user may connect to; dies with EXIT_OUTPUT. */
DbRelay *db_relay_open(Db *db);

/* The environment of the child; owned by the caller (environment_free). */
char **db_relay_environment(const DbRelay *relay);

/*
 * Answers until the child, which has not been waited for, disconnects or ends,
 * then removes the socket. The connection must be in a transaction. An error that the
 * child causes is for the child; dies when the connection is lost.
 */
void db_relay_run(DbRelay *relay, pid_t child);

#endif
