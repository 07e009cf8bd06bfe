/* A part of db.c: what messages say besides the error itself. */
#ifndef DB_DB_ERROR_H
#define DB_DB_ERROR_H

#include "db/db.h"

/*
 * The server's detail and context, and who is in the way where a lock was not to be had;
 * NULL if there is nothing to say. Owned by the caller.
 */
char *db_error_detail(const Db *db, const PGresult *result);

/*
 * Is it one of the reasons for which staging is not possible on a server? These are all;
 * after any other error nothing is tried in another way.
 */
bool db_error_is_obstacle(const PGresult *result);

/*
 * Can nothing make up for the error? Who cancels a query does not want it done in another
 * way, and what is wrong with the user's SQL is for the user to put right.
 */
bool db_error_is_final(const Db *db, const PGresult *result);

#endif
