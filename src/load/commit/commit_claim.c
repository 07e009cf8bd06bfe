/* What a commit writes about a batch with an id, in its own transaction. */
#include "load/commit/commit_internal.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/mem.h"
#include "load/registry/claim.h"

/* The server names neither the table nor the column of a value that is too long. */
static bool
execute_on(Attempt *attempt, const char *table, char *sql)
{
    char *text;

    if (attempt_execute_free(attempt, sql))
        return true;
    if (attempt->result == ATTEMPT_FAILED)
    {
        text =
            mem_format("could not write to table %s: %s", table, attempt->diag.message);
        diag_set_message(&attempt->diag, "%s", text);
        free(text);
    }
    return false;
}

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
                            claim_needs_approval(batch)
                                ? "batch %s is not approved any more: table %s"
                                : "batch %s was loaded by another session: table %s",
                            batch->claim->id, table->name);
    }
    return is_done;
}

/*
 * Entries that were pending can have failed while the rows were staged; from the update
 * on they cannot.
 */
static bool
write_queue(Attempt *attempt)
{
    const LoadBatch *batch = attempt->batch;
    char *sql = claim_format_queue(batch);
    int64_t n_failed = 0;
    bool is_good;

    if (sql == NULL)
        return true;
    if (!execute_on(attempt, batch->claim->queue, sql))
        return false;
    sql = claim_other_format_failed(batch);
    is_good = attempt_number(attempt, sql, &n_failed);
    free(sql);
    if (!is_good || n_failed == 0)
        return is_good;
    return attempt_fail(attempt, ATTEMPT_FAILED,
                        "Batch has %" PRId64 " failed validations. Review and fix before "
                        "loading.",
                        n_failed);
}

bool
commit_claim(Attempt *attempt)
{
    const LoadBatch *batch = attempt->batch;
    const Claim *claim = batch->claim;
    bool is_good = true;

    if (claim == NULL)
        return true;
    for (int i = 0; i < claim->n_tables && is_good; i++)
    {
        const ClaimTable *table = &claim->tables[i];

        if (!table->is_loaded)
            is_good = (claim->is_rollback || write_state(attempt, table)) &&
                      execute_on(attempt, claim->log, claim_format_log(batch, table));
    }
    return is_good && write_queue(attempt);
}
