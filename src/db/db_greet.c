#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "db/db_internal.h"

/* Timeouts that roles and databases may have, and the server that brought them. */
static const struct
{
    const char *name;
    int since;
} timeouts[] = {{"statement_timeout", 0},
                {"lock_timeout", 0},
                {"idle_in_transaction_session_timeout", 0},
                {"idle_session_timeout", 140000},
                {"transaction_timeout", 170000}};

/*
 * No timeout of the role or the database counts from here on; in a session that is a
 * pooler's, whose process is another than the one that was announced for this connection,
 * only for this statement.
 */
static char *
format_greeting(Db *db)
{
    PQExpBufferData sql;
    char *text;

    initPQExpBuffer(&sql);
    appendPQExpBufferStr(&sql, "SELECT pg_catalog.pg_backend_pid(),\n"
                               "       pg_catalog.current_setting("
                               "'quote_all_identifiers'),\n"
                               "       pg_catalog.current_setting("
                               "'standard_conforming_strings'),\n"
                               "       pg_catalog.pg_is_in_recovery()");
    for (size_t i = 0; i < sizeof(timeouts) / sizeof(timeouts[0]); i++)
    {
        char *name = db_quote_literal(db, timeouts[i].name);

        if (PQserverVersion(db->connection) >= timeouts[i].since)
            appendPQExpBuffer(&sql, ",\n       pg_catalog.set_config(%s, '0', s.other)",
                              name);
        PQfreemem(name);
    }
    appendPQExpBuffer(&sql,
                      "\n  FROM (SELECT pg_catalog.pg_backend_pid() "
                      "OPERATOR(pg_catalog.<>) %d) AS s (other)",
                      PQbackendPID(db->connection));
    text = mem_copy_string(sql.data);
    termPQExpBuffer(&sql);
    return text;
}

bool
db_greet(Db *db, const Db *parent)
{
    char *sql = format_greeting(db);
    PGresult *answer =
        db_ask_in_time(db, sql,
                       parent != NULL && parent->is_pooled ? DB_POOL_PATIENCE : 0);

    free(sql);
    if (answer == NULL)
        return false;
    if (db->settings == NULL)
        db->settings = mem_alloc_zero(1, sizeof(*db->settings));
    db->pid = (int)strtol(PQgetvalue(answer, 0, 0), NULL, 10);
    db->quotes_all = strcmp(PQgetvalue(answer, 0, 1), "on") == 0;
    db->is_pooled = db->pid != PQbackendPID(db->connection);
    db->pooling = parent != NULL ? parent->pooling : DB_POOLING_UNKNOWN;
    db->escapes = strcmp(PQgetvalue(answer, 0, 2), "off") == 0;
    db->is_standby = PQgetvalue(answer, 0, 3)[0] == 't';
    for (int i = 4; i < PQnfields(answer); i++)
        db_settings_remember(db, timeouts[i - 4].name, "0");
    PQclear(answer);
    return true;
}
