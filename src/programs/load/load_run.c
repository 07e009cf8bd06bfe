#include "config.h"

#include "base/clock.h"
#include "base/die.h"
#include "base/display.h"
#include "base/mem.h"
#include "programs/load/load_run.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/outfile.h"
#include "db/answers.h"
#include "load/check/check.h"
#include "load/commit/apply.h"
#include "load/commit/apply_replace.h"
#include "load/commit/attempt.h"
#include "load/commit/diff.h"
#include "load/commit/diff_query.h"
#include "load/direct/direct.h"
#include "load/load_session.h"
#include "load/registry/origins.h"
#include "load/registry/registry.h"
#include "model/catalog_load.h"
#include "programs/load/load_excludes.h"
#include "programs/load/load_metrics.h"
#include "programs/load/load_narrate.h"
#include "programs/load/load_run_internal.h"
#include "programs/load/load_sources.h"

enum
{
    MUCH_CHANGED = 10 /* percent of a table's rows, from which on it is analyzed */
};

/* ---- phases */

static void
begin_phase(LoadRun *run, LoadPhase phase)
{
    static const char *const names[N_LOAD_PHASES] = {"discover", "stage",  "check",
                                                     "diff",     "commit", "clean"};
    static const char *const texts[N_LOAD_PHASES] = {
        "looking for sources", "staging",    "checking",
        "comparing",           "committing", "cleaning up"};
    double now = clock_seconds();

    run->seconds[run->phase] += now - run->phase_start;
    run->phase = phase;
    run->phase_start = now;
    load_session_show(run->batch.db, names[phase]);
    if (!run->options->is_quiet)
        log_progress("%s ...", texts[phase]);
}

/*
 * Called when the program ends, however that comes, after all else that is done then.
 * What was committed stays loaded, whatever went wrong with the clean-up.
 */
static void
end_run(int status, void *context)
{
    LoadRun *run = context;
    bool is_good = status == EXIT_DONE || status == EXIT_REJECTS;

    log_progress_clear();
    run->seconds[run->phase] += clock_seconds() - run->phase_start;
    if (run->is_committed && !is_good)
    {
        log_warning("the rows are loaded; only what comes after the commit has failed");
        status = rejects_count(run->rejects) > 0 ? EXIT_REJECTS : EXIT_DONE;
        load_metrics_write(run, NULL, status);
        fflush(NULL);
        _exit(status);
    }
    if (!is_good && status != EXIT_UNKNOWN)
        load_narrate_failure(run);
    load_metrics_write(run, is_good ? NULL : log_get_error(), status);
}

/* ---- connecting */

static Db *
connect_server(const LoadOptions *options)
{
    const DbTarget target = {.dbname = options->dbname,
                             .host = options->host,
                             .port = options->port,
                             .username = options->username,
                             .program = "pg-sample-load",
                             .is_prompt_forced = options->prompt == PROMPT_ALWAYS,
                             .is_prompt_never = options->prompt == PROMPT_NEVER,
                             .max_retries = options->settings.max_retries};

    /* who does not say how long to wait for a host does not want to wait forever */
    setenv("PGCONNECT_TIMEOUT", "30", 0);
    return db_connect(&target);
}

static void
load_catalog(LoadRun *run)
{
    Db *db = run->batch.db;

    run->answers = answers_new(db);
    db_set_encoding(db, run->batch.settings->encoding != NULL
                            ? run->batch.settings->encoding
                            : "UTF8");
    load_session_prepare(db);
    run->batch.server_start = load_session_get_server_start(db);
    if (run->options->settings.work_mem != NULL)
        db_set(db,
               (const char *const[]){"work_mem", run->options->settings.work_mem, NULL});
    db_execute(db, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    run->catalog = catalog_load(run->answers, answers_get_search_path(run->answers));
    misread_find(&run->batch.misread, db, run->catalog, MISREAD_WRITES);
    db_execute(db, "COMMIT");
    /* functions of triggers and constraints expect it, and our own SQL is the same */
    load_session_set_path(db, run->catalog->search_path);
    run->batch.catalog = run->catalog;
    run->batch.graph = graph_build(run->catalog);
}

static void
open_registry(LoadRun *run)
{
    Diag diag = {0};

    if (registry_open(&run->batch, &diag))
    {
        origins_prepare(&run->batch);
        return;
    }
    log_warning_detail(diag.detail, diag.hint, "the run cannot be recorded: %s",
                       diag.message);
    diag_free(&diag);
}

/* ---- staging */

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

static bool
is_left_out(void *context, const char *name)
{
    return load_excludes_match(context, name);
}

static StageInput
plan_and_report(void *context, LoadBatch *batch, int source, const InputTable *table)
{
    LoadRun *run = context;
    int n_known = batch->n_tables;
    StageInput input = load_plan_input(&run->plan, batch, source, table);

    if (batch->n_tables > n_known)
        load_narrate_staging(&batch->tables[input.table]);
    return input;
}

/* A T= that no table of the batch goes by is a mistake, and so is such a pattern. */
static void
check_unused_settings(const LoadRun *run)
{
    size_t next = 0;
    const char *unused = table_settings_find_unused(run->options, &next);

    if (unused != NULL)
        die_hint(EXIT_USAGE,
                 "Options and members of the configuration for one table name "
                 "a table of the sources.",
                 "there are settings for table %s, but no rows", unused);
    load_excludes_check(run);
}

static void
prepare_sources(LoadRun *run)
{
    load_sources_find(run);
    load_excludes_parse(run);
    run->plan = (PlanContext){.sources = run->sources,
                              .find_settings = find_settings,
                              .find_target = find_target_name,
                              .is_excluded = is_left_out,
                              .find_context = run,
                              .only = &run->options->tables};
    load_plan_begin(&run->batch, &run->plan);
    open_registry(run);
}

static void
stage(LoadRun *run)
{
    begin_phase(run, PHASE_STAGE);
    stage_load(&run->batch, run->sources, run->batch.n_sources, plan_and_report, run,
               run->rejects);
    if (run->batch.stage_kind == STAGE_NONE)
        return;
    load_plan_end(&run->batch, &run->plan);
    check_unused_settings(run);
    origins_warn(&run->batch);
    load_narrate_staged(&run->batch);
}

/* ---- checks and diff */

/* Everything that needs the diffs; also after they were made anew. */
static void
check_diffs(LoadRun *run)
{
    LoadBatch *batch = &run->batch;

    check_references(batch, run->rejects, run->findings);
    for (int i = 0; i < batch->n_tables; i++)
    {
        if (!diff_count(batch->db, &batch->tables[i]))
            die_message(EXIT_CONNECTION, "lost the connection to the server");
    }
    check_children(batch, run->findings);
}

/* Ends the program when there is something that speaks against the commit. */
static void
die_of_findings(LoadRun *run)
{
    bool is_too_much = rejects_exceed(run->rejects);
    size_t n_findings = findings_count(run->findings);

    /* its file is that of this run, even if there are none */
    if (rejects_count(run->rejects) > 0 || run->batch.settings->rejects_file != NULL)
        rejects_file_report(run->rejects);
    if (!is_too_much && n_findings == 0)
        return;
    if (n_findings > 1 || is_too_much)
        findings_print(run->findings);
    rejects_store(run->rejects);
    if (!is_too_much && n_findings == 1)
        die(EXIT_SERVER, findings_get(run->findings, 0));
    if (is_too_much)
        die_hint(EXIT_SERVER,
                 "--max-errors lets rows be rejected, --rejects-file lists them.",
                 "%" PRId64 " row%s cannot be loaded; nothing was loaded",
                 rejects_count(run->rejects),
                 rejects_count(run->rejects) == 1 ? "" : "s");
    die_message(EXIT_SERVER, "nothing was loaded, for %zu reasons; the first: %s",
                n_findings, findings_get(run->findings, 0)->message);
}

/* After others have changed keys: what the new diff has is to be as good as the first. */
static bool
recheck(void *context)
{
    LoadRun *run = context;

    check_diffs(run);
    die_of_findings(run);
    return true;
}

static void
analyze(LoadBatch *batch, const LoadTable *table)
{
    char *sql = mem_format("ANALYZE %s", table->stage);

    db_execute(batch->db, sql);
    free(sql);
}

static void
check_and_compare(LoadRun *run)
{
    LoadBatch *batch = &run->batch;

    begin_phase(run, PHASE_CHECK);
    for (int i = 0; i < batch->n_tables; i++)
    {
        analyze(batch, &batch->tables[i]);
        check_rows(batch, &batch->tables[i], run->rejects, run->findings);
    }
    begin_phase(run, PHASE_DIFF);
    for (int i = 0; i < batch->n_tables; i++)
        diff_build(batch, &batch->tables[i]);
    begin_phase(run, PHASE_CHECK);
    check_diffs(run);
    check_swap(batch, run->findings);
    apply_changes_check(batch, run->findings);
    check_guards(batch, run->findings);
    check_assertions(batch, run->findings);
    die_of_findings(run);
}

/* ---- the commit, and what comes after it */

static void
commit_staged_rows(LoadRun *run)
{
    begin_phase(run, PHASE_COMMIT);
    load_narrate_commit(&run->batch);
    commit_run(&run->batch, recheck, run, &run->commit);
    run->is_committed = run->batch.settings->dry_run == DRY_RUN_NO;
    if (run->is_committed)
        load_narrate_committed(run);
}

/* What can be said of rows that are in the target already, and not committed. */
static bool
check_direct(void *context)
{
    LoadRun *run = context;

    load_plan_end(&run->batch, &run->plan);
    check_unused_settings(run);
    origins_warn(&run->batch);
    check_guards(&run->batch, run->findings);
    for (int i = 0; i < run->batch.n_tables; i++)
    {
        if (run->batch.tables[i].settings->n_assertions > 0)
            findings_add(run->findings, "Leave --check out if it may be loaded anyhow.",
                         "%s: --check looks at staged rows, and nothing could be staged",
                         run->batch.tables[i].name);
    }
    if (findings_count(run->findings) == 0)
        return true;
    findings_print(run->findings);
    return false;
}

static void
load_directly(LoadRun *run)
{
    begin_phase(run, PHASE_COMMIT);
    direct_load(&run->batch, run->sources, run->batch.n_sources, plan_and_report,
                check_direct, run, &run->commit);
    run->is_committed = run->batch.settings->dry_run == DRY_RUN_NO;
    if (run->is_committed)
        load_narrate_committed(run);
}

/* The planner is to know what is there now. What fails here is no failure of the load. */
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
        log_verbose("table %s could not be analyzed", table->name);
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

/* What this run made for itself beside what was staged. */
static void
drop_working_tables(LoadBatch *batch)
{
    for (int i = 0; i < batch->n_tables; i++)
    {
        drop_table(batch, batch->tables[i].diff);
        drop_table(batch, batch->tables[i].excluded);
    }
}

static void
clean(LoadRun *run)
{
    LoadBatch *batch = &run->batch;

    begin_phase(run, PHASE_CLEAN);
    load_narrate_clean(batch);
    if (run->is_committed)
    {
        rejects_store(run->rejects);
        /* only owners may analyze a table, and the others need not know */
        (void)db_attempt_set(batch->db,
                             (const char *const[]){"client_min_messages", "error", NULL});
        for (int i = 0; i < batch->n_tables; i++)
            analyze_target(batch, &batch->tables[i]);
    }
    if (batch->settings->keep)
        registry_tables_keep(batch);
    else if (!run->is_committed && run->options->request == LOAD_COMMIT_STAGED)
    {
        drop_working_tables(batch); /* a dry run leaves what others have staged */
        registry_tables_keep(batch);
    }
    else
        registry_tables_drop();
}

/* What was staged stays for --commit-staged, which checks and compares anew. */
static void
leave_staged(LoadRun *run)
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

/* ---- what a run is */

static void
take_over_staged(LoadRun *run)
{
    run->plan = (PlanContext){.find_settings = find_settings,
                              .find_target = find_target_name,
                              .find_context = run};
    load_plan_begin(&run->batch, &run->plan);
    open_registry(run);
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
    load_plan_end(&run->batch, &run->plan);
    origins_warn(&run->batch);
}

/* What a commit would count if nothing changed until then. */
static void
count_replacement(LoadBatch *batch, LoadTable *table)
{
    char *sql = diff_query_rows_count_old(table);
    char *count = db_query_value(batch->db, sql);

    apply_replace_set_counts(table);
    table->counts.deleted = strtoll(count, NULL, 10);
    free(count);
    free(sql);
}

/* Where nothing was compared. */
static void
count_replacements(LoadBatch *batch)
{
    for (int i = 0; i < batch->n_tables; i++)
    {
        if (batch->tables[i].apply != APPLY_DIFF)
            count_replacement(batch, &batch->tables[i]);
    }
}

/* False when the rows are to stay staged. */
static bool
load_staged(LoadRun *run)
{
    check_and_compare(run);
    if (run->batch.settings->stage_only)
    {
        leave_staged(run);
        return false;
    }
    if (run->batch.settings->dry_run != DRY_RUN_PLAN)
        commit_staged_rows(run);
    else
        count_replacements(&run->batch);
    return true;
}

/* What cannot be written at the end had better be known at the beginning. */
static void
check_metrics_file(const char *path)
{
    Diag diag = {0};
    int fd;

    if (path == NULL || strcmp(path, "-") == 0)
        return;
    fd = outfile_open(path, &diag);
    if (fd >= 0)
        close(fd);
    else
        die(EXIT_OUTPUT, &diag);
}

static ExitCode
load(LoadRun *run)
{
    check_metrics_file(run->options->metrics_file);
    on_exit(end_run, run);
    if (db_is_standby(run->batch.db))
        die_message(EXIT_SERVER, "cannot load into a standby server");
    load_catalog(run);
    run->rejects = rejects_new(&run->batch);
    run->findings = findings_new();
    if (run->options->request == LOAD_COMMIT_STAGED)
        take_over_staged(run);
    else
    {
        prepare_sources(run);
        stage(run);
    }
    if (run->batch.stage_kind == STAGE_NONE)
        load_directly(run);
    else if (!load_staged(run))
        return EXIT_DONE;
    clean(run);
    load_narrate_end(run);
    load_metrics_warn(run);
    return rejects_count(run->rejects) > 0 ? EXIT_REJECTS : EXIT_DONE;
}

static void
drop_dead_tables(Db *db, const LoadOptions *options)
{
    char *age = options->older_than >= 0
                    ? mem_format("%" PRId64 " seconds", options->older_than)
                    : NULL;

    registry_collect(db, options->settings.schema_name, age);
    free(age);
}

ExitCode
load_run(const LoadOptions *options)
{
    static LoadRun run; /* the exit handler looks at it */
    double now = clock_seconds();

    run = (LoadRun){.options = options,
                    .arena = options->arena,
                    .start = now,
                    .phase_start = now,
                    .batch = {.arena = options->arena, .settings = &options->settings}};
    if (options->is_quiet)
        log_init("pg-sample-load", -1);
    if (options->log_format == LOG_JSON)
        log_set_json();
    run.batch.db = connect_server(options);
    db_need_session(run.batch.db, "loading");
    switch (options->request)
    {
        case LOAD_STATUS:
            registry_status_print(run.batch.db, options->settings.schema_name);
            return EXIT_DONE;
        case LOAD_GC:
            drop_dead_tables(run.batch.db, options);
            return EXIT_DONE;
        default:
            return load(&run);
    }
}
