/* --cleanup: lists or drops the schemas that runs of pg-sample have left. */
#ifndef PROGRAMS_SAMPLE_CLEANUP_H
#define PROGRAMS_SAMPLE_CLEANUP_H

#include "db/db.h"
#include "programs/sample/options.h"

/*
 * Lists the staging schemas (or only one, if schema is not NULL) on standard output; with
 * CLEANUP_DROP drops those whose run is dead and did not finish. Ends the program with
 * EXIT_SERVER if one could not be dropped.
 */
void cleanup_run(Db *db, CleanupRequest request, const char *schema);

#endif
