#include <time.h>

#include "base/log.h"
#include "base/signals.h"
#include "db/db_internal.h"

/*
 * The last result of what was sent, or the first one that failed; NULL when the
 * connection is lost.
 */
static PGresult *
read_results(Db *db)
{
    PGresult *last = NULL;
    PGresult *next = NULL;

    do
    {
        if (last == NULL || db_succeeded(last))
        {
            PQclear(last);
            last = next;
        }
        else
            PQclear(next);
        while (PQisBusy(db->connection) && db_wait_or_lose(db))
            continue;
    } while (!db_is_lost(db) && (next = PQgetResult(db->connection)) != NULL);
    if (last != NULL && !db_is_lost(db) && !db_is_ending(last))
        return last;
    PQclear(last);
    return NULL;
}

PGresult *
db_ask(Db *db, const char *sql)
{
    PGresult *result;

    signals_check();
    if (!db_post(db, sql))
        return NULL;
    result = read_results(db);
    signals_check();
    return result;
}

PGresult *
db_ask_commit(Db *db)
{
    signals_check();
    signals_disregard();
    if (!db_post(db, "COMMIT"))
        return NULL;
    return read_results(db);
}

PGresult *
db_ask_in_time(Db *db, const char *sql, int seconds)
{
    time_t start = time(NULL);
    PGresult *answer = NULL;
    PGresult *next;

    if (!db_post(db, sql))
        return NULL;
    do
    {
        while (PQisBusy(db->connection))
        {
            if (!db_wait_or_lose(db) || (seconds > 0 && time(NULL) - start > seconds))
            {
                PQclear(answer);
                return NULL;
            }
        }
        next = PQgetResult(db->connection);
        if (next != NULL)
        {
            PQclear(answer);
            answer = next;
        }
    } while (next != NULL);
    if (answer != NULL && PQresultStatus(answer) == PGRES_TUPLES_OK &&
        PQntuples(answer) == 1)
        return answer;
    PQclear(answer);
    return NULL;
}

static void
log_notice_of_server(void *context, const PGresult *result)
{
    const char *text = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);

    (void)context;
    log_warning("the server reported: %s",
                text != NULL ? text : PQresultErrorMessage(result));
}

void
db_ask_log_notices(Db *db)
{
    PQsetNoticeReceiver(db->connection, log_notice_of_server, NULL);
}
