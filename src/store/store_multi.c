#include "store/store_multi.h"

#include <stddef.h>

#include "base/die.h"
#include "base/mem.h"
#include "base/signals.h"

static const double longest_wait = 0.25; /* until a signal is noticed for sure */

static CURLM *multi;

/* No connection, and no thread of the resolver, may be there when a process forks. */
static void
open_multi(void)
{
    if (multi != NULL)
        return;
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        die_message(EXIT_OUTPUT, "could not initialize libcurl");
    multi = curl_multi_init();
    if (multi == NULL)
        mem_die();
}

static void
check_multi(CURLMcode code)
{
    if (code == CURLM_OUT_OF_MEMORY)
        mem_die();
    if (code != CURLM_OK)
        die_message(EXIT_OUTPUT, "could not use libcurl: %s", curl_multi_strerror(code));
}

void
store_multi_add(CURL *easy)
{
    open_multi();
    check_multi(curl_multi_add_handle(multi, easy));
}

void
store_multi_remove(CURL *easy)
{
    (void)curl_multi_remove_handle(multi, easy);
}

void
store_multi_run(StoreMultiEnded ended)
{
    int n_running;
    int n_messages;
    const CURLMsg *message;

    if (multi == NULL)
        return;
    check_multi(curl_multi_perform(multi, &n_running));
    while ((message = curl_multi_info_read(multi, &n_messages)) != NULL)
    {
        CURLcode code = message->data.result;
        char *context = NULL;

        (void)curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &context);
        ended(context, code);
    }
}

void
store_multi_wait(double seconds)
{
    signals_check();
    open_multi();
    if (seconds > longest_wait)
        seconds = longest_wait;
    check_multi(curl_multi_poll(multi, NULL, 0, (int)(seconds * 1000) + 1, NULL));
    signals_check();
}

void
store_multi_end(void)
{
    if (multi == NULL)
        return;
    (void)curl_multi_cleanup(multi);
    curl_global_cleanup();
    multi = NULL;
}
