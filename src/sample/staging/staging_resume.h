/*
 * --resume: the dump of a sample that an earlier run has kept in its staging schema.
 *
 * The schema must be that of a complete sample, and no other run may use it. The source
 * has changed since, so it is not read: the catalog and all else that the dump needs are
 * answers that were stored with the sample (db/answers.h), from which the same plan is
 * made again. The rows are proved again by the counts in the manifest, since the tables
 * may have been changed, and a crash of the server empties them (they are UNLOGGED).
 */
#ifndef SAMPLE_STAGING_STAGING_RESUME_H
#define SAMPLE_STAGING_STAGING_RESUME_H

#include "base/arena.h"
#include "sample/proof.h"
#include "sample/staging/staging.h"

/* The row of manifest_run. */
typedef struct StagingRun
{
    const char *database;
    const char *server_version;
    const char *snapshot_time;
    bool is_kept;
} StagingRun;

/*
 * Locks the schema and reads which run it is of; texts are in the arena. Ends the program
 * with EXIT_SERVER when there is no complete sample, or another run uses it.
 */
StagingRun staging_resume_open(Staging *staging, Arena *arena);

/* The staged sample of that run, by the plan that was made again. */
Sample *staging_resume_sample(Staging *staging, const Plan *plan);

/*
 * Proves it again: as many rows and references as then. Ends the program with EXIT_SERVER
 * when the tables have changed.
 */
void staging_resume_prove(Proof *proof, Sample *sample, const Session *session);

#endif
