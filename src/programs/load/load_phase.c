#include "programs/load/load_run_internal.h"

#include "base/clock.h"
#include "base/log.h"
#include "load/commit/attempt.h"
#include "load/load_session.h"

static const struct
{
    const char *name; /* in pg_stat_activity and metrics */
    const char *text; /* of the progress message */
} phases[N_LOAD_PHASES] = {
    [PHASE_DISCOVER] = {"discover", "looking for sources"},
    [PHASE_STAGE] = {"stage", "staging"},
    [PHASE_CHECK] = {"check", "checking"},
    [PHASE_DIFF] = {"diff", "comparing"},
    [PHASE_COMMIT] = {"commit", "committing"},
    [PHASE_CLEAN] = {"clean", "cleaning up"},
};

const char *
load_phase_get_name(LoadPhase phase)
{
    return phases[phase].name;
}

void
load_phase_end(LoadRun *run)
{
    double now = clock_seconds();

    run->seconds[run->phase] += now - run->phase_start;
    run->phase_start = now;
}

void
load_phase_begin(LoadRun *run, LoadPhase phase)
{
    load_phase_end(run);
    run->phase = phase;
    load_session_show(run->batch.db, phases[phase].name);
    if (!run->options->is_quiet)
        log_progress("%s ...", phases[phase].text);
}
