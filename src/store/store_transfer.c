#include "store/store_transfer.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <openssl/rand.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/plural.h"
#include "store/store_error.h"
#include "store/store_multi.h"
#include "store/store_receive.h"
#include "store/store_retry.h"
#include "store/store_settings.h"
#include "store/store_xml.h"

enum
{
    PROGRESS = 1024 * 1024, /* bytes after which failures are counted again */
    LOW_SPEED = 1024        /* bytes in the time of read_timeout */
};

typedef enum TransferState
{
    TRANSFER_PAUSES, /* before an attempt */
    TRANSFER_RUNS,
    TRANSFER_DONE,
    TRANSFER_FAILED
} TransferState;

struct StoreTransfer
{
    StoreRequest request;
    StoreReceiver receiver;
    TransferState state;
    bool is_wanted;    /* it is waited for, or has been */
    double not_before; /* the next attempt */
    int n_failures;    /* without progress between them */
    uint64_t n_before; /* bytes at the last failure */
    double waited;     /* seconds, since there was progress */
    uint64_t n_then;   /* received until then */
    Diag failure;

    CURL *easy; /* NULL: no attempt is being made */
    struct curl_slist *headers;
    char curl_text[CURL_ERROR_SIZE];

    StoreTransfer *previous;
    StoreTransfer *next;
};

static StoreTransfer *transfers; /* all that there are */

/* ---- attempts */

static void
mark_progress(StoreTransfer *transfer)
{
    transfer->waited = 0;
    transfer->n_then = transfer->receiver.n_received;
}

static void
begin_attempt(StoreTransfer *transfer)
{
    const char *etag;
    uint64_t offset;

    store_receive_begin(&transfer->receiver, &etag, &offset);
    transfer->curl_text[0] = '\0';
    transfer->easy =
        store_request_open(&transfer->request, etag, offset, &transfer->headers);
    (void)curl_easy_setopt(transfer->easy, CURLOPT_PRIVATE, (void *)transfer);
    (void)curl_easy_setopt(transfer->easy, CURLOPT_ERRORBUFFER, transfer->curl_text);
    store_receive_connect(&transfer->receiver, transfer->easy);
    store_multi_add(transfer->easy);
    transfer->state = TRANSFER_RUNS;
    mark_progress(transfer);
}

static void
close_attempt(StoreTransfer *transfer, TransferState state)
{
    if (transfer->easy == NULL)
        return;
    store_multi_remove(transfer->easy);
    store_request_close(transfer->easy, transfer->headers);
    transfer->easy = NULL;
    transfer->headers = NULL;
    transfer->receiver.is_paused = false;
    transfer->state = state;
}

static double
get_random_fraction(void)
{
    unsigned char byte = 0;

    (void)RAND_bytes(&byte, 1);
    return byte / 256.0;
}

/* ---- failures */

/* What an object store says about it; the strings live in the arena or the transfer. */
static void
read_error(const StoreReceiver *receiver, Arena *arena, StoreFailure *failure)
{
    StoreDocument document;

    if (store_xml_parse(receiver->error.data, receiver->error.len, arena, &document) !=
            NULL ||
        !document.is_error)
        return;
    failure->code = document.code;
    failure->message = document.message;
    if (*failure->region == '\0')
        failure->region = document.region;
}

/* What comes after a redirect that is followed, or "100 Continue", can fail. */
static bool
has_answer(const StoreTransfer *transfer, CURLcode code)
{
    int status = transfer->receiver.answer.status;
    bool is_last =
        status >= 200 && (transfer->request.is_s3 || status < 300 || status >= 400);

    return status > 0 && (is_last || code == CURLE_OK);
}

static StoreFailure
gather_failure(const StoreTransfer *transfer, CURLcode code, Arena *arena)
{
    const StoreReceiver *receiver = &transfer->receiver;
    bool is_answer = has_answer(transfer, code) &&
                     (!store_receive_is_good(receiver) || receiver->has_error);
    StoreFailure failure = {.is_s3 = transfer->request.is_s3,
                            .curl_code = is_answer ? CURLE_OK : (int)code,
                            .curl_text = *transfer->curl_text != '\0'
                                             ? transfer->curl_text
                                             : curl_easy_strerror(code),
                            .problem = receiver->problem,
                            .is_permanent = receiver->is_permanent,
                            .status = receiver->answer.status,
                            .code = "",
                            .message = "",
                            .region = receiver->answer.region,
                            .own_region = store_settings_get_region(),
                            .server_time = receiver->answer.time,
                            .own_time = time(NULL)};

    if (failure.is_s3 && is_answer)
        read_error(receiver, arena, &failure);
    return failure;
}

static void
add_tries(Diag *diag, int n_retries)
{
    char *before = diag->detail;

    diag->detail = NULL;
    diag_set_detail(diag, "%s%sIt was tried %d more time%s.",
                    before != NULL ? before : "", before != NULL ? " " : "", n_retries,
                    plural(n_retries));
    free(before);
}

/* What is not waited for costs no attempt. */
static bool
can_try_again(StoreTransfer *transfer)
{
    int n_retries = store_settings_get()->n_retries;
    uint64_t n_got = transfer->receiver.body.n_got;

    if (n_got >= transfer->n_before + PROGRESS)
        transfer->n_failures = 0;
    transfer->n_before = n_got;
    if (!transfer->is_wanted || transfer->n_failures++ < n_retries)
        return true;
    if (n_retries > 0)
        add_tries(&transfer->failure, n_retries);
    return false;
}

static void
plan_attempt(StoreTransfer *transfer)
{
    double pause = store_retry_get_pause(transfer->n_failures, get_random_fraction(),
                                         transfer->receiver.answer.retry_after);

    log_verbose("%s; trying again in %.1f s", transfer->failure.message, pause);
    diag_free(&transfer->failure);
    close_attempt(transfer, TRANSFER_PAUSES);
    transfer->not_before = clock_seconds() + pause;
}

static void
fail_attempt(StoreTransfer *transfer, CURLcode code)
{
    Arena *arena = arena_new();
    StoreFailure failure = gather_failure(transfer, code, arena);
    bool is_temporary = store_error_is_temporary(&failure);

    store_error_describe(&failure, transfer->request.name, &transfer->failure);
    arena_free(arena);
    if (is_temporary && can_try_again(transfer))
        plan_attempt(transfer);
    else
        close_attempt(transfer, TRANSFER_FAILED);
}

static void
end_attempt(void *context, CURLcode code)
{
    StoreTransfer *transfer = context;
    StoreReceiver *receiver = &transfer->receiver;

    if (code == CURLE_OK && store_receive_is_good(receiver) &&
        store_receive_finish(receiver))
        close_attempt(transfer, TRANSFER_DONE);
    else
        fail_attempt(transfer, code);
}

/* ---- waiting */

static bool
has_something(const StoreTransfer *transfer)
{
    const StoreReceiver *receiver = &transfer->receiver;

    return transfer->state == TRANSFER_DONE || transfer->state == TRANSFER_FAILED ||
           receiver->is_paused ||
           (store_receive_is_large(receiver) && store_body_count(&receiver->body) > 0);
}

/*
 * A server may stop in the middle, or crawl. It is only waiting that counts: a program
 * that does something else leaves the connection alone. The time is that since *last.
 */
static void
check_progress(StoreTransfer *transfer, double *last)
{
    int timeout = store_settings_get()->read_timeout;
    double now = clock_seconds();

    transfer->waited += now - *last;
    *last = now;
    if (transfer->receiver.n_received - transfer->n_then >= LOW_SPEED)
        mark_progress(transfer);
    if (transfer->state != TRANSFER_RUNS || transfer->waited < timeout)
        return;
    (void)snprintf(transfer->curl_text, sizeof(transfer->curl_text),
                   "nothing, or hardly anything, was received for %d second%s", timeout,
                   plural(timeout));
    store_answer_init(&transfer->receiver.answer);
    fail_attempt(transfer, CURLE_OPERATION_TIMEDOUT);
}

bool
store_transfer_wait(StoreTransfer *transfer, Diag *diag)
{
    double last = clock_seconds();

    transfer->is_wanted = true;
    while (!has_something(transfer))
    {
        double pause = transfer->not_before - clock_seconds();

        if (transfer->state == TRANSFER_PAUSES && pause <= 0)
            begin_attempt(transfer);
        store_multi_run(end_attempt);
        check_progress(transfer, &last);
        if (!has_something(transfer))
            store_multi_wait(transfer->state == TRANSFER_PAUSES && pause > 0 ? pause : 1);
    }
    if (transfer->state != TRANSFER_FAILED)
        return true;
    *diag = transfer->failure;
    transfer->failure = (Diag){0};
    return false;
}

/* When half of the buffer is free again. */
static void
go_on(StoreTransfer *transfer)
{
    StoreReceiver *receiver = &transfer->receiver;

    if (!receiver->is_paused ||
        store_body_count(&receiver->body) > receiver->body.most / 2)
        return;
    receiver->is_paused = false;
    (void)curl_easy_pause(transfer->easy, CURLPAUSE_CONT);
}

bool
store_transfer_read(StoreTransfer *transfer, char *to, size_t room, size_t *n_read,
                    Diag *diag)
{
    *n_read = 0;
    if (!store_transfer_wait(transfer, diag))
        return false;
    *n_read = store_body_take(&transfer->receiver.body, to, room);
    go_on(transfer);
    return true;
}

void
store_transfer_run(void)
{
    store_multi_run(end_attempt);
}

/* ---- all of them */

StoreTransfer *
store_transfer_begin(StoreRequest *request, size_t most)
{
    StoreTransfer *transfer = mem_alloc_zero(1, sizeof(StoreTransfer));

    transfer->request = *request;
    *request = (StoreRequest){0};
    store_receive_init(&transfer->receiver, &transfer->request, most);
    transfer->next = transfers;
    if (transfers != NULL)
        transfers->previous = transfer;
    transfers = transfer;
    begin_attempt(transfer);
    return transfer;
}

void
store_transfer_end(StoreTransfer *transfer)
{
    close_attempt(transfer, TRANSFER_DONE);
    if (transfer->previous != NULL)
        transfer->previous->next = transfer->next;
    else
        transfers = transfer->next;
    if (transfer->next != NULL)
        transfer->next->previous = transfer->previous;
    store_receive_free(&transfer->receiver);
    store_request_free(&transfer->request);
    diag_free(&transfer->failure);
    free(transfer);
}

void
store_transfer_suspend(void)
{
    for (StoreTransfer *transfer = transfers; transfer != NULL; transfer = transfer->next)
        close_attempt(transfer, TRANSFER_PAUSES);
    store_multi_end();
}
