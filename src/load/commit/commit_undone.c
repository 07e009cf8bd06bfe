/* What a commit writes about a rollback, in its own transaction. */
#include "load/commit/commit_internal.h"

#include <stdlib.h>

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

bool
commit_undone_record(Attempt *attempt)
{
    const LoadBatch *batch = attempt->batch;
    char *drop;

    if (batch->rollback == NULL)
        return true;
    if (!mark_undone(attempt))
        return false;
    drop = rollback_format_drop(batch);
    return (drop == NULL || attempt_execute_free(attempt, drop)) &&
           (batch->rollback->batch_id == NULL ||
            attempt_execute_free(attempt, rollback_format_state(batch)));
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
