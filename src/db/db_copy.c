#include "base/die.h"
#include "base/signals.h"
#include "db/db_internal.h"

/* Sends the statements, up to the one that copies. */
static void
start_copying(Db *db, const char *sql, ExecStatusType wanted)
{
    PGresult *result;

    db_post_or_die(db, sql);
    while ((result = db_next_result(db)) != NULL)
    {
        ExecStatusType status = PQresultStatus(result);

        if (status == wanted)
        {
            PQclear(result);
            return;
        }
        if (!db_succeeded(result))
            db_error_die(db, result, NULL);
        PQclear(result);
    }
    signals_check();
    die_message(EXIT_SERVER, "a query did not begin to copy: %s", sql);
}

void
db_copy_begin(Db *db, const char *sql)
{
    start_copying(db, sql, PGRES_COPY_OUT);
}

static void
check_copied(Db *db, PGresult *result)
{
    if (!db_succeeded(result))
        db_error_die(db, result, NULL);
    PQclear(result);
}

ssize_t
db_copy_row(Db *db, char **line)
{
    int length;

    PQfreemem(db->copy_line);
    db->copy_line = NULL;
    while ((length = PQgetCopyData(db->connection, &db->copy_line, 1)) == 0)
        db_wait_readable(db);
    if (length == -2)
        db_die_lost(db);
    if (length == -1)
    {
        check_copied(db, db_collect_result(db, NULL));
        return -1;
    }
    *line = db->copy_line;
    if (length > 0 && db->copy_line[length - 1] == '\n')
        db->copy_line[--length] = '\0';
    return length;
}

void
db_copy_in_begin(Db *db, const char *sql)
{
    start_copying(db, sql, PGRES_COPY_IN);
}

void
db_copy_in(Db *db, const char *data, size_t length)
{
    signals_check();
    if (PQputCopyData(db->connection, data, (int)length) < 0)
        db_die_lost(db);
}

PGresult *
db_copy_in_try_end(Db *db)
{
    signals_check();
    if (PQputCopyEnd(db->connection, NULL) < 0)
        db_die_lost(db);
    return db_collect_result(db, NULL);
}

void
db_copy_in_end(Db *db)
{
    check_copied(db, db_copy_in_try_end(db));
}
