#include "store/store.h"

#include "store/store_request.h"
#include "store/store_settings.h"
#include "store/store_transfer.h"
#include "store/store_url.h"
#include "store/store_window.h"

bool
store_is_url(const char *text)
{
    return store_url_find_kind(text) != STORE_URL_NONE;
}

void
store_configure(const StoreSettings *settings)
{
    store_settings_set(settings);
}

bool
store_check(const char *url, Diag *diag)
{
    StoreRequest request;

    if (!store_request_make(url, NULL, &request, diag))
        return false;
    store_request_free(&request);
    return true;
}

char *
store_make_name(const char *url)
{
    return store_url_make_name(url);
}

bool
store_expect(const char *url, const char *etag)
{
    return store_window_add(url, etag);
}

void
store_end(void)
{
    store_window_clear();
    store_transfer_suspend();
}
