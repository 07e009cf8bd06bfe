/*
 * The rollback of a batch, or of a run: the flow of a load without sources.
 *
 *     load_rollback        rollback_find, rollback_plan, rollback_compose
 *          |               diffs; rollback_check, check_restored, check_children
 *          `-- commit_run()
 */
#include "programs/load/load_run_internal.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/die.h"
#include "base/log.h"
#include "base/plural.h"
#include "db/db.h"
#include "load/check/check.h"
#include "load/commit/apply.h"
#include "load/commit/diff.h"
#include "load/rollback/rollback.h"

static const TableSettings *
find_settings_of_undone(void *context, const char *schema, const char *table)
{
    const LoadRun *run = context;
    Diag diag = {0};
    const TableSettings *settings =
        table_settings_make(run->options, schema, table, &diag);

    if (settings == NULL)
        die(EXIT_USAGE, &diag);
    return settings;
}

static void
die_of_rollback_findings(const LoadRun *run)
{
    size_t n = findings_count(run->findings);

    if (n == 0)
        return;
    if (n == 1)
        die(EXIT_SERVER, findings_get(run->findings, 0));
    findings_print(run->findings);
    die_message(EXIT_SERVER, "nothing was rolled back, for %zu reasons; the first: %s", n,
                findings_get(run->findings, 0)->message);
}

/* ---- messages */

static void
narrate_begin(const LoadRun *run)
{
    if (run->options->undo_of != NULL)
        log_info("Rolling back run: %s", run->options->undo_of);
    else
        log_info("Rolling back batch: %s", run->options->settings.batch_id);
}

static void
warn_of_altered(const LoadTable *table)
{
    int64_t n = table->n_altered;

    if (n > 0)
        log_warning("%s: %" PRId64
                    " row%s not as %s before the load: triggers or columns "
                    "that cannot be updated have made something else of %s",
                    table->name, n, plural_choose(n, " is", "s are"),
                    plural_choose(n, "it was", "they were"),
                    plural_choose(n, "it", "them"));
}

static void
narrate_undone(const LoadRun *run)
{
    const char *what = run->is_committed ? "" : "dry run, nothing written: ";
    int64_t n_deleted = 0;
    int64_t n_restored = 0;
    int64_t n_inserted = 0;

    for (int i = 0; i < run->batch.n_tables; i++)
    {
        const LoadTable *table = &run->batch.tables[i];
        const LoadCounts *counts = &table->counts;

        log_info("%s%s: %" PRId64 " deleted, %" PRId64 " restored, %" PRId64
                 " inserted again, %" PRId64 " skipped, %" PRId64 " unchanged",
                 what, table->name, counts->deleted, counts->updated, counts->inserted,
                 counts_skipped(counts), counts->unchanged);
        n_deleted += counts->deleted;
        n_restored += counts->updated;
        n_inserted += counts->inserted;
        warn_of_altered(table);
    }
    log_info("%s %s complete: %" PRId64 " deleted, %" PRId64 " restored, %" PRId64
             " inserted again in %.2fs",
             run->options->undo_of != NULL ? "Run" : "Batch",
             run->is_committed ? "rollback" : "rollback dry run", n_deleted, n_restored,
             n_inserted, clock_seconds() - run->start);
}

/* ---- the flow */

static void
check_rollback_diffs(LoadRun *run)
{
    LoadBatch *batch = &run->batch;
    Diag diag = {0};

    if (!rollback_check(batch, &diag))
        die(EXIT_CONFLICT, &diag);
    check_restored(batch, run->findings);
    check_children(batch, run->findings);
    die_of_rollback_findings(run);
}

/* A CommitRecheck. */
static bool
check_rollback_again(void *context)
{
    check_rollback_diffs(context);
    return true;
}

static void
compare_undone(LoadRun *run)
{
    LoadBatch *batch = &run->batch;

    load_phase_begin(run, PHASE_STAGE);
    rollback_compose(batch);
    load_phase_begin(run, PHASE_DIFF);
    for (int i = 0; i < batch->n_tables; i++)
        diff_build(batch, &batch->tables[i]);
    load_phase_begin(run, PHASE_CHECK);
    check_rollback_diffs(run);
    apply_changes_check(batch, run->findings);
    die_of_rollback_findings(run);
}

static bool
find_undone(LoadRun *run)
{
    run->plan =
        (PlanContext){.find_settings = find_settings_of_undone, .find_context = run};
    load_plan_begin(&run->batch, &run->plan);
    load_run_stage_open(run);
    if (run->batch.schema == NULL)
        die_message(EXIT_SERVER, "there is no schema with undo tables that can be used");
    narrate_begin(run);
    if (!rollback_find(&run->batch, run->options->undo_of))
        return false;
    rollback_plan(&run->batch, &run->plan, run->findings);
    die_of_rollback_findings(run);
    return true;
}

void
load_rollback(LoadRun *run)
{
    LoadBatch *batch = &run->batch;

    if (!find_undone(run))
        return;
    compare_undone(run);
    if (batch->settings->dry_run != DRY_RUN_PLAN)
    {
        load_phase_begin(run, PHASE_COMMIT);
        commit_run(batch, check_rollback_again, run, &run->commit);
        run->is_committed = batch->settings->dry_run == DRY_RUN_NO;
    }
    load_run_clean(run);
    narrate_undone(run);
}
