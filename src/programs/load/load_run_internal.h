/* What the files behind load_run.h share. */
#ifndef PROGRAMS_LOAD_LOAD_RUN_INTERNAL_H
#define PROGRAMS_LOAD_LOAD_RUN_INTERNAL_H

#include "base/arena.h"
#include "db/answers.h"
#include "load/batch.h"
#include "load/commit/commit.h"
#include "load/findings.h"
#include "load/plan/load_plan.h"
#include "load/source/discover_batch.h"
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
    PlanContext plan;
    Pattern *excludes; /* as options->exclude_tables */
    bool *are_excludes_used;
    Rejects *rejects;
    Findings *findings;
    CommitReport commit;
    BatchFiles files; /* of --batch-id */
    bool is_loaded;   /* the batch was, before */
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

/* Opens the registry, which is left out with a warning if that is not possible. */
void load_run_stage_open(LoadRun *run);

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

/* ---- load_excludes.c */

/* Ends the program if one is not a pattern. */
void load_excludes_parse(LoadRun *run);

/* Does a pattern of the run match the name, TABLE or SCHEMA.TABLE as in SQL? */
bool load_excludes_match(void *run, const char *name);

/* Ends the program if one has matched nothing: a table would be loaded by mistake. */
void load_excludes_check(const LoadRun *run);

/* ---- load_claim.c: batches with an id */

/* Finds the files; ends the program if there are none. */
void load_claim_discover(LoadRun *run);

/*
 * Claims the batch, and sets the sources of run and batch to the files of the tables that
 * are not loaded yet. False if there are none, or the batch is only approved.
 */
bool load_claim_begin(LoadRun *run) __attribute__((warn_unused_result));

/* Ends the program if more records were staged than are allowed. */
void load_claim_check_records(const LoadRun *run);

/* Records in the database that the run has failed, if it has a claim. */
void load_claim_fail(LoadRun *run, int status);

/* ---- load_rollback.c */

/* Undoes a batch or a run. */
void load_rollback(LoadRun *run);

/* ---- load_claim_options.c */

/* JSON of those that are part of a table's manifest, in the arena. */
const char *load_claim_options(const LoadRun *run, const TableSettings *settings);

/* ---- load_sources.c */

/* Sets the sources of run and batch; dies with EXIT_CONNECTION on what is not there. */
void load_sources_find(LoadRun *run);

/* The same for the files of a batch. */
void load_sources_take(LoadRun *run, const BatchFiles *files);

/* A name as in the catalog, SCHEMA.TABLE or TABLE, as it is written in SQL. */
const char *load_sources_quote(Arena *arena, const char *raw);

/* ---- load_metrics.c */

/*
 * Writes the file of --metrics-file; error is why the run failed, or NULL. Returns false,
 * with a warning, when it cannot be written.
 */
bool load_metrics_write(const LoadRun *run, const char *error, int exit_status);

/* Warnings about numbers that need attention. */
void load_metrics_warn(const LoadRun *run);

/* ---- load_narrate.c */

/* Before and after a table's rows are staged. */
void load_narrate_staging(const LoadTable *table);
void load_narrate_staged(const LoadBatch *batch);

void load_narrate_commit(const LoadBatch *batch);
void load_narrate_committed(const LoadRun *run);
void load_narrate_clean(const LoadBatch *batch);

/* The last messages: what was loaded, or would be. */
void load_narrate_end(const LoadRun *run);

/* When the program ends before the commit, so that nothing has changed. */
void load_narrate_failure(const LoadRun *run);

/* 34,845,893 */
const char *load_narrate_number(int64_t number, char *text, size_t size);

#endif
