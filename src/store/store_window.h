/*
 * Objects that are expected to be opened: they are fetched ahead, up to a number of them,
 * each into a buffer of its own. The memory is that of the window, however many objects a
 * program reads.
 */
#ifndef STORE_STORE_WINDOW_H
#define STORE_STORE_WINDOW_H

#include <stdbool.h>

#include "store/store_transfer.h"

/* False: the window is full, or this cannot be requested. A NULL ETag is one, too. */
bool store_window_add(const char *url, const char *etag);

/* The transfer, which is the caller's from now on, or NULL: it is not in the window. */
StoreTransfer *store_window_take(const char *url, const char *etag);

void store_window_clear(void);

#endif
