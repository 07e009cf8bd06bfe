#include "base/die.h"
#include "base/log.h"
#include "load/registry/registry.h"
#include "programs/load/load_run_internal.h"

void
load_run_stage_open(LoadRun *run)
{
    Diag diag = {0};

    if (registry_open(&run->batch, &diag))
    {
        origins_prepare(&run->batch);
        return;
    }
    if (run->batch.settings->is_batch)
        die_hint(EXIT_SERVER, diag.hint, "a batch needs staging tables: %s",
                 diag.message);
    log_warning_detail(diag.detail, diag.hint, "could not record the run: %s",
                       diag.message);
    diag_free(&diag);
}

static const TableSettings *
find_settings(void *context, const char *schema, const char *table)
{
    const LoadRun *run = context;
    Diag diag = {0};
    const TableSettings *settings =
        table_settings_make(run->options, schema, table, &diag);

    if (settings == NULL)
        die(EXIT_USAGE, &diag);
    return settings;
}

static const char *
find_target_name(void *context, const char *name)
{
    const LoadRun *run = context;

    return table_settings_find_target(run->options, name);
}

StageInput
load_run_stage_plan(void *context, LoadBatch *batch, int source, const InputTable *table)
{
    LoadRun *run = context;
    int n_known = batch->n_tables;
    StageInput input = load_plan_input(&run->plan, batch, source, table);

    if (batch->n_tables > n_known && batch->claim == NULL)
        load_narrate_staging(&batch->tables[input.table]);
    return input;
}

/* Options for a table that is not loaded are a mistake, and so are such patterns. */
void
load_run_stage_check_settings(const LoadRun *run)
{
    size_t next = 0;
    const char *unused = table_settings_find_unused(run->options, &next);

    if (unused != NULL)
        die_hint(EXIT_USAGE,
                 "Options and members of the configuration file for one table must "
                 "name a table of the sources.",
                 "there are settings for table %s, but no rows", unused);
    load_excludes_check(run);
}

/* False if there is nothing to load. */
static bool
prepare_sources(LoadRun *run)
{
    bool is_batch = run->batch.settings->is_batch;

    if (is_batch)
        load_claim_discover(run);
    else
        load_sources_find(run);
    load_excludes_parse(run);
    run->plan = (PlanContext){.find_settings = find_settings,
                              .find_target = find_target_name,
                              .is_excluded = load_excludes_match,
                              .find_context = run,
                              .only = &run->options->tables};
    load_plan_begin(&run->batch, &run->plan);
    load_run_stage_open(run);
    return !is_batch || load_claim_begin(run);
}

void
load_run_stage(LoadRun *run)
{
    run->is_loaded = !prepare_sources(run);
    if (run->is_loaded)
        return;
    load_phase_begin(run, PHASE_STAGE);
    stage_load(&run->batch, load_run_stage_plan, run, run->rejects);
    if (run->batch.stage_kind == STAGE_NONE)
        return;
    load_plan_presence(&run->batch);
    load_plan_end(&run->batch, &run->plan);
    load_run_stage_check_settings(run);
    origins_warn(&run->batch);
    if (run->batch.claim != NULL)
        load_claim_check_records(run);
    else
        load_narrate_staged(&run->batch);
}

void
load_run_stage_take_over(LoadRun *run)
{
    run->plan = (PlanContext){.find_settings = find_settings,
                              .find_target = find_target_name,
                              .find_context = run};
    load_plan_begin(&run->batch, &run->plan);
    load_run_stage_open(run);
    for (size_t i = 0; i < run->options->commit_staged.n_items; i++)
    {
        StagedLoad staged =
            registry_collect_find_staged(&run->batch,
                                         run->options->commit_staged.items[i]);
        int table = load_plan_staged(&run->plan, &run->batch, &staged);

        run->batch.tables[table].stage = staged.qname;
        run->batch.tables[table].n_staged = staged.n_rows;
        run->batch.tables[table].counts.n_source = staged.n_rows;
    }
    run->batch.stage_kind = STAGE_UNLOGGED;
    load_plan_presence(&run->batch);
    load_plan_end(&run->batch, &run->plan);
    origins_warn(&run->batch);
}
