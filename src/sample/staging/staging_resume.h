/* A staging schema of an earlier run, taken up again. */
#ifndef SAMPLE_STAGING_STAGING_RESUME_H
#define SAMPLE_STAGING_STAGING_RESUME_H

#include "base/arena.h"
#include "sample/proof.h"
#include "sample/staging/staging.h"

/* What manifest_run says. */
typedef struct StagingRun
{
    const char *database;
    const char *server_version;
    const char *snapshot_time;
    bool is_kept;
} StagingRun;

/*
 * Takes the schema's lock and reads of which run it is; texts are in the arena. Dies with
 * EXIT_SERVER, saying why, when there is no whole sample, or somebody uses it.
 */
StagingRun staging_resume_open(Staging *staging, Arena *arena);

/* The staged sample of that run, once its plan has been made again. */
Sample *staging_resume_sample(Staging *staging, const Plan *plan);

/*
 * Proves it again: as many rows and references as then. Dies with EXIT_SERVER when the
 * tables have changed.
 */
void staging_resume_prove(Proof *proof, Sample *sample, const Session *session);

#endif
