#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "db/db_internal.h"

void
db_close(Db *db)
{
    if (db == NULL)
        return;
    db_locks_leave(db);
    db_let_go(db);
    PQfreemem(db->copy_line);
    db_settings_free(db->settings);
    free(db->encoding);
    free(db->context);
    free(db);
}

/*
 * The server ends a session some time after its connection, and counts it until then: the
 * next connection could be one too many.
 */
void
db_close_surely(Db *db, Db *witness)
{
    const struct timespec pause = {.tv_nsec = 20 * 1000 * 1000};
    char sql[200];
    bool is_there;

    if (db == NULL)
        return;
    is_there = !db->is_pooled; /* a pooler keeps it */
    snprintf(sql, sizeof(sql),
             "SELECT pg_catalog.pg_stat_clear_snapshot();\n"
             "SELECT FROM pg_catalog.pg_stat_activity AS a"
             " WHERE a.pid OPERATOR(pg_catalog.=) %d",
             db->pid);
    db_close(db);
    for (int i = 0; is_there && i < 100; i++)
    {
        PGresult *result = db_ask(witness, sql);

        is_there = PQntuples(result) > 0;
        PQclear(result);
        nanosleep(&pause, NULL);
    }
}
