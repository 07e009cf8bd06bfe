/*
 * Replacing a table or slice as a whole: TRUNCATE, and the counts that a replacement has.
 * DELETE and INSERT are in apply_changes.c.
 */
#include "load/commit/apply.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/strbuf.h"
#include "load/commit/diff_query.h"

void
apply_replace_set_counts(LoadTable *table)
{
    LoadCounts *counts = &table->counts;

    counts->updated = 0;
    counts->unchanged = 0;
    counts->skipped_older = 0;
    counts->skipped_conflict = 0;
    counts->skipped_not_found = 0;
    counts->inserted = counts->n_source - counts->duplicate - counts_errors(counts);
}

bool
apply_replace_count_old(Attempt *attempt, LoadTable *table)
{
    char *sql = diff_query_rows_count_old(table);
    bool is_good = attempt_number(attempt, sql, &table->counts.deleted);

    free(sql);
    return is_good;
}

/* ExclusiveWork */
static bool
truncate_tables(Attempt *attempt, void *context)
{
    const LoadBatch *batch = attempt->batch;
    const char *sql = context;
    bool is_good = true;

    for (int i = 0; i < batch->n_tables && is_good; i++)
    {
        if (batch->tables[i].apply == APPLY_TRUNCATE)
            is_good = apply_exclusive_lock(attempt, &batch->tables[i]);
    }
    return is_good && attempt_execute(attempt, sql);
}

bool
apply_replace_truncate(Attempt *attempt)
{
    LoadBatch *batch = attempt->batch;
    bool is_first = true;
    bool is_good = true;
    double start = clock_seconds();
    PQExpBufferData sql;

    initPQExpBuffer(&sql);
    for (int i = 0; i < batch->n_tables && is_good; i++)
    {
        LoadTable *table = &batch->tables[i];

        if (table->apply != APPLY_TRUNCATE)
            continue;
        is_good = apply_replace_count_old(attempt, table);
        appendPQExpBuffer(&sql, "%s %s", is_first ? "TRUNCATE" : ",", table->rows);
        is_first = false;
    }
    if (is_good && !is_first)
        is_good = apply_exclusive_try(attempt, truncate_tables, sql.data);
    for (int i = 0; i < batch->n_tables; i++)
    {
        if (batch->tables[i].apply == APPLY_TRUNCATE)
            batch->tables[i].delete_seconds = clock_seconds() - start;
    }
    termPQExpBuffer(&sql);
    return is_good;
}
