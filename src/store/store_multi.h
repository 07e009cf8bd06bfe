/*
 * All connections, and waiting for them. A handle that is added runs until it is removed
 * or has ended; that its requests go on is up to store_multi_run() alone.
 */
#ifndef STORE_STORE_MULTI_H
#define STORE_STORE_MULTI_H

#include <curl/curl.h>

/* Called with CURLOPT_PRIVATE of a handle that has ended, which may be removed. */
typedef void (*StoreMultiEnded)(void *context, CURLcode code);

void store_multi_add(CURL *easy);
void store_multi_remove(CURL *easy);

/* Does what can be done without waiting. */
void store_multi_run(StoreMultiEnded ended);

/* Waits until something can be done, at most so many seconds. Ends the program when a
 * signal came. */
void store_multi_wait(double seconds);

/* Closes all connections; all handles have been removed. */
void store_multi_end(void);

#endif
