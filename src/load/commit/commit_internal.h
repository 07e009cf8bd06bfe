/* The steps of every commit, for those that change the target in another way. */
#ifndef LOAD_COMMIT_COMMIT_INTERNAL_H
#define LOAD_COMMIT_COMMIT_INTERNAL_H

#include "load/commit/attempt.h"

/* BEGIN, and the transaction's timeouts. */
bool commit_begin(Attempt *attempt) __attribute__((warn_unused_result));

/* Locks the tables of the batch, and compares their definitions with the plan's. */
bool commit_lock_tables(Attempt *attempt) __attribute__((warn_unused_result));

/* Inserts the row by which the commit will be known. */
bool commit_record(Attempt *attempt) __attribute__((warn_unused_result));

/* COMMIT; the attempt's result says what became of it. */
void commit_finish(Attempt *attempt);

/* Ends the attempt's transaction, or goes back to its savepoint. */
void commit_rollback(const Attempt *attempt);

/* Before another attempt: the longer, the more there were. */
void commit_pause(int n_attempts);

/* Ends the program; nothing has changed, unless the result is ATTEMPT_UNKNOWN. */
_Noreturn void commit_give_up(Attempt *attempt);

#endif
