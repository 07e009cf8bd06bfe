#include "store/store_transfer.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/rand.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/plural.h"
#include "store/store_answer.h"
#include "store/store_body.h"
#include "store/store_error.h"
#include "store/store_multi.h"
#include "store/store_retry.h"
#include "store/store_settings.h"

enum
{
    MAX_ERROR = 64 * 1024, /* of an answer that is an error */
    PROGRESS = 1024 * 1024 /* bytes after which failures are counted anew */
};

static const uint64_t low_speed = 1024; /* bytes in the time of read_timeout */

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
    TransferState state;
    bool is_wanted;    /* it is waited for, or has been */
    double not_before; /* the next attempt */
    int n_failures;    /* without progress between them */
    uint64_t n_before; /* bytes at the last failure */
    Diag failure;

    /* the object */
    char etag[sizeof((StoreAnswer *)0)->etag]; /* of the first answer, or "" */
    uint64_t size;                             /* or STORE_UNKNOWN */
    StoreBody body;

    /* the attempt */
    CURL *easy;
    struct curl_slist *headers;
    char curl_text[CURL_ERROR_SIZE];
    StoreAnswer answer;
    bool is_body_begun;
    bool is_paused;
    const char *problem; /* of an answer that looked good, or NULL */
    bool is_permanent;   /* the problem */
    PQExpBufferData error;
    uint64_t n_received; /* bytes of anything, to see whether something comes */

    StoreTransfer *previous;
    StoreTransfer *next;
};

static StoreTransfer *transfers; /* all that there are */

/* ---- the answer */

static bool
is_resumed(const StoreTransfer *transfer)
{
    return transfer->body.n_taken > 0;
}

static bool
asks_for_rest(const StoreTransfer *transfer)
{
    return is_resumed(transfer) && store_answer_is_strong(transfer->etag);
}

static bool
is_good(const StoreTransfer *transfer)
{
    return transfer->answer.status == 200 ||
           (transfer->answer.status == 206 && asks_for_rest(transfer));
}

static bool
spoil(StoreTransfer *transfer, const char *problem, bool is_permanent)
{
    transfer->problem = problem;
    transfer->is_permanent = is_permanent;
    return false;
}

static bool
spoil_replaced(StoreTransfer *transfer)
{
    return spoil(transfer, "the object was replaced during the run", true);
}

/* The ETag must be the one that was asked for, and that of the first answer. */
static bool
check_etag_again(StoreTransfer *transfer)
{
    const char *etag = transfer->answer.etag;
    const char *wanted = transfer->request.etag;

    if (*etag == '\0')
        return true;
    if (wanted != NULL && strcmp(etag, wanted) != 0)
        return spoil_replaced(transfer);
    if (is_resumed(transfer) && strcmp(etag, transfer->etag) != 0)
        return spoil_replaced(transfer);
    return true;
}

static bool
begin_rest(StoreTransfer *transfer)
{
    const StoreAnswer *answer = &transfer->answer;

    if (answer->range_start != transfer->body.n_got)
        return spoil(transfer, "the server sent another part than asked for", true);
    if (transfer->size != STORE_UNKNOWN && answer->range_total != transfer->size)
        return spoil_replaced(transfer);
    return true;
}

static bool
begin_whole(StoreTransfer *transfer)
{
    const StoreAnswer *answer = &transfer->answer;

    if (answer->length == STORE_UNKNOWN && !answer->is_chunked)
        return spoil(transfer, "the server does not say how long it is", true);
    if (!is_resumed(transfer))
    {
        transfer->size = answer->length;
        memcpy(transfer->etag, answer->etag, sizeof(answer->etag));
        return true;
    }
    if (transfer->size != answer->length)
        return spoil_replaced(transfer);
    if (!store_body_repeat(&transfer->body))
        return spoil(transfer, "what broke off cannot be resumed", true);
    return true;
}

/* Once for each attempt, when the headers of the final answer are there. */
static bool
begin_body(StoreTransfer *transfer)
{
    if (transfer->is_body_begun)
        return true;
    transfer->is_body_begun = true;
    return check_etag_again(transfer) &&
           (transfer->answer.status == 206 ? begin_rest(transfer)
                                           : begin_whole(transfer));
}

/* ---- what libcurl calls */

static size_t
take_header_line(char *line, size_t size, size_t n, void *context)
{
    StoreTransfer *transfer = context;

    transfer->n_received += n;
    store_answer_take(&transfer->answer, line, n * size);
    return n * size;
}

/* Returns how much was taken: less ends the attempt. */
static size_t
take_error_body(StoreTransfer *transfer, const char *data, size_t n)
{
    if (transfer->error.len + n > MAX_ERROR)
        return 0;
    appendBinaryPQExpBuffer(&transfer->error, data, n);
    return n;
}

static size_t
take_body(char *data, size_t size, size_t n, void *context)
{
    StoreTransfer *transfer = context;

    n *= size;
    transfer->n_received += n;
    if (!is_good(transfer))
        return take_error_body(transfer, data, n);
    if (!begin_body(transfer))
        return 0;
    if (!store_body_has_room(&transfer->body, n))
    {
        transfer->is_paused = true;
        return CURL_WRITEFUNC_PAUSE;
    }
    if (transfer->size != STORE_UNKNOWN &&
        n > transfer->size - transfer->body.n_got + transfer->body.n_again)
        return (size_t)spoil(transfer, "it is longer than the server said", true);
    if (!store_body_add(&transfer->body, data, n))
        return (size_t)spoil_replaced(transfer);
    return n;
}

/* ---- attempts */

static void
begin_attempt(StoreTransfer *transfer)
{
    const StoreRequest *request = &transfer->request;
    bool has_rest = asks_for_rest(transfer);
    const char *etag = has_rest                ? transfer->etag
                       : request->etag != NULL ? request->etag
                                               : "";
    CURL *easy = store_request_open(request, etag, has_rest ? transfer->body.n_got : 0,
                                    &transfer->headers);

    store_answer_init(&transfer->answer);
    transfer->is_body_begun = false;
    transfer->is_paused = false;
    transfer->problem = NULL;
    transfer->curl_text[0] = '\0';
    resetPQExpBuffer(&transfer->error);
    transfer->easy = easy;
    (void)curl_easy_setopt(easy, CURLOPT_PRIVATE, (void *)transfer);
    (void)curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->curl_text);
    (void)curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header_line);
    (void)curl_easy_setopt(easy, CURLOPT_HEADERDATA, (void *)transfer);
    (void)curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
    (void)curl_easy_setopt(easy, CURLOPT_WRITEDATA, (void *)transfer);
    store_multi_add(easy);
    transfer->state = TRANSFER_RUNS;
}

/* Whatever comes next is another attempt. */
static void
close_attempt(StoreTransfer *transfer)
{
    if (transfer->easy == NULL)
        return;
    store_multi_remove(transfer->easy);
    store_request_close(transfer->easy, transfer->headers);
    transfer->easy = NULL;
    transfer->headers = NULL;
    transfer->state = TRANSFER_PAUSES;
    transfer->not_before = 0;
    if (!is_resumed(transfer))
        store_body_reset(&transfer->body);
}

static double
get_random_fraction(void)
{
    unsigned char byte = 0;

    (void)RAND_bytes(&byte, 1);
    return byte / 256.0;
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

/* True: there will be another attempt. */
static bool
can_try_again(StoreTransfer *transfer)
{
    int n_retries = store_settings_get()->n_retries;

    if (transfer->body.n_got >= transfer->n_before + PROGRESS)
        transfer->n_failures = 0;
    transfer->n_before = transfer->body.n_got;
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
                                         transfer->answer.retry_after);

    log_verbose("%s; trying again in %.1f s", transfer->failure.message, pause);
    diag_free(&transfer->failure);
    close_attempt(transfer);
    transfer->not_before = clock_seconds() + pause;
}

static void
fail_attempt(StoreTransfer *transfer, CURLcode code)
{
    const StoreAnswer *answer = &transfer->answer;
    const StoreAccount *account = store_settings_get_account(&transfer->failure);
    bool is_answer = answer->status != 0 && !is_good(transfer);
    StoreFailure failure = {.is_s3 = transfer->request.is_s3,
                            .curl_code = is_answer ? CURLE_OK : (int)code,
                            .curl_text = *transfer->curl_text != '\0'
                                             ? transfer->curl_text
                                             : curl_easy_strerror(code),
                            .problem = transfer->problem,
                            .is_permanent = transfer->is_permanent,
                            .status = answer->status,
                            .code = "",
                            .message = "",
                            .region = answer->region,
                            .own_region = account != NULL ? account->region : "",
                            .server_time = answer->time,
                            .own_time = time(NULL)};

    diag_free(&transfer->failure);
    store_error_describe(&failure, transfer->request.name, &transfer->failure);
    if (store_error_is_temporary(&failure) && can_try_again(transfer))
    {
        plan_attempt(transfer);
        return;
    }
    close_attempt(transfer);
    transfer->state = TRANSFER_FAILED;
}

/* The MD5 sum is in ETags of object stores alone; others make them of anything. */
static bool
check_md5(StoreTransfer *transfer)
{
    unsigned char md5[16];

    if (!transfer->request.is_s3 || transfer->answer.is_encrypted ||
        !store_answer_read_md5(transfer->etag, md5) ||
        store_body_has_md5(&transfer->body, md5))
        return true;
    return spoil(transfer, "its contents do not match its ETag", is_resumed(transfer));
}

static bool
check_end_of_body(StoreTransfer *transfer)
{
    const StoreBody *body = &transfer->body;

    if (!begin_body(transfer))
        return false;
    if (body->again != NULL ||
        (transfer->size != STORE_UNKNOWN && body->n_got != transfer->size))
        return spoil(transfer, "it ended before its end", false);
    return check_md5(transfer);
}

static void
end_attempt(void *context, CURLcode code)
{
    StoreTransfer *transfer = context;

    if (transfer->problem == NULL && code == CURLE_OK && is_good(transfer) &&
        check_end_of_body(transfer))
    {
        store_multi_remove(transfer->easy);
        store_request_close(transfer->easy, transfer->headers);
        transfer->easy = NULL;
        transfer->headers = NULL;
        transfer->state = TRANSFER_DONE;
        return;
    }
    fail_attempt(transfer, code);
}

/* ---- waiting */

static bool
is_large(const StoreTransfer *transfer)
{
    const StoreBody *body = &transfer->body;

    return (transfer->size != STORE_UNKNOWN ? transfer->size : body->n_got) > body->most;
}

static bool
has_something(const StoreTransfer *transfer)
{
    return transfer->state == TRANSFER_DONE || transfer->state == TRANSFER_FAILED ||
           transfer->is_paused ||
           (is_large(transfer) && store_body_count(&transfer->body) > 0);
}

/* The speed since something came; a server may stop in the middle, or crawl. */
typedef struct Progress
{
    double since;
    uint64_t n_received;
} Progress;

static void
check_progress(StoreTransfer *transfer, Progress *progress)
{
    double now = clock_seconds();
    int timeout = store_settings_get()->read_timeout;

    if (transfer->state != TRANSFER_RUNS ||
        transfer->n_received - progress->n_received >= low_speed)
    {
        progress->since = now;
        progress->n_received = transfer->n_received;
        return;
    }
    if (now - progress->since < timeout)
        return;
    (void)snprintf(transfer->curl_text, sizeof(transfer->curl_text),
                   "nothing, or hardly anything, was received for %d second%s", timeout,
                   plural(timeout));
    store_answer_init(&transfer->answer);
    fail_attempt(transfer, CURLE_OPERATION_TIMEDOUT);
}

bool
store_transfer_wait(StoreTransfer *transfer, Diag *diag)
{
    Progress progress = {.since = clock_seconds(), .n_received = transfer->n_received};

    transfer->is_wanted = true;
    while (!has_something(transfer))
    {
        double pause = transfer->not_before - clock_seconds();

        if (transfer->state == TRANSFER_PAUSES && pause <= 0)
            begin_attempt(transfer);
        store_multi_run(end_attempt);
        check_progress(transfer, &progress);
        if (!has_something(transfer))
            store_multi_wait(transfer->state == TRANSFER_PAUSES && pause > 0 ? pause : 1);
    }
    if (transfer->state != TRANSFER_FAILED)
        return true;
    *diag = transfer->failure;
    transfer->failure = (Diag){0};
    return false;
}

/* Half of the buffer is free again. */
static void
go_on(StoreTransfer *transfer)
{
    if (!transfer->is_paused ||
        store_body_count(&transfer->body) > transfer->body.most / 2)
        return;
    transfer->is_paused = false;
    (void)curl_easy_pause(transfer->easy, CURLPAUSE_CONT);
}

bool
store_transfer_read(StoreTransfer *transfer, char *to, size_t room, size_t *n_read,
                    Diag *diag)
{
    *n_read = 0;
    if (!store_transfer_wait(transfer, diag))
        return false;
    *n_read = store_body_take(&transfer->body, to, room);
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
    transfer->size = STORE_UNKNOWN;
    store_body_init(&transfer->body, most);
    initPQExpBuffer(&transfer->error);
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
    close_attempt(transfer);
    if (transfer->previous != NULL)
        transfer->previous->next = transfer->next;
    else
        transfers = transfer->next;
    if (transfer->next != NULL)
        transfer->next->previous = transfer->previous;
    store_body_free(&transfer->body);
    termPQExpBuffer(&transfer->error);
    store_request_free(&transfer->request);
    diag_free(&transfer->failure);
    free(transfer);
}

void
store_transfer_suspend(void)
{
    for (StoreTransfer *transfer = transfers; transfer != NULL; transfer = transfer->next)
        close_attempt(transfer);
    store_multi_end();
}
