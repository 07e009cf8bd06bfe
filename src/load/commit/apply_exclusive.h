/*
 * Locks that exclude readers, too. Who waits for one makes everybody wait behind it: so
 * we wait for a moment only, let the others go on, and try again. The report has how long
 * others could not read, behind us in the queue or while we had the lock.
 */
#ifndef LOAD_COMMIT_APPLY_EXCLUSIVE_H
#define LOAD_COMMIT_APPLY_EXCLUSIVE_H

#include "load/commit/attempt.h"

/* Needs the locks, and takes them by apply_exclusive_lock(); may have to be undone. */
typedef bool (*ExclusiveWork)(Attempt *attempt, void *context);

bool apply_exclusive_lock(Attempt *attempt, const LoadTable *table)
    __attribute__((warn_unused_result));

/* Does the work when its locks are free, or fails after --lock-timeout. */
bool apply_exclusive_try(Attempt *attempt, ExclusiveWork work, void *context)
    __attribute__((warn_unused_result));

/* Adds the time since the first lock to the report. */
void apply_exclusive_end(Attempt *attempt);

#endif
