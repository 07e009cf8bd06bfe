#include "config.h"

#include <inttypes.h>
#include <stdlib.h>

#include "app/run_state.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/rescue.h"
#include "dump/largeobjects.h"
#include "dump/stage_store.h"
#include "model/layout.h"
#include "sample/lost.h"
#include "sample/pick.h"
#include "sample/stage_closure.h"
#include "sample/stage_manifest.h"
#include "sample/stage_proof.h"

enum
{
    SPOOL_MEMORY = 64 * 1024 * 1024 /* bytes of rows kept in memory, in direct mode */
};

static void
tell_sampled(const Run *run)
{
    log_verbose("sampled in %.2f s; at most %d passes, %d recursive queries",
                run_seconds(run), run->facts.closure.n_waves,
                run->facts.closure.n_drained);
}

static void
close_directly(Run *run)
{
    const FkGraph *graph = lost_choose_graph(&run->plan);

    run->sample = sample_new(&run->plan, graph, layout_build(graph), SPOOL_MEMORY,
                             largeobjects_exist(run->session));
    closure_run(run->sample, run->session, &run->facts.closure);
}

/* False when a table could not be read and is lost, so that it is to be done again. */
static bool
try_directly(Run *run)
{
    Rescue rescue = {.kind = RESCUE_TABLE};

    if (RESCUE_TRY(&rescue))
    {
        close_directly(run);
        rescue_end(&rescue);
        return true;
    }
    sample_free(run->sample);
    run->sample = NULL;
    lost_recover(&run->plan, run->session, &rescue.diag);
    return false;
}

static void
take_directly(Run *run)
{
    if (!run->options->continue_on_error)
        close_directly(run);
    else
        while (!try_directly(run))
            continue;
    tell_sampled(run);
    proof_run(&run->proof, run->sample, run->session);
}

static void
take_in_stages(Run *run)
{
    stage_open(run->stage, &run->plan);
    log_verbose("staging schema %s made, %.2f s", run->stage->names.qschema,
                run_seconds(run));
    run->sample = stage_new_sample(run->stage);
    stage_closure_run(run->sample, run->session, &run->facts.closure);
    tell_sampled(run);
    stage_proof_run(&run->proof, run->sample, run->session);
    if (run->ddl != NULL)
        run_wait_for_schema_dump(run);
    stage_store(run->sample, run->session, run->ddl);
    stage_manifest_complete(run->sample, &run->proof);
}

/* Leaves no trace of staging. */
static void
abandon_staging(Run *run)
{
    proof_free(&run->proof);
    sample_free(run->sample);
    run->sample = NULL;
    session_settle(run->session);
    stage_close(run->stage);
    run->stage = NULL;
}

static void
tell_fallback(const Diag *reason)
{
    log_warning_hint("--no-staging asks for direct mode without this warning.",
                     "staging is not possible, direct mode is used instead: %s%s%s",
                     reason->message, reason->detail != NULL ? "\n" : "",
                     reason->detail != NULL ? reason->detail : "");
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

static bool
stage_sample(Run *run)
{
    Rescue rescue = {.kind = RESCUE_STAGING};
    const Options *options = run->options;

    run->stage_options =
        (StageOptions){.schema = options->sample_schema,
                       .is_requested = options->use_staging || run->mode.is_required,
                       .is_forced = options->force,
                       .is_kept = options->keep,
                       .command = run_format_options(options, run->plan.seed),
                       .version = PACKAGE_VERSION,
                       .snapshot_time = run->facts.snapshot_time};
    run->stage = stage_new(run->session, &run->stage_options);
    if (RESCUE_TRY(&rescue))
    {
        take_in_stages(run);
        rescue_end(&rescue);
        session_release_snapshot(run->session);
        run->facts.n_statements = stage_count_statements(run->stage);
        log_verbose("staged with %" PRIu64 " statements", run->facts.n_statements);
        return true;
    }
    if (run->mode.is_required)
        die_without_staging(run, &rescue.diag);
    abandon_staging(run);
    tell_fallback(&rescue.diag);
    diag_free(&rescue.diag);
    return false;
}

void
run_take_sample(Run *run)
{
    log_verbose("%s mode: %s", run->mode.is_staging ? "staging" : "direct",
                run->mode.reason);
    if (run->ddl != NULL && run->session->is_crowded)
        run_wait_for_schema_dump(run);
    pick_check_conditions(run->session, &run->plan);
    if (!run->mode.is_staging || !stage_sample(run))
    {
        run->mode.is_staging = false;
        facts_stop(run->session->facts);
        take_directly(run);
    }
    log_verbose("proved %zu references", run->proof.n_references);
}
