/*
 * The commit: one transaction in which all tables of the batch change, and the only part
 * of a run that locks anything of the target. It is tried again when a lock is not to be
 * had, after deadlocks, and when others have inserted or deleted keys since the diff;
 * then the diff is made anew.
 */
#ifndef LOAD_COMMIT_COMMIT_H
#define LOAD_COMMIT_COMMIT_H

#include "load/batch.h"
#include "load/stage/rejects.h"

typedef struct CommitReport
{
    int n_attempts;
    double wait_seconds;      /* until locks on the tables were there */
    double row_seconds;       /* from the first row lock until COMMIT returned */
    double exclusive_seconds; /* in which others waited to read the target */
} CommitReport;

/* What has to hold before another diff may be committed; false: it does not. */
typedef bool (*CommitRecheck)(void *context);

/*
 * Ends the program when it cannot be done: with EXIT_ROLLED_BACK or EXIT_LOCKED when
 * nothing has changed, with EXIT_UNKNOWN when the connection was lost in COMMIT and the
 * server cannot be asked. With DRY_RUN_EXECUTE everything is rolled back at the end. The
 * counts of the tables are then what was done.
 */
void commit_run(LoadBatch *batch, CommitRecheck recheck, void *context,
                CommitReport *report);

#endif
