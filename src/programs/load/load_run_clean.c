#include <stdio.h>
#include <stdlib.h>

#include "base/die.h"
#include "base/display.h"
#include "base/log.h"
#include "base/mem.h"
#include "db/db.h"
#include "load/registry/registry.h"
#include "programs/load/load_run_internal.h"

enum
{
    MUCH_CHANGED =
        10 /* percent of the rows of a table; autovacuum has the same default */
};

/* Updates the statistics of the planner. An error here does not fail the load. */
static void
analyze_target(LoadBatch *batch, const LoadTable *table)
{
    const LoadCounts *counts = &table->counts;
    double n_changed =
        (double)(counts->inserted + counts->updated + counts->deleted) * 100;
    char *sql;

    if (table->target->n_tuples >= 0 &&
        n_changed < table->target->n_tuples * MUCH_CHANGED)
        return;
    sql = mem_format("ANALYZE %s", table->qname);
    if (!db_attempt(batch->db, sql))
        log_verbose("could not analyze table %s", table->name);
    free(sql);
}

static void
drop_table(LoadBatch *batch, const char *qname)
{
    char *sql;

    if (qname == NULL)
        return;
    sql = mem_format("DROP TABLE IF EXISTS %s", qname);
    db_execute(batch->db, sql);
    free(sql);
}

/* The tables that this run has created besides those with staged rows. */
static void
drop_working_tables(LoadBatch *batch)
{
    for (int i = 0; i < batch->n_tables; i++)
    {
        drop_table(batch, batch->tables[i].diff);
        drop_table(batch, batch->tables[i].excluded);
        drop_table(batch, batch->tables[i].folded);
    }
}

void
load_run_clean(LoadRun *run)
{
    LoadBatch *batch = &run->batch;

    load_phase_begin(run, PHASE_CLEAN);
    load_narrate_clean(batch);
    if (run->is_committed)
    {
        rejects_store(run->rejects);
        /* analyzing takes the owner; others are not warned */
        (void)db_session_attempt_set(batch->db,
                                     (const char *const[]){"client_min_messages", "error",
                                                           NULL});
        for (int i = 0; i < batch->n_tables; i++)
            analyze_target(batch, &batch->tables[i]);
    }
    if (batch->settings->keep)
        registry_tables_keep(batch);
    else if (!run->is_committed && run->options->request == LOAD_COMMIT_STAGED)
    {
        drop_working_tables(batch); /* after a dry run, the staging tables stay */
        registry_tables_keep(batch);
    }
    else
        registry_tables_drop();
}

/* The rows stay staged for --commit-staged, which checks and compares again. */
void
load_run_clean_leave(LoadRun *run)
{
    LoadBatch *batch = &run->batch;

    drop_working_tables(batch);
    registry_tables_keep(batch);
    for (int i = 0; i < batch->n_tables; i++)
    {
        display(stdout, "%s\n", batch->tables[i].stage);
    }
    if (fflush(stdout) != 0)
        die_errno(EXIT_OUTPUT, "could not write to standard output");
}
