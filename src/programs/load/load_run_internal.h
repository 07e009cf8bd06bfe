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

/* In this order; each ends when the next one begins. */
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

/* ---- load_phase.c */

/* As pg_stat_activity and the metrics name it. */
const char *load_phase_get_name(LoadPhase phase);
void load_phase_begin(LoadRun *run, LoadPhase phase);
/* Adds the time of the current phase up to now. */
void load_phase_end(LoadRun *run);

/* ---- load_run_stage.c: from sources to staged rows */

/* Stages all sources, or sets the batch's stage_kind to STAGE_NONE. */
void load_run_stage(LoadRun *run);
/* The same for the staging tables of --commit-staged, which are there. */
void load_run_stage_take_over(LoadRun *run);
/* A StagePlanner, whose context is the run. */
StageInput load_run_stage_plan(void *context, LoadBatch *batch, int source,
                               const InputTable *table);
/* Once all sources are read: are there options for tables that have no rows? */
void load_run_stage_check_settings(const LoadRun *run);

/* ---- load_run_check.c: checks and diffs; findings end the program */

void load_run_check(LoadRun *run);
/* A CommitRecheck, whose context is the run: checks new diffs as the first ones. */
bool load_run_check_again(void *context);

/* ---- load_run_clean.c: after the commit, or instead of it */

void load_run_clean(LoadRun *run);
/* Leaves the staging tables for --commit-staged, and prints their names. */
void load_run_clean_leave(LoadRun *run);

#endif
