/* What a commit writes about a batch with an id, in its own transaction. */
#include "load/commit/commit_internal.h"

#include <stdlib.h>

#include "load/registry/claim.h"

/* One row, or another run has loaded the table since the claim was made. */
static bool
write_state(Attempt *attempt, const ClaimTable *table)
{
    const LoadBatch *batch = attempt->batch;
    char *sql = claim_format_state(batch, table);
    int64_t n = 0;
    bool is_done = attempt_count(attempt, sql, &n);

    free(sql);
    if (is_done && n != 1)
    {
        batch->claim->is_refused = true;
        return attempt_fail(attempt, ATTEMPT_CLAIMED,
                            "batch %s was loaded by another session: table %s",
                            batch->claim->id, table->name);
    }
    return is_done;
}

bool
commit_claim(Attempt *attempt)
{
    const LoadBatch *batch = attempt->batch;
    const Claim *claim = batch->claim;
    bool is_good = true;
    char *sql;

    if (claim == NULL)
        return true;
    for (int i = 0; i < claim->n_tables && is_good; i++)
    {
        const ClaimTable *table = &claim->tables[i];

        if (!table->is_loaded)
            is_good = write_state(attempt, table) &&
                      attempt_execute_free(attempt, claim_format_log(batch, table));
    }
    if (!is_good)
        return false;
    sql = claim_format_queue(batch);
    return sql == NULL || attempt_execute_free(attempt, sql);
}
