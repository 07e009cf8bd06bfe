/* --cleanup: what runs of pg-sample left in the database, and dropping it. */
#ifndef PROGRAMS_SAMPLE_CLEANUP_H
#define PROGRAMS_SAMPLE_CLEANUP_H

#include "db/db.h"
#include "programs/sample/options.h"

/*
 * Lists the staging schemas (or that one, if schema is not NULL) on standard output; with
 * CLEANUP_DROP drops those whose run is dead and did not finish. Dies with EXIT_SERVER
 * when one could not be dropped.
 */
void cleanup_run(Db *db, CleanupRequest request, const char *schema);

#endif
