#include "programs/sample/run.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "db/environment.h"
#include "programs/sample/run_internal.h"
#include "sample/path_probe.h"

static void
connect_session(Run *run)
{
    const Options *options = run->options;
    const DbTarget target = {.dbname = options->dbname,
                             .host = options->host,
                             .port = options->port,
                             .username = options->username,
                             .program = "pg-sample",
                             .is_prompt_forced = options->prompt == PROMPT_ALWAYS,
                             .is_prompt_never = options->prompt == PROMPT_NEVER};
    const SessionOptions session = {.encoding = options->encoding,
                                    .lock_timeout = options->lock_timeout,
                                    .enable_row_security = options->enable_row_security,
                                    .continue_on_error = options->continue_on_error};

    run->session = session_open(db_connect(&target), &session);
    if (!options->no_staging && !options->schema_only)
        answers_record(run->session->answers);
    log_verbose("connected to database \"%s\" on server %s",
                db_name(run->session->snapshot_db),
                db_server_version_text(run->session->snapshot_db));
}

static void
release(Run *run)
{
    if (run->schema.ddl != NULL)
    {
        ddl_text_free(&run->schema.ddl_text);
        toc_free(run->schema.toc);
        ddl_free(run->schema.ddl);
        environment_free(run->schema.environment);
        if (run->schema.service_fd >= 0)
            close(run->schema.service_fd);
    }
    masking_free(run->rows.masking);
    staging_close(run->rows.staging);
    proof_free(&run->rows.proof);
    run_mask_free(run);
    run_provenance_forget(run);
    run_provenance_free_rows(run);
    sample_free(run->rows.sample);
    termPQExpBuffer(&run->schema.left_out);
    session_close(run->session);
    catalog_free(run->catalog);
    pg_programs_free(&run->schema.programs);
    rules_free(&run->request.rules);
    subset_free(&run->request.subset);
    arena_free(run->request.arena);
}

/* The plan and the masks, without a sample of them. */
static void
make_masks(Run *run)
{
    Db *db = run->session->snapshot_db;

    run_plan_make(run);
    db_execute(db, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    run_mask_make(run);
    db_execute(db, "COMMIT");
}

static void
print_plan(Run *run)
{
    ChildIndex *indexes;

    make_masks(run);
    run_warnings(run);
    run->rows.mode = mode_choose(run->options, &run->plan);
    indexes = child_index_load(run->session->snapshot_db, run->plan.graph);
    plan_print(&run->plan, &run->rows.mode, indexes);
    if (!run->options->schema_only)
        mask_print_plan(run);
    free(indexes);
}

/* What needs no snapshot; true when that is all that was asked for. */
static bool
answer_at_once(Run *run)
{
    const Options *options = run->options;

    if (options->cleanup != CLEANUP_NONE)
        cleanup_run(run->session->snapshot_db, options->cleanup,
                    run->options->sample_schema);
    else if (options->plan)
        print_plan(run);
    else if (options->mask.is_suggesting)
    {
        make_masks(run);
        mask_print_suggestions(run);
    }
    else
        return false;
    return true;
}

static void
connect_and_translate(Run *run, const Options *options)
{
    run_plan_parse_rules(run);
    run_mask_read_key(run);
    connect_session(run);
    run->request.translated = *options;
    run->request.translated.subset.nulls_cut = options->data_only;
    translate_options(&run->request.translated, run->request.arena,
                      run->session->snapshot_db);
    if (run->request.translated.restore_search_path != NULL)
        path_probe_check(run->session, run->request.translated.restore_search_path);
    run->options = &run->request.translated;
    run_plan_parse_rules(run);
}

static void
sample(Run *run)
{
    run_output_open(run);
    run_plan_begin_snapshot(run);
    run_output_note_source(run);
    run_mask_make(run);
    run_sample_prepare_staging(run);
    run_warnings_report_choice(run);
    run_privileges_report_cut(run);
    run_warnings(run);
    run_schema_start(run);
    run_sample(run);
    run_schema_finish(run);
    if (!run->options->verify_only)
        run_output_write_dump(run);
    run_output_finish(run);
}

ExitCode
run(const Options *options)
{
    ExitCode status = EXIT_DONE;
    Run run = {.options = options,
               .schema.service_fd = -1,
               .output.start = clock_seconds()};

    run.request.arena = arena_new();
    initPQExpBuffer(&run.schema.left_out);
    connect_and_translate(&run, options);
    if (options->resume)
        run_resume(&run);
    else if (!answer_at_once(&run))
        sample(&run);
    if (!options->plan && run.catalog != NULL && plan_count_skipped(&run.plan) > 0)
        status = EXIT_INCOMPLETE;
    release(&run);
    return status;
}
