#include "programs/load/load_run.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/die.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/outfile.h"
#include "load/check/check.h"
#include "load/commit/apply.h"
#include "load/commit/attempt.h"
#include "load/commit/diff_query.h"
#include "load/direct/direct.h"
#include "load/load_session.h"
#include "load/registry/claim.h"
#include "load/registry/registry.h"
#include "model/catalog_load.h"
#include "programs/load/load_run_internal.h"
#include "store/store.h"

/*
 * Called when the program ends, for whatever reason, after everything else. Rows that
 * were committed stay loaded, even if the cleanup fails.
 */
static void
end_run(int status, void *context)
{
    LoadRun *run = context;
    bool is_good = status == EXIT_DONE || status == EXIT_REJECTS;

    log_progress_clear();
    load_phase_end(run);
    if (run->is_committed && !is_good)
    {
        log_warning("the rows were %s; an error occurred after the commit",
                    run->options->request == LOAD_ROLLBACK ? "rolled back" : "loaded");
        status = rejects_count(run->rejects) > 0 ? EXIT_REJECTS : EXIT_DONE;
        load_metrics_write(run, NULL, status);
        fflush(NULL);
        _exit(status);
    }
    if (!is_good && status != EXIT_UNKNOWN)
    {
        load_claim_fail(run, status);
        load_narrate_failure(run);
    }
    load_metrics_write(run, is_good ? NULL : log_get_error(), status);
}

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

    /* by default, libpq waits forever for a host */
    setenv("PGCONNECT_TIMEOUT", "30", 0);
    return db_connect(&target);
}

static void
load_catalog(LoadRun *run)
{
    Db *db = run->batch.db;

    run->answers = answers_new(db);
    db_session_set_encoding(db, run->batch.settings->encoding != NULL
                                    ? run->batch.settings->encoding
                                    : "UTF8");
    load_session_prepare(db);
    run->batch.server_start = load_session_get_server_start(db);
    if (run->options->settings.work_mem != NULL)
        db_session_set(db, (const char *const[]){"work_mem",
                                                 run->options->settings.work_mem, NULL});
    db_execute(db, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    run->catalog = catalog_load(run->answers, answers_get_search_path(run->answers));
    misread_find(&run->batch.misread, db, run->catalog, MISREAD_WRITES);
    db_execute(db, "COMMIT");
    /*
     * functions of triggers and constraints expect it, and the SQL of the program has the
     * same meaning under any
     */
    load_session_set_path(db, run->catalog->search_path);
    run->batch.catalog = run->catalog;
    run->batch.graph = graph_build(run->catalog);
}

static void
commit_staged_rows(LoadRun *run)
{
    load_phase_begin(run, PHASE_COMMIT);
    load_narrate_commit(&run->batch);
    commit_run(&run->batch, load_run_check_again, run, &run->commit);
    run->is_committed = run->batch.settings->dry_run == DRY_RUN_NO;
    if (run->is_committed)
        load_narrate_committed(run);
}

/* Checks of rows that are in the target already, and not committed. */
static bool
check_direct(void *context)
{
    LoadRun *run = context;

    load_plan_end(&run->batch, &run->plan);
    load_run_stage_check_settings(run);
    origins_warn(&run->batch);
    check_guards(&run->batch, run->findings);
    marks_check(&run->batch, run->findings);
    for (int i = 0; i < run->batch.n_tables; i++)
    {
        const LoadTable *table = &run->batch.tables[i];

        if (table->settings->n_assertions > 0)
            findings_add(run->findings, "Omit --check to load the rows without it.",
                         "%s: --check needs staged rows, and rows could not be staged",
                         table->name);
        if (table->capture != NULL)
            findings_add(run->findings, "Load the rows without --audit and --undo.",
                         "%s: --audit and --undo need staged rows, and rows could not be "
                         "staged",
                         table->name);
    }
    if (findings_count(run->findings) == 0)
        return true;
    findings_print(run->findings);
    return false;
}

static void
load_directly(LoadRun *run)
{
    const DirectInput input = {.planner = load_run_stage_plan,
                               .check = check_direct,
                               .context = run};

    load_phase_begin(run, PHASE_COMMIT);
    direct_load(&run->batch, &input, &run->commit);
    run->is_committed = run->batch.settings->dry_run == DRY_RUN_NO;
    if (run->is_committed)
        load_narrate_committed(run);
}

/* The counts of a commit, if nothing changes until then. */
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

/* For tables without a diff. */
static void
count_replacements(LoadBatch *batch)
{
    for (int i = 0; i < batch->n_tables; i++)
    {
        if (batch->tables[i].apply != APPLY_DIFF)
            count_replacement(batch, &batch->tables[i]);
    }
}

/* False if the rows are to stay staged. */
static bool
load_staged(LoadRun *run)
{
    load_run_check(run);
    if (run->batch.claim != NULL)
        claim_settle(&run->batch);
    if (run->batch.settings->stage_only)
    {
        load_run_clean_leave(run);
        return false;
    }
    if (run->batch.settings->dry_run != DRY_RUN_PLAN)
        commit_staged_rows(run);
    else
        count_replacements(&run->batch);
    return true;
}

/* An unwritable file is an error at the beginning, not at the end. */
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
    if (run->options->is_dry_by_variable)
        log_warning_hint(run->options->request == LOAD_ROLLBACK
                             ? "Unset it, or set it to false, to roll back the batch."
                             : "Unset it, or set it to false, to load the batch.",
                         "this is a dry run, since the environment variable DRY_RUN is "
                         "\"%s\"; nothing will be %s",
                         getenv("DRY_RUN"),
                         run->options->request == LOAD_ROLLBACK ? "rolled back"
                                                                : "loaded");
    on_exit(end_run, run);
    if (db_is_standby(run->batch.db))
        die_message(EXIT_SERVER, "cannot load into a standby server");
    load_catalog(run);
    run->rejects = rejects_new(&run->batch);
    run->findings = findings_new();
    if (run->options->request == LOAD_ROLLBACK)
    {
        load_rollback(run);
        return EXIT_DONE;
    }
    if (run->options->request == LOAD_COMMIT_STAGED)
        load_run_stage_take_over(run);
    else
        load_run_stage(run);
    if (run->is_loaded)
        return EXIT_DONE;
    if (run->batch.stage_kind == STAGE_NONE)
        load_directly(run);
    else if (!load_staged(run))
        return EXIT_DONE;
    load_run_clean(run);
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
    static LoadRun run; /* for the exit handler */
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
    store_configure(&options->store);
    run.batch.db = connect_server(options);
    db_session_need(run.batch.db, "loading");
    switch (options->request)
    {
        case LOAD_STATUS:
            registry_status_print(run.batch.db, options->settings.schema_name,
                                  options->settings.batch_id);
            return EXIT_DONE;
        case LOAD_GC:
            drop_dead_tables(run.batch.db, options);
            return EXIT_DONE;
        case LOAD_INIT:
            registry_schema_init(&run.batch);
            return EXIT_DONE;
        case LOAD_PRINT_DDL:
            registry_schema_print(run.batch.db, options->settings.schema_name);
            return EXIT_DONE;
        default:
            return load(&run);
    }
}
