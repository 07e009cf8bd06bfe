#include "store/store_window.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "store/store_settings.h"

typedef struct WindowEntry
{
    char *url;
    char *etag; /* or NULL */
    StoreTransfer *transfer;
    uint64_t n_opened; /* by the program, when it was added */
} WindowEntry;

static WindowEntry *entries;
static size_t n_entries;
static size_t entries_capacity;
static uint64_t n_opened;

static bool
is_entry(const WindowEntry *entry, const char *url, const char *etag)
{
    return strcmp(entry->url, url) == 0 &&
           (etag == NULL || entry->etag == NULL ? etag == entry->etag
                                                : strcmp(entry->etag, etag) == 0);
}

/* The order of the others stays. */
static StoreTransfer *
remove_entry(size_t i)
{
    StoreTransfer *transfer = entries[i].transfer;

    free(entries[i].url);
    free(entries[i].etag);
    n_entries--;
    memmove(&entries[i], &entries[i + 1], (n_entries - i) * sizeof(WindowEntry));
    return transfer;
}

/* Objects are opened more or less in the order in which they are expected. */
static void
forget_old_entries(size_t size)
{
    for (size_t i = n_entries; i-- > 0;)
    {
        if (n_opened - entries[i].n_opened > 2 * size)
            store_transfer_end(remove_entry(i));
    }
}

bool
store_window_add(const char *url, const char *etag)
{
    size_t size = store_settings_get()->window;
    StoreRequest request;
    Diag diag = {0};

    for (size_t i = 0; i < n_entries; i++)
    {
        if (is_entry(&entries[i], url, etag))
            return true;
    }
    forget_old_entries(size);
    if (n_entries >= size)
        return false;
    if (!store_request_make(url, etag, &request, &diag))
    {
        diag_free(&diag); /* which the caller sees when it is opened */
        return false;
    }
    MEM_GROW(entries, entries_capacity, n_entries);
    entries[n_entries++] =
        (WindowEntry){.url = mem_copy_string(url),
                      .etag = mem_copy_or_null(etag),
                      .transfer = store_transfer_begin(&request, STORE_TRANSFER_BUFFER),
                      .n_opened = n_opened};
    return true;
}

StoreTransfer *
store_window_take(const char *url, const char *etag)
{
    n_opened++;
    for (size_t i = 0; i < n_entries; i++)
    {
        if (is_entry(&entries[i], url, etag))
            return remove_entry(i);
    }
    return NULL;
}

void
store_window_clear(void)
{
    while (n_entries > 0)
        store_transfer_end(remove_entry(n_entries - 1));
}
