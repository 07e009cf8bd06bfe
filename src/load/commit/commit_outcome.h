/*
 * What became of a commit whose connection was lost: found out over another connection,
 * never guessed. The old backend holds the run's lock as long as it lives; after that,
 * the row that the commit inserts is there or not. Where we have no table for it, the
 * transaction's own number tells.
 */
#ifndef LOAD_COMMIT_COMMIT_OUTCOME_H
#define LOAD_COMMIT_COMMIT_OUTCOME_H

#include "load/commit/attempt.h"

/* Remembers, just before COMMIT, by what it can be recognized; may fail the attempt. */
void commit_outcome_prepare(Attempt *attempt);

/*
 * Connects again when the connection was lost before COMMIT. What was staged must be as
 * it was, since a crash of the server empties unlogged tables, and temporary ones are
 * gone: false, with the reason in the diag, when there is nothing to go on with.
 */
bool commit_outcome_reconnect(LoadBatch *batch, Diag *diag)
    __attribute__((warn_unused_result));

/*
 * After a connection lost in COMMIT: ATTEMPT_DONE; ATTEMPT_BEATEN when it was rolled back
 * and may be tried again, ATTEMPT_FAILED when it may not; ATTEMPT_UNKNOWN when the server
 * could not be asked. The diag says why.
 */
AttemptResult commit_outcome_find(LoadBatch *batch, Diag *diag);

#endif
