/*
 * What comes in the attempts at one GET: is it the answer to what was asked for, and part
 * of the same object? As long as nothing was taken, an attempt begins again. Afterwards
 * only the rest is asked for, of the object with the same ETag; from a server without
 * ETags the beginning comes again and is compared (store_body.h). So no reader gets bytes
 * of two objects.
 *
 * At the end the length is checked, and the MD5 sum where the ETag is one: of an object
 * store, and not encrypted by keys of the user. An answer can be an error even though its
 * status is 200; then it does not match its ETag, or has none.
 */
#ifndef STORE_STORE_RECEIVE_H
#define STORE_STORE_RECEIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <curl/curl.h>

#include "base/strbuf.h"
#include "store/store_answer.h"
#include "store/store_body.h"
#include "store/store_request.h"

typedef struct StoreReceiver
{
    const StoreRequest *request;

    /* the object */
    char etag[sizeof(((StoreAnswer *)0)->etag)]; /* of the first answer, or "" */
    uint64_t size;                               /* or STORE_UNKNOWN */
    StoreBody body;

    /* the attempt */
    StoreAnswer answer;
    bool is_body_begun;
    bool is_paused;        /* the body has no room */
    bool has_error;        /* in the body of an answer that looked good */
    const char *problem;   /* of an answer that looked good, or NULL */
    bool is_permanent;     /* the problem */
    PQExpBufferData error; /* the body of an answer that is an error */
    uint64_t n_received;   /* bytes of anything, in all attempts */
} StoreReceiver;

/* The request must live as long. Up to so many bytes of the body are buffered. */
void store_receive_init(StoreReceiver *receiver, const StoreRequest *request,
                        size_t most);
void store_receive_free(StoreReceiver *receiver);

/*
 * An attempt begins; what the last one brought and was not taken may be forgotten. What
 * the handle must ask for is set: it is from the offset on, with that ETag if not "".
 */
void store_receive_begin(StoreReceiver *receiver, const char **etag, uint64_t *offset);
void store_receive_connect(StoreReceiver *receiver, CURL *easy);

/* Is the status that of a good answer? */
bool store_receive_is_good(const StoreReceiver *receiver);

/* The answer has ended. False: it is not what it should be; see problem and has_error. */
bool store_receive_finish(StoreReceiver *receiver);

/* Is the object too large for the buffer, so that it is taken before it is complete? */
bool store_receive_is_large(const StoreReceiver *receiver);

#endif
