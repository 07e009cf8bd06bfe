/*
 * Loading without staging tables: rows go to the target as they are read, all in one
 * transaction, whose locks last as long as the load does.
 *
 * Full and slice delete all old rows and copy the new ones; append only copies; otherwise
 * batches of settings->batch_size rows are compared with the target by the rules of the
 * diff, and written. Rows with the same key within one batch are told apart as in
 * staging; across batches the later one meets what the earlier one has written, and
 * counts as
 * updated, unchanged or skipped, not as a duplicate.
 *
 * There are no rejects: the first bad record ends the program with EXIT_SERVER.
 */
#ifndef LOAD_DIRECT_DIRECT_H
#define LOAD_DIRECT_DIRECT_H

#include "load/commit/commit.h"
#include "load/stage/stage.h"

/*
 * Reads all sources, referenced tables first; sets the batch's stage_kind, and apply and
 * counts of its tables. Before the commit, check (with the same context) says whether
 * what was read may stay. With any dry run all is rolled back. Ends the program when
 * it fails,
 * as commit_run() does.
 */
void direct_load(LoadBatch *batch, const StageSource *sources, int n_sources,
                 StagePlanner planner, CommitRecheck check, void *context,
                 CommitReport *report);

#endif
