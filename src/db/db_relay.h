/*
 * A server for one child process, pg_dump: this program listens on a socket of its own,
 * and sends what the child asks over its connection, inside of the transaction there.
 *
 *     pg_dump --(socket in a directory of mode 0700)--> relay --> db_try() --> server
 *             <-- RowDescription, DataRow ..., ReadyForQuery <-- PGresult <--
 *
 * So the child sees what that transaction sees. A connection of its own would leave its
 * settings in a session that is a connection pooler's (db/db.h); here its statements are
 * between a savepoint and the return to it, and what it prepares is deallocated.
 *
 * The relay knows the simple query protocol alone: neither COPY nor parameters nor
 * function calls, none of which pg_dump --schema-only uses. A result is in memory as a
 * whole before the child gets its rows, as it is in pg_dump.
 */
#ifndef DB_DB_RELAY_H
#define DB_DB_RELAY_H

#include "db/db.h"

typedef struct DbRelay DbRelay;

/* Opens a socket that only this user may connect to; dies with EXIT_OUTPUT. */
DbRelay *db_relay_open(Db *db);

/* The environment of the child; owned by the caller (environment_free). */
char **db_relay_environment(const DbRelay *relay);

/*
 * Answers until the child, which has not been waited for, disconnects or ends,
 * then removes the socket. The connection must be in a transaction. An error that the
 * child causes is reported to the child; dies when the connection is lost.
 */
void db_relay_run(DbRelay *relay, pid_t child);

#endif
