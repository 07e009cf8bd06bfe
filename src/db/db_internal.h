/* What the files behind db.h share. */
#ifndef DB_DB_INTERNAL_H
#define DB_DB_INTERNAL_H

#include "db/db.h"

struct Db
{
    PGconn *connection;
    PGcancel *cancel;
    int slot; /* of signals_register() */
    char *context;
    const char *permission_hint;
    char *copy_line;     /* of db_copy_row(), released by the next call */
    bool is_for_staging; /* its failures are those of staging */
    bool is_for_user;    /* it runs SQL that the user wrote */
    uint64_t n_statements;
};

/* Takes over a connection that works. */
Db *db_wrap(PGconn *connection);
/* A second connection to the server; its status tells whether there is one. */
PGconn *db_open_again(const Db *db);
/* Waits for input for a moment; passes a signal that came on to the server. */
void db_wait_readable(Db *db);
/* The same; false when the connection is lost. */
bool db_wait_or_lose(Db *db);
bool db_is_lost(const Db *db);
/* The server ends the session: by an administrator's command, or with itself. */
bool db_is_ending(const PGresult *result);

_Noreturn void db_die_lost(Db *db);
void db_send(Db *db, const char *sql);
/* NULL after the last one; all of them must be read. */
PGresult *db_next_result(Db *db);
/* The last result of the query string, or the first one that failed. */
PGresult *db_collect_result(Db *db);

#endif
