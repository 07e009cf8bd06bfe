/*
 * Why an attempt at a request failed, whether another one can help, and the message
 * about it. Texts of servers may be anything: they are shortened, in one line, in double
 * quotes.
 *
 * Pure: no server, no output.
 */
#ifndef STORE_STORE_ERROR_H
#define STORE_STORE_ERROR_H

#include <stdbool.h>
#include <time.h>

#include "base/diag.h"

/* What is known of an attempt that failed. */
typedef struct StoreFailure
{
    bool is_s3;
    int curl_code; /* CURLcode; not 0: the answer did not come, or not all of it */
    const char *curl_text;
    const char *problem; /* or NULL: what is wrong with an answer that looked good */
    bool is_permanent;   /* the problem: it will be there the next time, too */
    int status;          /* of HTTP; 0: there was no answer; 200: an error in a body */
    const char *code;    /* of the <Error> in the answer, "" if there was none */
    const char *message; /* the same */
    const char *region;  /* in which the answer says the bucket is, or "" */
    const char *own_region;
    time_t server_time; /* of the answer; 0: unknown */
    time_t own_time;
} StoreFailure;

/* Can the next attempt go better? */
bool store_error_is_temporary(const StoreFailure *failure);

/* "could not read NAME: ..." */
void store_error_describe(const StoreFailure *failure, const char *name, Diag *diag);

#endif
