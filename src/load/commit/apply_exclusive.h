/*
 * Locks that exclude readers, too. Who waits for one makes everybody wait behind it: so
 * we wait for a moment only, let the others go on, and try again. The report has how long
 * others could not read, behind us in the queue or while we had the lock.
 */
#ifndef LOAD_COMMIT_APPLY_EXCLUSIVE_H
#define LOAD_COMMIT_APPLY_EXCLUSIVE_H

#include "load/commit/attempt.h"

/* What needs the locks, and takes them by exclusive_lock(); it may have to be undone. */
typedef bool (*ExclusiveWork)(Attempt *attempt, void *context);

bool exclusive_lock(Attempt *attempt, const LoadTable *table)
    __attribute__((warn_unused_result));

/* Does the work when its locks are free, or fails after --lock-timeout. */
bool exclusive_try(Attempt *attempt, ExclusiveWork work, void *context)
    __attribute__((warn_unused_result));

/* Adds the time since the first lock to the report. */
void exclusive_end(Attempt *attempt);

#endif
