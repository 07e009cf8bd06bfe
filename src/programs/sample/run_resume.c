#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "dump/archive.h"
#include "programs/sample/run_internal.h"
#include "sample/reference_closure.h"
#include "sample/staging/staging_resume.h"

/* The earlier run's choice of rows takes the place of ours, which says nothing of it. */
static void
take_over(Run *run, const StageRun *earlier)
{
    Facts *facts = facts_load(run->stage->keeper, run->stage->names.qschema);

    if (run->options->encoding != NULL &&
        pg_char_to_encoding(run->options->encoding) !=
            pg_char_to_encoding(facts_get_encoding(facts)))
        die_hint(EXIT_USAGE, "The encoding is that of the run that was kept.",
                 "the staged sample is for encoding %s, not %s",
                 facts_get_encoding(facts), run->options->encoding);
    session_replay(run->session, facts);
    run_read_options(&run->translated, run->arena, run->stage->keeper,
                     run->stage->names.qschema);
    run->facts.version = PACKAGE_VERSION;
    run->facts.database = earlier->database;
    run->facts.server_version = earlier->server_version;
    run->facts.host = "";
    snprintf(run->facts.snapshot_time, sizeof(run->facts.snapshot_time), "%s",
             earlier->snapshot_time);
}

static void
plan_again(Run *run)
{
    run_parse_rules(run);
    run_make_plan(run);
    run->plan.order = run->options->order;
    run->plan.seed = run->options->seed;
    run->sample = stage_resume_sample(run->stage, &run->plan);
    stage_resume_prove(&run->proof, run->sample, run->session);
    reach_tell(run->sample);
    log_verbose("proved %zu references again", run->proof.n_references);
}

/* What was left over has served its purpose, once its dump is written. */
static void
forget_left_over(Run *run, const StageRun *earlier)
{
    if (earlier->is_kept)
        return;
    run->stage->has_schema = true;
    run->stage->is_complete = false;
}

void
run_resume(Run *run)
{
    StageRun earlier;

    run->mode = (ModeChoice){.is_staging = true};
    run->stage_options = (StageOptions){.schema = run_get_schema(run->options)};
    run->stage = stage_new(run->session, &run->stage_options);
    earlier = stage_resume_open(run->stage, run->arena);
    run_open_output(run);
    take_over(run, &earlier);
    plan_again(run);
    run_resume_schema_dump(run);
    run_finish_schema(run);
    run_write_dump(run);
    run_finish_output(run);
    forget_left_over(run, &earlier);
}
