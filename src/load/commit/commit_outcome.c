/*
 * Whether a commit whose connection was lost has been done.
 *
 * It is found out over a new connection and never guessed. A commit inserts a row with
 * the id of the run, and the session holds the advisory lock of the run. So the new
 * session takes that lock, which waits for the old backend to end; then the row exists or
 * not. Without the table of runs, pg_catalog.txid_status() of the transaction is asked
 * instead. (It would not do in general: it says "in progress" while the backend waits for
 * a synchronous standby.)
 *
 * If the transaction was rolled back, or the connection was lost before COMMIT, the
 * attempt can be repeated as long as the staged rows are there: a crash of the server
 * empties unlogged tables.
 */
#include "load/commit/commit_internal.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "base/recovery.h"
#include "db/db.h"
#include "load/load_session.h"
#include "load/registry/claim.h"
#include "load/registry/registry.h"

enum
{
    PATIENCE = 30, /* seconds to wait for a server to start, or for a backend to end */
    MAX_LOSSES = 5 /* connections that can be lost before the outcome is unknown */
};

static void
sleep_a_second(void)
{
    nanosleep(&(struct timespec){.tv_sec = 1}, NULL);
}

void
commit_outcome_prepare(Attempt *attempt)
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

/* Replaces the lost connection by a new one with the same settings. */
static bool
connect_again(LoadBatch *batch, Diag *diag)
{
    Db *db = NULL;

    for (int i = 0; i < PATIENCE && db == NULL; i++)
    {
        db = db_connect_try_again(batch->db);
        if (db == NULL)
            sleep_a_second();
    }
    if (db == NULL)
    {
        diag_set_detail(diag, "The server could not be reached for %d seconds.",
                        PATIENCE);
        return false;
    }
    load_session_continue(db, batch->db,
                          batch->settings->encoding != NULL ? batch->settings->encoding
                                                            : "UTF8");
    db_close(batch->db);
    batch->db = db;
    return batch->schema == NULL || registry_take_lock(batch, db);
}

/* Waits while the transaction is in progress. */
static RegistryOutcome
ask_transaction(const LoadBatch *batch)
{
    char *sql = mem_format("SELECT pg_catalog.txid_status(%s::pg_catalog.int8)",
                           batch->transaction);
    RegistryOutcome outcome = OUTCOME_UNKNOWN;
    bool is_going_on = true;

    for (int i = 0; i < PATIENCE && is_going_on; i++)
    {
        PGresult *result = db_ask(batch->db, sql);
        const char *status =
            result != NULL && db_succeeded(result) ? PQgetvalue(result, 0, 0) : "unknown";

        is_going_on = strcmp(status, "in progress") == 0;
        if (strcmp(status, "committed") == 0)
            outcome = OUTCOME_COMMITTED;
        else if (strcmp(status, "aborted") == 0)
            outcome = OUTCOME_ROLLED_BACK;
        PQclear(result);
        if (is_going_on)
            sleep_a_second();
    }
    free(sql);
    return outcome;
}

/* Is it the server process that has the staged rows, or was it restarted? */
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
        diag_set_hint(diag, "The staged rows were lost with the connection or the "
                            "server. Run the same command again.");
    return is_good;
}

static bool
is_repeatable(LoadBatch *batch, Diag *diag)
{
    return is_all_staged(batch, diag) && claim_take_again(batch, diag);
}

/* ---- what can fail with a lost connection, which is returned as ATTEMPT_LOST */

static AttemptResult
reconnect(LoadBatch *batch, Diag *diag)
{
    return connect_again(batch, diag) && is_repeatable(batch, diag) ? ATTEMPT_DONE
                                                                    : ATTEMPT_FAILED;
}

static AttemptResult
find_out(LoadBatch *batch, Diag *diag)
{
    RegistryOutcome outcome;

    if (!connect_again(batch, diag))
        return ATTEMPT_UNKNOWN;
    outcome = batch->schema != NULL ? registry_find_outcome(batch, batch->db)
                                    : ask_transaction(batch);
    if (outcome == OUTCOME_COMMITTED)
        return ATTEMPT_DONE;
    if (outcome == OUTCOME_UNKNOWN)
        return ATTEMPT_LOST;
    return is_repeatable(batch, diag) ? ATTEMPT_BEATEN : ATTEMPT_FAILED;
}

/* Repeats the work if the new connection is lost as well; ATTEMPT_LOST: too often. */
static AttemptResult
try_surely(AttemptResult (*work)(LoadBatch *, Diag *), LoadBatch *batch, Diag *diag)
{
    volatile AttemptResult result = ATTEMPT_LOST;

    for (volatile int i = 0; i < MAX_LOSSES && result == ATTEMPT_LOST; i++)
    {
        Recovery recovery = {.kind = RECOVERY_ANY};

        if (i > 0)
            sleep_a_second();
        if (RECOVERY_TRY(&recovery))
        {
            result = work(batch, diag);
            recovery_end(&recovery);
        }
        else
            diag_set_detail(diag, "%s", recovery.diag.message);
        diag_free(&recovery.diag);
    }
    return result;
}

bool
commit_outcome_reconnect(LoadBatch *batch, Diag *diag)
{
    return try_surely(reconnect, batch, diag) == ATTEMPT_DONE;
}

AttemptResult
commit_outcome_find(LoadBatch *batch, Diag *diag)
{
    AttemptResult result = try_surely(find_out, batch, diag);

    return result == ATTEMPT_LOST ? ATTEMPT_UNKNOWN : result;
}
