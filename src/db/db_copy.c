#include "base/die.h"
#include "base/signals.h"
#include "db/db_internal.h"

/* After an error the server sends nothing more that counts. */
static void
throw_results_away(Db *db)
{
    PGresult *result;

    while ((result = db_next_result(db)) != NULL)
        PQclear(result);
}

/* Reads results up to that of a statement that copies; false: there is none. */
static bool
find_copying(Db *db, ExecStatusType wanted)
{
    PGresult *result;

    while ((result = db_next_result(db)) != NULL)
    {
        ExecStatusType status = PQresultStatus(result);

        if (status == wanted)
        {
            PQclear(result);
            return true;
        }
        if (!db_succeeded(result))
            db_error_die(db, result, NULL);
        PQclear(result);
    }
    signals_check();
    return false;
}

/* Sends the statements, up to the first one that copies. */
static void
start_copying(Db *db, const char *sql, ExecStatusType wanted)
{
    db_post_or_die(db, sql);
    if (!find_copying(db, wanted))
        die_message(EXIT_SERVER, "a query did not begin to copy: %s", sql);
}

void
db_copy_begin(Db *db, const char *sql)
{
    start_copying(db, sql, PGRES_COPY_OUT);
}

void
db_copy_post_many(Db *db, const char *sql, int n)
{
    db_post_or_die(db, sql);
    db->n_copies_left = n;
}

void
db_copy_begin_many(Db *db, const char *sql, int n)
{
    db_copy_post_many(db, sql, n);
    db_copy_next(db);
}

void
db_copy_next(Db *db)
{
    if (!find_copying(db, PGRES_COPY_OUT))
        die_message(EXIT_SERVER, "a query of several did not begin to copy");
    db->n_copies_left--;
}

bool
db_copy_has_next(const Db *db)
{
    return db->n_copies_left > 0;
}

static void
check_copied(Db *db, PGresult *result)
{
    if (!db_succeeded(result))
        db_error_die(db, result, NULL);
    PQclear(result);
}

/* The result of the statement whose last row was read, and of those after the last. */
static void
end_copying(Db *db)
{
    PGresult *result;

    if (db->n_copies_left == 0)
    {
        check_copied(db, db_collect_result(db, NULL, 0));
        return;
    }
    result = db_next_result(db);
    if (result == NULL)
        db_die_lost(db);
    if (!db_succeeded(result))
        throw_results_away(db);
    check_copied(db, result);
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
        end_copying(db);
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
    return db_collect_result(db, NULL, 0);
}

void
db_copy_in_end(Db *db)
{
    check_copied(db, db_copy_in_try_end(db));
}
