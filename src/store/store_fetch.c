#include "store/store.h"

#include <stdlib.h>

#include "base/mem.h"
#include "store/store_request.h"
#include "store/store_transfer.h"
#include "store/store_window.h"

struct StoreFetch
{
    StoreTransfer *transfer;
};

StoreFetch *
store_fetch_open(const char *url, const char *etag, Diag *diag)
{
    StoreTransfer *transfer = store_window_take(url, etag);
    StoreRequest request;
    StoreFetch *fetch;

    if (transfer == NULL)
    {
        if (!store_request_make(url, etag, &request, diag))
            return NULL;
        transfer = store_transfer_begin(&request, STORE_TRANSFER_BUFFER);
    }
    fetch = mem_alloc_zero(1, sizeof(StoreFetch));
    fetch->transfer = transfer;
    if (store_transfer_wait(fetch->transfer, diag))
        return fetch;
    store_fetch_close(fetch);
    return NULL;
}

bool
store_fetch_read(StoreFetch *fetch, char *to, size_t room, size_t *n_read, Diag *diag)
{
    store_transfer_run();
    return store_transfer_read(fetch->transfer, to, room, n_read, diag);
}

void
store_fetch_close(StoreFetch *fetch)
{
    if (fetch == NULL)
        return;
    store_transfer_end(fetch->transfer);
    free(fetch);
}
