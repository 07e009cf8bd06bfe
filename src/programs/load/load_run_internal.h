/* What the files behind load_run.h share. */
#ifndef PROGRAMS_LOAD_LOAD_RUN_INTERNAL_H
#define PROGRAMS_LOAD_LOAD_RUN_INTERNAL_H

#include "base/arena.h"
#include "db/answers.h"
#include "load/batch.h"
#include "load/commit/commit.h"
#include "load/findings.h"
#include "load/plan/load_plan.h"
#include "load/stage/rejects.h"
#include "model/pattern.h"
#include "programs/load/load_options.h"

/* In the order of time; each ends where the next one begins. */
typedef enum LoadPhase
{
    PHASE_DISCOVER,
    PHASE_STAGE,
    PHASE_CHECK,
    PHASE_DIFF,
    PHASE_COMMIT,
    PHASE_CLEAN,
    N_LOAD_PHASES
} LoadPhase;

/* Everything that a run owns. */
typedef struct LoadRun
{
    const LoadOptions *options;
    Arena *arena;
    Answers *answers;
    Catalog *catalog;
    LoadBatch batch;
    StageSource *sources;
    PlanContext plan;
    Pattern *excludes; /* as options->exclude_tables */
    bool *are_excludes_used;
    Rejects *rejects;
    Findings *findings;
    CommitReport commit;
    bool is_committed;
    LoadPhase phase;
    double start;       /* of the run, in seconds */
    double phase_start; /* of the current phase */
    double seconds[N_LOAD_PHASES];
} LoadRun;

#endif
