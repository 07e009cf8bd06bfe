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
#include "load/commit/apply.h"

#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/signals.h"
#include "db/db.h"

enum
{
    LOCK_TRY = 50,   /* milliseconds for which a request for the lock blocks others ... */
    LOCK_PAUSE = 300 /* ... and after which it is repeated */
};

void
apply_exclusive_end(Attempt *attempt)
{
    if (attempt->exclusive_since > 0)
        attempt->report->exclusive_seconds += clock_seconds() - attempt->exclusive_since;
    attempt->exclusive_since = 0;
}

/* From the first lock on, others are blocked; so the wait for it counts, too. */
bool
apply_exclusive_lock(Attempt *attempt, const LoadTable *table)
{
    char *sql = mem_format("LOCK TABLE %s IN ACCESS EXCLUSIVE MODE", table->qname);

    if (attempt->exclusive_since <= 0)
        attempt->exclusive_since = clock_seconds();
    return attempt_execute_free(attempt, sql);
}

/* False: the transaction cannot be continued. */
static bool
undo_try(Attempt *attempt)
{
    PGresult *result = db_ask(attempt->batch->db, "ROLLBACK TO SAVEPOINT exclusive");
    bool is_good = result != NULL && db_succeeded(result);

    PQclear(result);
    apply_exclusive_end(attempt);
    if (!is_good)
        return attempt_fail(attempt, ATTEMPT_LOST, "lost the connection to the server");
    diag_free(&attempt->diag);
    attempt->result = ATTEMPT_DONE;
    return true;
}

/* Is there time for another try? */
static bool
has_time_left(const Attempt *attempt, double start)
{
    double now = clock_seconds();
    double limit = attempt->batch->settings->lock_timeout / 1000.0;

    return attempt->result == ATTEMPT_LOCKED && now + 0.35 < attempt->deadline &&
           (limit <= 0 || now - start < limit);
}

static void
pause_between_tries(void)
{
    struct timespec pause = {.tv_nsec = LOCK_PAUSE * 1000000L};

    nanosleep(&pause, NULL);
    signals_check();
}

bool
apply_exclusive_try(Attempt *attempt, ExclusiveWork work, void *context)
{
    double start = clock_seconds();
    char *short_timeout = mem_format("SET LOCAL lock_timeout = %d", LOCK_TRY);
    char *full_timeout =
        mem_format("SET LOCAL lock_timeout = %d", attempt->batch->settings->lock_timeout);
    bool is_done = false;

    while (attempt->result == ATTEMPT_DONE && !is_done)
    {
        is_done = attempt_execute(attempt, "SAVEPOINT exclusive") &&
                  attempt_execute(attempt, short_timeout) && work(attempt, context);
        if (is_done || !has_time_left(attempt, start) || !undo_try(attempt))
            break;
        pause_between_tries();
    }
    if (is_done && attempt->exclusive_since > 0)
        attempt->report->wait_seconds += attempt->exclusive_since - start;
    is_done = is_done && attempt_execute(attempt, "RELEASE SAVEPOINT exclusive") &&
              attempt_execute(attempt, full_timeout);
    free(short_timeout);
    free(full_timeout);
    return is_done;
}
