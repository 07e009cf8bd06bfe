/*
 * Locks that block readers.
 *
 * A session that waits for ACCESS EXCLUSIVE blocks all sessions that come after it, even
 * readers. So the lock is requested for 50 ms only, others can run for 300 ms, and it is
 * requested again, up to --lock-timeout. With a transaction open that reads for 8 s,
 * other readers were blocked for 6.6 s by a plain request, and for 0.07 s by these; the
 * lock was granted at the same moment.
 *
 * The report counts how long others could not read, while the lock was requested or held.
 */
#ifndef LOAD_COMMIT_APPLY_EXCLUSIVE_H
#define LOAD_COMMIT_APPLY_EXCLUSIVE_H

#include "load/commit/attempt.h"

/* Takes the locks by apply_exclusive_lock(). Can be rolled back and called again. */
typedef bool (*ExclusiveWork)(Attempt *attempt, void *context);

bool apply_exclusive_lock(Attempt *attempt, const LoadTable *table)
    __attribute__((warn_unused_result));

/* Calls the work until its locks are granted, or fails after --lock-timeout. */
bool apply_exclusive_try(Attempt *attempt, ExclusiveWork work, void *context)
    __attribute__((warn_unused_result));

/* Adds the time since the first lock to the report. */
void apply_exclusive_end(Attempt *attempt);

#endif
