/*
 * One GET, in as many attempts as it takes.
 *
 *     pause -> runs -> done
 *       ^       |----> failed
 *       +-------+ temporary failure
 *
 * An attempt fails for good or for the time being (store_error.h). Then the next one
 * follows after a pause (store_retry.h), but only when the transfer is waited for: what
 * is fetched ahead and fails waits until then, so that a store that asks for less gets
 * less. Failures are counted again after 1 MB.
 *
 * Bytes can be taken when all are there and verified; if there are more than fit into the
 * buffer, as they come. When the buffer is full the connection pauses.
 */
#ifndef STORE_STORE_TRANSFER_H
#define STORE_STORE_TRANSFER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/diag.h"
#include "store/store_request.h"

#define STORE_TRANSFER_BUFFER ((size_t)256 * 1024) /* for an object */

typedef struct StoreTransfer StoreTransfer;

/* Takes over the request; up to so many bytes are buffered. The first attempt begins. */
StoreTransfer *store_transfer_begin(StoreRequest *request, size_t most);
void store_transfer_end(StoreTransfer *transfer);

/* Waits until there is something to take, or all was taken. */
bool store_transfer_wait(StoreTransfer *transfer, Diag *diag)
    __attribute__((warn_unused_result));

/* Waits and takes; *n_read is 0 at the end. */
bool store_transfer_read(StoreTransfer *transfer, char *to, size_t room, size_t *n_read,
                         Diag *diag) __attribute__((warn_unused_result));

/* Lets all transfers go on as far as they can without waiting. */
void store_transfer_run(void);

/* Closes all connections; transfers go on when they are waited for. */
void store_transfer_suspend(void);

#endif
