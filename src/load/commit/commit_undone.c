/* What a commit writes about a rollback, in its own transaction. */
#include "load/commit/commit_internal.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "db/db.h"
#include "load/rollback/rollback_query.h"

/* One row for each, or another run has undone it since. */
static bool
mark_undone(Attempt *attempt)
{
    const Rollback *rollback = attempt->batch->rollback;
    char *sql = rollback_format_undone(attempt->batch);
    int64_t n = 0;
    bool is_done = attempt_count(attempt, sql, &n);

    free(sql);
    if (!is_done || n == rollback->n_rows)
        return is_done;
    return attempt_fail(attempt, ATTEMPT_CLAIMED,
                        "it was rolled back by another session");
}

/*
 * A session that reads the undo tables, as pg_dump does for hours, must not be in the way
 * of the rollback, which has rows locked by now: then they stay, and --gc drops them.
 */
static bool
drop_undone(Attempt *attempt, const char *drop)
{
    static const char begin[] = "SAVEPOINT undone;\nSET LOCAL lock_timeout = 100";
    PGresult *result;
    bool is_good;

    if (attempt_execute(attempt, begin) && attempt_execute(attempt, drop))
        return attempt_execute_free(attempt,
                                    mem_format("SET LOCAL lock_timeout = %d",
                                               attempt->batch->settings->lock_timeout));
    if (attempt->result != ATTEMPT_LOCKED)
        return false;
    result = db_ask(attempt->batch->db, "ROLLBACK TO SAVEPOINT undone");
    is_good = result != NULL && db_succeeded(result);
    PQclear(result);
    if (!is_good)
        return attempt_fail(attempt, ATTEMPT_LOST, "lost the connection to the server");
    diag_free(&attempt->diag);
    attempt->result = ATTEMPT_DONE;
    log_notice("other sessions use the undo tables; --gc drops them later");
    return true;
}

bool
commit_undone_record(Attempt *attempt)
{
    const LoadBatch *batch = attempt->batch;
    char *drop;
    bool is_good;

    if (batch->rollback == NULL)
        return true;
    if (!mark_undone(attempt) ||
        (batch->rollback->batch_id != NULL &&
         !attempt_execute_free(attempt, rollback_format_state(batch))))
        return false;
    drop = rollback_format_drop(batch);
    is_good = drop == NULL || drop_undone(attempt, drop);
    free(drop);
    return is_good;
}

bool
commit_undone_prove(Attempt *attempt)
{
    const Rollback *rollback = attempt->batch->rollback;
    bool is_good = true;

    for (int i = 0; rollback != NULL && i < rollback->n_tables && is_good; i++)
    {
        LoadTable *table = rollback->tables[i].table;
        char *sql = rollback_query_proof(&rollback->tables[i]);

        is_good = attempt_number(attempt, sql, &table->n_altered);
        free(sql);
    }
    return is_good;
}
