/* The steps that a direct load has as well. */
#ifndef LOAD_COMMIT_COMMIT_INTERNAL_H
#define LOAD_COMMIT_COMMIT_INTERNAL_H

#include "load/batch.h"
#include "load/commit/attempt.h"

/* BEGIN, and the transaction's timeouts. */
bool commit_begin(Attempt *attempt) __attribute__((warn_unused_result));

/* Locks the tables of the batch, and compares their definitions with the plan's. */
bool commit_lock_tables(Attempt *attempt) __attribute__((warn_unused_result));

/* Inserts the row that shows that the load was committed. */
bool commit_record(Attempt *attempt) __attribute__((warn_unused_result));

/* ---- commit_marks.c: and that its rows meet none that are masked differently */
/* Before it is recorded. */
bool commit_marks_lock(Attempt *attempt) __attribute__((warn_unused_result));
/* After it. */
bool commit_marks_compare(Attempt *attempt) __attribute__((warn_unused_result));

/* ---- commit_claim.c: and those about the batch with an id, if it has one */
bool commit_claim(Attempt *attempt) __attribute__((warn_unused_result));

/* ---- commit_undone.c: those of a rollback, if it is one */

/* What was undone. */
bool commit_undone_record(Attempt *attempt) __attribute__((warn_unused_result));
/* Once all triggers have fired: sets n_altered of the tables. */
bool commit_undone_prove(Attempt *attempt) __attribute__((warn_unused_result));

/* ---- commit.c */

/* COMMIT; the result of the attempt tells whether it succeeded. */
void commit_finish(Attempt *attempt);

/* Rolls the transaction back, or to its savepoint. */
void commit_rollback(const Attempt *attempt);

/* Waits before another attempt: longer after each. */
void commit_pause(int n_attempts);

/* Ends the program; nothing has changed, unless the result is ATTEMPT_UNKNOWN. */
_Noreturn void commit_give_up(Attempt *attempt);

/* ---- commit_outcome.c */

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

/* ---- load_sequences.c */

/* Warns of sequences that the role has no privilege to move. */
void load_sequences_advance(LoadBatch *batch);

#endif
