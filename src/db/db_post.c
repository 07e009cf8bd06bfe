#include <string.h>

#include "base/signals.h"
#include "db/db_internal.h"

/* The length of a BEGIN that sql begins with; the settings come behind it. */
static size_t
measure_begin(const char *sql)
{
    size_t length;

    if (strncmp(sql, "BEGIN", strlen("BEGIN")) != 0)
        return 0;
    length = strcspn(sql, ";");
    return sql[length] == ';' ? length + 1 : length;
}

bool
db_post(Db *db, const char *sql)
{
    const char *prefix = db_is_between_transactions(db) ? db_settings_get_prefix(db) : "";
    const char *pruning = db_pruning_choose(db, sql);
    PQExpBufferData text;
    size_t n_begin = measure_begin(sql);
    bool is_sent;

    db->n_statements++;
    if (*prefix == '\0' && *pruning == '\0')
        return PQsendQuery(db->connection, sql) != 0;
    initPQExpBuffer(&text);
    appendBinaryPQExpBuffer(&text, sql, n_begin);
    if (n_begin > 0 && sql[n_begin - 1] != ';')
        appendPQExpBufferChar(&text, ';');
    if (*prefix != '\0')
        db_settings_append_isolation(&text, db, sql);
    appendPQExpBufferStr(&text, prefix);
    appendPQExpBufferStr(&text, pruning);
    appendPQExpBufferStr(&text, sql + n_begin);
    is_sent = PQsendQuery(db->connection, text.data) != 0;
    termPQExpBuffer(&text);
    return is_sent;
}

/* Discards what is left of db_copy_begin_many(). */
static void
skip_copies(Db *db)
{
    PGresult *result;
    char *line;
    int length = 0;

    db->n_copies_left = 0;
    while ((result = db_next_result(db)) != NULL)
    {
        if (PQresultStatus(result) == PGRES_COPY_OUT)
        {
            while ((length = PQgetCopyData(db->connection, &line, 1)) >= 0)
            {
                if (length == 0)
                    db_wait_readable(db);
                else
                    PQfreemem(line);
            }
        }
        PQclear(result);
        if (length == -2)
            db_die_lost(db);
    }
}

void
db_post_or_die(Db *db, const char *sql)
{
    signals_check();
    if (db->n_copies_left > 0)
        skip_copies(db);
    if (!db_post(db, sql))
        db_die_lost(db);
}
