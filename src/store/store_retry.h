/*
 * How long to wait before another attempt: 0.25 s after the first failure, and twice as
 * long after each further one, up to 20 s; of that a random part between half and all of
 * it, so that many clients that failed together do not come again together.
 *
 * Pure: no server, no output.
 */
#ifndef STORE_STORE_RETRY_H
#define STORE_STORE_RETRY_H

/*
 * Seconds, after the failure number n (from 1). fraction is random, from 0 to below 1.
 * What the server asked for (Retry-After, in seconds, or 0) is waited for up to 60 s.
 */
double store_retry_get_pause(int n, double fraction, double asked_for);

#endif
