/*
 * Loading without staging tables: rows are written to the target as they are read, in one
 * transaction, whose locks last as long as the load does.
 *
 *     direct           the transaction; deletes the rows of --mode=full and slice
 *     direct_sources   the order of the sources: referenced tables first
 *     direct_copy      rows that are only inserted: COPY
 *     direct_merge     rows that are compared, a batch at a time
 *     direct_query     the statement for these
 *     direct_error     ends the program with the record that failed
 *
 * It is for roles that cannot create tables, and for --no-staging. --mode=full and slice
 * delete all old rows and copy the new ones, append only copies; otherwise batches of
 * settings->batch_size rows are compared with the target by the rules of the diff, and
 * written. Of rows with the same key in one batch, one is chosen as in staging; in
 * another batch it meets the row that the earlier one has written, and counts as updated,
 * unchanged or skipped, not as a duplicate.
 *
 * Rows cannot be rejected: the first bad record ends the program with EXIT_SERVER.
 */
#ifndef LOAD_DIRECT_DIRECT_H
#define LOAD_DIRECT_DIRECT_H

#include "load/commit/commit.h"
#include "load/stage/stage.h"

/* What is loaded, and by whom it is planned and checked. */
typedef struct DirectInput
{
    StagePlanner planner;
    CommitRecheck check; /* decides before the commit whether what was read can stay */
    void *context;       /* of planner and check */
} DirectInput;

/*
 * Loads all sources; sets stage_kind of the batch, and apply and the counts of its
 * tables. With any dry run the transaction is rolled back. Ends the program if it fails,
 * as commit_run() does.
 */
void direct_load(LoadBatch *batch, const DirectInput *input, CommitReport *report);

#endif
