/*
 * Whether a commit whose connection was lost has been done.
 *
 * It is found out over a new connection and never guessed. A commit inserts a row with
 * the id of the run, and the session holds the advisory lock of the run. So the new
 * session takes that lock, which waits for the old backend to end; then the row exists or
 * not. Without the table of runs, pg_catalog.txid_status() of the transaction is asked
 * instead. (It would not do in general: it says "in progress" while the backend waits for
 * a synchronous standby.)
 *
 * If the transaction was rolled back, or the connection was lost before COMMIT, the
 * attempt can be repeated as long as the staged rows are there: a crash of the server
 * empties unlogged tables.
 */
#ifndef LOAD_COMMIT_COMMIT_OUTCOME_H
#define LOAD_COMMIT_COMMIT_OUTCOME_H

#include "load/commit/attempt.h"

/* Notes, just before COMMIT, how to recognize it later; can fail the attempt. */
void commit_outcome_prepare(Attempt *attempt);

/*
 * Connects again when the connection was lost before COMMIT. False, with the reason in
 * diag, if the staged rows are not as they were.
 */
bool commit_outcome_reconnect(LoadBatch *batch, Diag *diag)
    __attribute__((warn_unused_result));

/*
 * After a connection lost in COMMIT: ATTEMPT_DONE; ATTEMPT_BEATEN if it was rolled back
 * and can be repeated, ATTEMPT_FAILED if it cannot; ATTEMPT_UNKNOWN if the server could
 * not be asked. The diag has the reason.
 */
AttemptResult commit_outcome_find(LoadBatch *batch, Diag *diag);

#endif
