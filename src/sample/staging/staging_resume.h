/* A staging schema of an earlier run, taken up again. */
#ifndef SAMPLE_STAGING_STAGING_RESUME_H
#define SAMPLE_STAGING_STAGING_RESUME_H

#include "sample/proof.h"
#include "sample/staging/staging.h"

/* What manifest_run says. */
typedef struct StageRun
{
    const char *database;
    const char *server_version;
    const char *snapshot_time;
    bool is_kept;
} StageRun;

/*
 * Takes the schema's lock and reads of which run it is; texts are in the arena. Dies with
 * EXIT_SERVER, saying why, when there is no whole sample, or somebody uses it.
 */
StageRun stage_resume_open(Stage *stage, Arena *arena);

/* The staged sample of that run, once its plan has been made again. */
Sample *stage_resume_sample(Stage *stage, const Plan *plan);

/*
 * Proves it again: as many rows and references as then. Dies with EXIT_SERVER when the
 * tables have changed.
 */
void stage_resume_prove(Proof *proof, Sample *sample, const Session *session);

#endif
