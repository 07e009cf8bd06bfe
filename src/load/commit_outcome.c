#include "load/commit_outcome.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "db/db.h"
#include "load/registry.h"
#include "load/session.h"

enum
{
    PATIENCE = 30 /* seconds to wait for a server that is starting, or a backend's end */
};

static void
sleep_a_second(void)
{
    nanosleep(&(struct timespec){.tv_sec = 1}, NULL);
}

void
outcome_prepare(Attempt *attempt)
{
    LoadBatch *batch = attempt->batch;
    PGresult *result;

    free(batch->transaction);
    batch->transaction = NULL;
    if (batch->schema != NULL)
        return;
    result = attempt_query(attempt, "SELECT pg_catalog.txid_current()");
    if (result != NULL)
        batch->transaction = mem_copy_string(PQgetvalue(result, 0, 0));
    PQclear(result);
}

/* Puts a new connection in the place of the one that was lost. */
static bool
connect_again(LoadBatch *batch, Diag *diag)
{
    Db *db = NULL;

    for (int i = 0; i < PATIENCE && db == NULL; i++)
    {
        db = db_try_connect_again(batch->db);
        if (db == NULL)
            sleep_a_second();
    }
    if (db == NULL)
    {
        diag_set_detail(diag, "The server could not be reached for %d seconds.",
                        PATIENCE);
        return false;
    }
    db_close(batch->db);
    batch->db = db;
    load_session_prepare(db);
    load_session_set_path(db, batch->catalog->search_path);
    return batch->schema == NULL || registry_take_lock(batch, db);
}

/* "committed", "aborted" or NULL: nobody knows any more. */
static char *
ask_transaction(const LoadBatch *batch)
{
    char *sql = mem_format("SELECT pg_catalog.txid_status(%s::pg_catalog.int8)",
                           batch->transaction);
    char *status = NULL;

    for (int i = 0; i < PATIENCE; i++)
    {
        free(status);
        status = db_query_value(batch->db, sql);
        if (status == NULL || strcmp(status, "in progress") != 0)
            break;
        sleep_a_second();
    }
    free(sql);
    return status;
}

/* Is it still the server that we staged into, or did it begin anew? */
static bool
is_same_server(const LoadBatch *batch)
{
    char *start = load_session_get_server_start(batch->db);
    bool is_same = strcmp(start, batch->server_start) == 0;

    free(start);
    return is_same;
}

/* Are the staged rows still there? */
static bool
is_staged(const LoadBatch *batch, const LoadTable *table)
{
    char *sql = mem_format("SELECT pg_catalog.count(*) FROM %s", table->stage);
    PGresult *result = db_try(batch->db, sql);
    bool is_same = db_succeeded(result) &&
                   strtoll(PQgetvalue(result, 0, 0), NULL, 10) == table->n_staged;

    PQclear(result);
    free(sql);
    return is_same;
}

static bool
is_all_staged(const LoadBatch *batch, Diag *diag)
{
    bool is_good = batch->stage_kind == STAGE_UNLOGGED && is_same_server(batch);

    for (int i = 0; i < batch->n_tables && is_good; i++)
        is_good = is_staged(batch, &batch->tables[i]);
    if (!is_good)
        diag_set_hint(diag, "What was staged is gone with the connection or the server. "
                            "Run it again.");
    return is_good;
}

bool
outcome_reconnect(LoadBatch *batch, Diag *diag)
{
    return connect_again(batch, diag) && is_all_staged(batch, diag);
}

AttemptResult
outcome_find_out(LoadBatch *batch, Diag *diag)
{
    bool is_committed;

    if (!connect_again(batch, diag))
        return ATTEMPT_UNKNOWN;
    if (batch->schema != NULL)
        is_committed = registry_is_committed(batch, batch->db);
    else
    {
        char *status = ask_transaction(batch);

        if (status == NULL || strcmp(status, "in progress") == 0)
        {
            free(status);
            return ATTEMPT_UNKNOWN;
        }
        is_committed = strcmp(status, "committed") == 0;
        free(status);
    }
    if (is_committed)
        return ATTEMPT_DONE;
    return is_all_staged(batch, diag) ? ATTEMPT_BEATEN : ATTEMPT_FAILED;
}
