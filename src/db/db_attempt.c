#include <poll.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "db/db_internal.h"

enum
{
    PATIENCE = 30 /* seconds that a clean-up statement may take without an answer */
};

/* Reads what comes next, without looking at signals; false: nothing will come. */
static bool
wait_for_input(Db *db, time_t start)
{
    struct pollfd socket = {.fd = PQsocket(db->connection), .events = POLLIN};

    if (time(NULL) - start > PATIENCE)
        return false;
    return poll(&socket, 1, 1000) <= 0 || PQconsumeInput(db->connection) != 0;
}

static bool
wait_for_result(Db *db)
{
    time_t start = time(NULL);

    while (PQisBusy(db->connection))
    {
        if (!wait_for_input(db, start))
            return false;
    }
    return true;
}

/* Not by PQisBusy(), which is false during a COPY even if half a row is there. */
static bool
throw_rows_away(Db *db)
{
    time_t start = time(NULL);
    char *line;
    int length;

    while ((length = PQgetCopyData(db->connection, &line, 1)) != -1)
    {
        if (length == -2 || (length == 0 && !wait_for_input(db, start)))
            return false;
        if (length > 0)
            PQfreemem(line);
    }
    return true;
}

/*
 * Reads results to the last; *succeeded is whether all were good, and *is_true whether
 * one has the value true.
 */
static bool
discard_results(Db *db, bool *succeeded, bool *is_true)
{
    *succeeded = true;
    *is_true = false;
    db->n_copies_left = 0;
    for (;;)
    {
        PGresult *result;
        ExecStatusType status;

        if (!wait_for_result(db))
            return false;
        result = PQgetResult(db->connection);
        if (result == NULL)
            return PQstatus(db->connection) == CONNECTION_OK;
        status = PQresultStatus(result);
        if (PQntuples(result) > 0 && PQnfields(result) > 0)
            *is_true = PQgetvalue(result, 0, 0)[0] == 't';
        PQclear(result);
        if (status == PGRES_COPY_OUT && !throw_rows_away(db))
            return false;
        if (status == PGRES_COPY_IN)
            (void)PQputCopyEnd(db->connection, "the program is ending");
        *succeeded =
            *succeeded && (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK);
    }
}

bool
db_attempt_discard(Db *db)
{
    bool succeeded;
    bool is_true;

    return db == NULL || discard_results(db, &succeeded, &is_true);
}

bool
db_attempt_test(Db *db, const char *sql, bool *is_true)
{
    bool succeeded;

    *is_true = false;
    return db_post(db, sql) && discard_results(db, &succeeded, is_true) && succeeded;
}

bool
db_attempt(Db *db, const char *sql)
{
    bool is_true;

    return db_attempt_test(db, sql, &is_true);
}

char *
db_attempt_copy_error(const Db *db)
{
    const char *text = PQerrorMessage(db->connection);
    const char *colon = strstr(text, ":  ");
    size_t length = strcspn(text, "\n");

    if (length == 0)
        return mem_copy_string("There was no answer in time.");
    if (colon == NULL || colon >= text + length)
        return mem_copy_part(text, length);
    return mem_copy_part(colon + 3, length - (size_t)(colon + 3 - text));
}
