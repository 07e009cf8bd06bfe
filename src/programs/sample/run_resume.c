#include "config.h"

#include <stdio.h>

#include "base/die.h"
#include "base/log.h"
#include "base/plural.h"
#include "programs/sample/run_internal.h"
#include "sample/reference_closure.h"

/* The options that choose rows are those of the earlier run. */
static void
take_over_choice(Run *run, const StagingRun *earlier)
{
    Answers *answers = answers_store_load(run->rows.staging->staging_db,
                                          run->rows.staging->names.qschema);

    if (run->options->encoding != NULL &&
        pg_char_to_encoding(run->options->encoding) !=
            pg_char_to_encoding(answers_get_encoding(answers)))
        die_hint(EXIT_USAGE, "Omit --encoding: it is that of the run that was kept.",
                 "the staged sample is for encoding %s, not %s",
                 answers_get_encoding(answers), run->options->encoding);
    session_replay(run->session, answers);
    run_options_read(&run->request.translated, run->request.arena,
                     run->rows.staging->staging_db, run->rows.staging->names.qschema);
    run->output.summary.version = PACKAGE_VERSION;
    run->output.summary.database = earlier->database;
    run->output.summary.server_version = earlier->server_version;
    run->output.summary.host = "";
    snprintf(run->output.summary.snapshot_time, sizeof(run->output.summary.snapshot_time),
             "%s", earlier->snapshot_time);
}

static void
plan_again(Run *run)
{
    run_plan_parse_rules(run);
    run_plan_make(run);
    run_mask_make(run);
    run->plan.order = run->options->order;
    run->plan.seed = run->options->seed;
    run->rows.sample = staging_resume_sample(run->rows.staging, &run->plan);
    staging_resume_prove(&run->rows.proof, run->rows.sample, run->session);
    reference_closure_report(run->rows.sample);
    log_verbose("proved %zu reference%s again", run->rows.proof.n_references,
                plural(run->rows.proof.n_references));
}

/* A schema that was not kept is dropped once its dump is written. */
static void
forget_left_over(Run *run, const StagingRun *earlier)
{
    if (earlier->is_kept)
        return;
    run->rows.staging->has_schema = true;
    run->rows.staging->is_complete = false;
}

void
run_resume(Run *run)
{
    StagingRun earlier;

    run->rows.mode = (ModeChoice){.is_staging = true};
    run->rows.staging_options =
        (StagingOptions){.schema = run_options_get_schema(run->options)};
    run->rows.staging = staging_new(run->session, &run->rows.staging_options);
    earlier = staging_resume_open(run->rows.staging, run->request.arena);
    run_output_open(run);
    take_over_choice(run, &earlier);
    run_mask_check_resume(run);
    plan_again(run);
    run_masking(run);
    run_schema_resume(run);
    run_schema_finish(run);
    run_output_write_dump(run);
    run_output_finish(run);
    forget_left_over(run, &earlier);
}
