#include "config.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/bigmem.h"
#include "base/clock.h"
#include "base/die.h"
#include "base/log.h"
#include "base/plural.h"
#include "base/recovery.h"
#include "dump/largeobjects.h"
#include "dump/staging_store.h"
#include "model/layout.h"
#include "programs/sample/run_internal.h"
#include "sample/direct/closure.h"
#include "sample/down.h"
#include "sample/null_checks.h"
#include "sample/outside.h"
#include "sample/pick.h"
#include "sample/reference_closure.h"
#include "sample/session_early.h"
#include "sample/skipped.h"
#include "sample/staging/staging_closure.h"

static void
report_sampled(const Run *run)
{
    log_verbose("sampled in %.2f s; at most %d pass%s, %d recursive quer%s",
                clock_seconds() - run->output.start, run->output.summary.closure.n_passes,
                plural_choose(run->output.summary.closure.n_passes, "", "es"),
                run->output.summary.closure.n_recursive,
                plural_choose(run->output.summary.closure.n_recursive, "y", "ies"));
}

static void
close_directly(Run *run)
{
    const FkGraph *graph = skipped_choose_graph(&run->plan);
    size_t memory_limit = (size_t)run->options->memory_limit;
    size_t masked_memory = run_masking_get_memory(run);
    size_t spool_memory = memory_limit / 4 - masked_memory; /* for the text of rows */

    bigmem_set_limit(memory_limit - spool_memory - masked_memory);
    sample_free(run->rows.sample); /* of an attempt in which a table was skipped */
    run->rows.sample = sample_new(&run->plan, graph, layout_build(graph), spool_memory,
                                  largeobjects_exist(run->session));
    run_provenance_set_budget(run);
    down_run(run->rows.sample, run->session);
    closure_run(run->rows.sample, run->session, &run->output.summary.closure);
}

static void
check_conditions(Run *run)
{
    pick_check_conditions(run->session, &run->plan);
    reference_closure_check(run->session, &run->plan);
}

/*
 * False if a table turned out to be unreadable and was skipped; then the step is
 * repeated.
 */
static bool
try_step(Run *run, void (*step)(Run *run))
{
    Recovery recovery = {.kind = RECOVERY_TABLE};

    run->session->reading = NULL;
    if (RECOVERY_TRY(&recovery))
    {
        step(run);
        recovery_end(&recovery);
        return true;
    }
    session_recover(run->session, &run->plan, &recovery.diag);
    return false;
}

/* With --continue-on-error, repeats the step while tables are skipped. */
static void
do_step(Run *run, void (*step)(Run *run))
{
    if (!run->options->continue_on_error)
        step(run);
    else
        while (!try_step(run, step))
            continue;
}

static void
take_directly(Run *run)
{
    do_step(run, close_directly);
    report_sampled(run);
    direct_proof_run(&run->rows.proof, run->rows.sample, run->session);
    outside_find(run->rows.sample, run->session);
    null_checks_run(run->rows.sample, run->session);
    budget_measure_set_null(run->rows.sample);
    run_provenance_find(run);
}

static void
find_down(Run *run)
{
    bigmem_set_limit((size_t)run->options->memory_limit); /* for row ids */
    down_run(run->rows.sample, run->session);
}

static void
take_in_stages(Run *run)
{
    staging_open(run->rows.staging);
    log_verbose("staging schema %s made, %.2f s", run->rows.staging->names.qschema,
                clock_seconds() - run->output.start);
    run->rows.sample = staging_new_sample(run->rows.staging);
    run_provenance_set_budget(run);
    do_step(run, find_down);
    staging_closure_run(run->rows.sample, run->session, &run->output.summary.closure);
    report_sampled(run);
    staging_proof_run(&run->rows.proof, run->rows.sample, run->session);
    outside_find(run->rows.sample, run->session);
    null_checks_run(run->rows.sample, run->session);
    budget_measure_set_null(run->rows.sample);
    run_provenance_find(run);
    if (run->schema.ddl != NULL)
        run_schema_wait(run);
    staging_store(run->rows.sample, run->session, run->schema.ddl);
    run_masking(run);
    staging_manifest_complete(run->rows.sample, &run->rows.proof);
}

/* Drops everything that staging mode has created. */
static void
abandon_staging(Run *run)
{
    masking_free(run->rows.masking);
    run->rows.masking = NULL;
    proof_free(&run->rows.proof);
    run_provenance_forget(run);
    sample_free(run->rows.sample);
    run->rows.sample = NULL;
    session_settle(run->session);
    staging_disconnect(run->rows.staging, run->session->snapshot_db);
    staging_close(run->rows.staging);
    run->rows.staging = NULL;
}

/* If staging mode was not requested, an expected reason is not a warning. */
static void
report_fallback(const Diag *reason, bool is_expected)
{
    if (is_expected)
        log_verbose("staging is not possible, direct mode is used instead: %s",
                    reason->message);
    else
        log_warning_detail(reason->detail,
                           "Use --no-staging for direct mode without this warning.",
                           "staging is not possible, direct mode is used instead: %s",
                           reason->message);
}

static _Noreturn void
die_without_staging(const Run *run, Diag *reason)
{
    Diag diag = {.detail = reason->detail};

    diag_set_message(&diag, "staging is not possible: %s", reason->message);
    diag_set_hint(&diag, "Without %s the sample would be taken in direct mode.",
                  run->options->keep    ? "--keep"
                  : run->options->force ? "--force"
                                        : "--verify-only");
    die(EXIT_SERVER, &diag);
}

static void
connect_stage(Run *run)
{
    staging_connect(run->rows.staging, &run->plan);
}

/* False if staging mode is not possible; nothing of it is left then. */
static bool
try_staging(Run *run, void (*step)(Run *run))
{
    Recovery recovery = {.kind = RECOVERY_STAGING};
    bool is_expected;

    if (RECOVERY_TRY(&recovery))
    {
        step(run);
        recovery_end(&recovery);
        return true;
    }
    if (run->rows.mode.is_required)
        die_without_staging(run, &recovery.diag);
    is_expected = run->rows.staging->is_unfit && !run->options->use_staging;
    abandon_staging(run);
    report_fallback(&recovery.diag, is_expected);
    diag_free(&recovery.diag);
    return false;
}

void
run_sample_prepare_staging(Run *run)
{
    const Options *options = run->options;
    char *command;

    run->rows.mode = mode_choose(options, &run->plan);
    log_verbose("%s mode: %s", run->rows.mode.is_staging ? "staging" : "direct",
                run->rows.mode.reason);
    if (!run->rows.mode.is_staging)
    {
        session_early_release_spares(run->session);
        return;
    }
    command = run_options_format(options, run->plan.seed);
    run->rows.staging_options =
        (StagingOptions){.schema = run_options_get_schema(options),
                         .is_requested =
                             options->use_staging || run->rows.mode.is_required,
                         .is_forced = options->force,
                         .is_kept = options->keep,
                         .has_schema = run_schema_is_needed(run),
                         .makes_all_tables =
                             options->keep || run_provenance_is_wanted(run),
                         .command = arena_copy_string(run->request.arena, command),
                         .version = PACKAGE_VERSION,
                         .snapshot_time = run->output.summary.snapshot_time};
    free(command);
    run->rows.staging = staging_new(run->session, &run->rows.staging_options);
    run->rows.mode.is_staging = try_staging(run, connect_stage);
    if (run->rows.mode.is_staging)
        log_info("staging mode (%s): writing to schema %s of database \"%s\"",
                 run->rows.mode.reason, run->rows.staging->names.qschema,
                 run->output.summary.database);
}

static void
release_source(Run *run)
{
    session_release_snapshot(run->session);
    run->output.summary.n_statements = staging_count_statements(run->rows.staging);
    log_verbose("staged with %" PRIu64 " statement%s", run->output.summary.n_statements,
                plural(run->output.summary.n_statements));
}

void
run_sample(Run *run)
{
    if (run->schema.ddl != NULL && run->session->is_crowded)
        run_schema_wait(run);
    do_step(run, check_conditions);
    do_step(run, run_provenance_find_rows);
    if (run->rows.mode.is_staging)
        run->rows.mode.is_staging = try_staging(run, take_in_stages);
    if (run->rows.mode.is_staging)
        release_source(run);
    else
    {
        answers_stop(run->session->answers);
        take_directly(run);
    }
    reference_closure_report(run->rows.sample);
    log_verbose("proved %zu reference%s", run->rows.proof.n_references,
                plural(run->rows.proof.n_references));
    run_provenance_report(run);
    if (!run->rows.mode.is_staging)
        run_masking(run);
}
