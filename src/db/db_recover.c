#include "db/db_internal.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum
{
    PATIENCE = 30 /* seconds that a clean-up statement may take without an answer */
};

uint64_t
db_count_statements(const Db *db)
{
    return db != NULL ? db->n_statements : 0;
}

bool
db_is_busy(const Db *db)
{
    return PQtransactionStatus(db->connection) == PQTRANS_ACTIVE;
}

bool
db_is_idle(const Db *db)
{
    return PQtransactionStatus(db->connection) == PQTRANS_IDLE;
}

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

/* Does not ask PQisBusy(), which says no during a COPY even if half a row is there. */
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
 * Reads results to the last; *succeeded tells whether all were good, and *is_true whether
 * one has the value true.
 */
static bool
discard_results(Db *db, bool *succeeded, bool *is_true)
{
    *succeeded = true;
    *is_true = false;
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
db_stop(Db *db)
{
    bool succeeded;
    bool is_true;
    char error[256];

    if (db == NULL)
        return true;
    if (PQstatus(db->connection) != CONNECTION_OK)
        return false;
    if (PQtransactionStatus(db->connection) == PQTRANS_ACTIVE)
        PQcancel(db->cancel, error, sizeof(error));
    return discard_results(db, &succeeded, &is_true);
}

bool
db_recover(Db *db)
{
    if (db == NULL || !db_stop(db))
        return false;
    if (PQtransactionStatus(db->connection) == PQTRANS_IDLE)
        return true;
    return db_attempt(db, "ROLLBACK");
}

/*
 * The server ends a session in its own time, and counts it until then: who connects next
 * may find that there are too many.
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
        PGresult *result = db_query(witness, sql);

        is_there = PQntuples(result) > 0;
        PQclear(result);
        nanosleep(&pause, NULL);
    }
}

bool
db_discard_results(Db *db)
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
