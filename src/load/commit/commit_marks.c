/*
 * Marks in the commit: rows that are masked differently were not found to meet, but
 * another run may have committed some since then. A masked load keeps others from
 * recording what they load while it commits, and each load whose rows have a mark looks
 * again once it has recorded its own: so of two that must not meet the later one sees the
 * other.
 */
#include "load/commit/commit_internal.h"

#include <stdlib.h>

#include "base/mem.h"
#include "load/registry/registry.h"

static bool
has_marks(const LoadBatch *batch)
{
    return batch->schema != NULL && batch->has_origins && batch->marks != NULL;
}

bool
commit_marks_lock(Attempt *attempt)
{
    const LoadBatch *batch = attempt->batch;

    return !has_marks(batch) || !marks_are_masked(batch) ||
           attempt_execute_free(
               attempt, mem_format("LOCK TABLE %s.run IN SHARE ROW EXCLUSIVE MODE",
                                   batch->schema));
}

bool
commit_marks_compare(Attempt *attempt)
{
    const LoadBatch *batch = attempt->batch;
    PGresult *result;
    char *sql;
    bool is_same;

    if (!has_marks(batch))
        return true;
    sql = marks_format_query(batch);
    result = attempt_query(attempt, sql);
    free(sql);
    if (result == NULL)
        return false;
    is_same = !marks_have_changed(batch, result);
    PQclear(result);
    if (is_same)
        return true;
    attempt_fail(attempt, ATTEMPT_FAILED,
                 "another run has loaded rows that are masked differently");
    diag_set_hint(&attempt->diag, "Run the same command again.");
    return false;
}
