/*
 * The commit: one transaction in which all tables of the batch change, and the only part
 * of a load that locks rows or tables of the target.
 *
 *     diff             staging table and target -> diff table, without locks
 *     load_sequences   moved forward, before the first attempt
 *     commit           attempts until one succeeds:
 *        apply_lock        the rows of the diff, and those that others have changed
 *        apply_replace     TRUNCATE
 *        apply_changes     DELETE, UPDATE, INSERT
 *        capture           images of the rows that change, for audit and undo
 *        apply_swap        new tables exchange names with old ones
 *        attempt           runs each statement, and classifies its failure
 *     commit_outcome   a connection that was lost
 *
 * An attempt that fails for a lock, a deadlock, a serialization failure or a lost
 * connection is repeated after a pause, which doubles each time. If others have inserted
 * or deleted keys since the diff, it is made and checked again before. Two equal failures
 * in a row about keys end the load.
 */
#ifndef LOAD_COMMIT_COMMIT_H
#define LOAD_COMMIT_COMMIT_H

#include "load/batch.h"

typedef struct CommitReport
{
    int n_attempts;
    double wait_seconds;      /* until the tables were locked */
    double row_seconds;       /* from the first row lock until COMMIT returned */
    double exclusive_seconds; /* in which readers of the target were blocked */
} CommitReport;

/* Checks a new diff before it is committed; false if it must not be. */
typedef bool (*CommitRecheck)(void *context);

/*
 * Ends the program if the commit fails: with EXIT_ROLLED_BACK or EXIT_LOCKED if nothing
 * has changed, with EXIT_UNKNOWN if the connection was lost in COMMIT and the server
 * cannot be asked. With DRY_RUN_EXECUTE the transaction is rolled back at the end.
 * Afterwards the counts of the tables are what was done.
 */
void commit_run(LoadBatch *batch, CommitRecheck recheck, void *context,
                CommitReport *report);

#endif
