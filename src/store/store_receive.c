#include "store/store_receive.h"

#include <string.h>

#include "store/store_xml.h"

enum
{
    MAX_ERROR = 64 * 1024 /* of an answer that is an error */
};

void
store_receive_init(StoreReceiver *receiver, const StoreRequest *request, size_t most)
{
    *receiver = (StoreReceiver){.request = request, .size = STORE_UNKNOWN};
    store_answer_init(&receiver->answer);
    store_body_init(&receiver->body, most);
    initPQExpBuffer(&receiver->error);
}

void
store_receive_free(StoreReceiver *receiver)
{
    store_body_free(&receiver->body);
    termPQExpBuffer(&receiver->error);
}

static bool
is_resumed(const StoreReceiver *receiver)
{
    return receiver->body.n_taken > 0;
}

static bool
asks_for_rest(const StoreReceiver *receiver)
{
    return is_resumed(receiver) && store_answer_is_strong(receiver->etag);
}

void
store_receive_begin(StoreReceiver *receiver, const char **etag, uint64_t *offset)
{
    const char *wanted = receiver->request->etag;

    if (!is_resumed(receiver))
        store_body_reset(&receiver->body);
    *etag = wanted != NULL ? wanted : "";
    *offset = 0;
    if (asks_for_rest(receiver))
    {
        *etag = receiver->etag;
        *offset = receiver->body.n_got;
    }
    store_answer_init(&receiver->answer);
    receiver->is_body_begun = false;
    receiver->is_paused = false;
    receiver->has_error = false;
    receiver->problem = NULL;
    resetPQExpBuffer(&receiver->error);
}

bool
store_receive_is_good(const StoreReceiver *receiver)
{
    return receiver->answer.status == 200 ||
           (receiver->answer.status == 206 && asks_for_rest(receiver));
}

bool
store_receive_is_large(const StoreReceiver *receiver)
{
    const StoreBody *body = &receiver->body;

    return (receiver->size != STORE_UNKNOWN ? receiver->size : body->n_got) > body->most;
}

/* ---- the answer */

static bool
spoil(StoreReceiver *receiver, const char *problem, bool is_permanent)
{
    receiver->problem = problem;
    receiver->is_permanent = is_permanent;
    return false;
}

static bool
spoil_replaced(StoreReceiver *receiver)
{
    return spoil(receiver, "the object was replaced during the run", true);
}

/* The ETag must be the one that was asked for, and that of the first answer. */
static bool
check_etag_again(StoreReceiver *receiver)
{
    const char *etag = receiver->answer.etag;
    const char *wanted = receiver->request->etag;

    if (*etag == '\0')
        return true;
    if (wanted != NULL && strcmp(etag, wanted) != 0)
        return spoil_replaced(receiver);
    if (is_resumed(receiver) && strcmp(etag, receiver->etag) != 0)
        return spoil_replaced(receiver);
    return true;
}

/* A part may end before the object does, and be the answer to another question: its range
 * and ETag must be there. */
static bool
begin_rest(StoreReceiver *receiver)
{
    const StoreAnswer *answer = &receiver->answer;

    if (answer->range_start != receiver->body.n_got)
        return spoil(receiver, "the server sent another part than asked for", true);
    if (*answer->etag == '\0')
        return spoil(receiver, "the server does not say which object it goes on with",
                     true);
    if (receiver->size == STORE_UNKNOWN)
        receiver->size = answer->range_total;
    if (receiver->size == STORE_UNKNOWN)
        return spoil(receiver, "the server does not say how long it is", true);
    if (receiver->size < receiver->body.n_got ||
        (answer->range_total != STORE_UNKNOWN && answer->range_total != receiver->size))
        return spoil_replaced(receiver);
    return true;
}

static bool
begin_whole(StoreReceiver *receiver)
{
    const StoreAnswer *answer = &receiver->answer;

    if (answer->length == STORE_UNKNOWN && !answer->is_chunked)
        return spoil(receiver, "the server does not say how long it is", true);
    if (!is_resumed(receiver))
    {
        receiver->size = answer->length;
        memcpy(receiver->etag, answer->etag, sizeof(answer->etag));
        return true;
    }
    if (receiver->size != answer->length)
        return spoil_replaced(receiver);
    return store_body_repeat(&receiver->body) ||
           spoil(receiver, "what broke off cannot be resumed", true);
}

/* Once for each attempt, when the headers of the final answer are there. */
static bool
begin_body(StoreReceiver *receiver)
{
    if (receiver->is_body_begun)
        return receiver->problem == NULL;
    receiver->is_body_begun = true;
    if (receiver->answer.is_encoded)
        return spoil(receiver, "its Content-Encoding is not supported", true);
    return check_etag_again(receiver) &&
           (receiver->answer.status == 206 ? begin_rest(receiver)
                                           : begin_whole(receiver));
}

/* ---- what libcurl calls */

static size_t
take_header_line(char *line, size_t size, size_t n, void *context)
{
    StoreReceiver *receiver = context;

    n *= size;
    receiver->n_received += n;
    store_answer_take(&receiver->answer, line, n);
    return n;
}

/* Returns how much was taken: less ends the attempt. */
static size_t
take_error_body(StoreReceiver *receiver, const char *data, size_t n)
{
    if (receiver->error.len + n > MAX_ERROR)
        return 0;
    appendBinaryPQExpBuffer(&receiver->error, data, n);
    return n;
}

static bool
add_to_body(StoreReceiver *receiver, const char *data, size_t n)
{
    StoreBody *body = &receiver->body;
    uint64_t place = body->again != NULL ? body->n_again : body->n_got;

    if (receiver->size != STORE_UNKNOWN && n > receiver->size - place)
        return spoil(receiver, "it is longer than the server said", true);
    return store_body_add(body, data, n) || spoil_replaced(receiver);
}

static size_t
take_body(char *data, size_t size, size_t n, void *context)
{
    StoreReceiver *receiver = context;

    n *= size;
    receiver->n_received += n;
    if (!store_receive_is_good(receiver))
        return take_error_body(receiver, data, n);
    if (!begin_body(receiver))
        return 0;
    receiver->is_paused = !store_body_has_room(&receiver->body, n);
    if (receiver->is_paused)
        return CURL_WRITEFUNC_PAUSE;
    return add_to_body(receiver, data, n) ? n : 0;
}

void
store_receive_connect(StoreReceiver *receiver, CURL *easy)
{
    (void)curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header_line);
    (void)curl_easy_setopt(easy, CURLOPT_HEADERDATA, (void *)receiver);
    (void)curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
    (void)curl_easy_setopt(easy, CURLOPT_WRITEDATA, (void *)receiver);
}

/* ---- the end */

/* An answer of the status 200 may be an error all the same. */
static bool
find_error_in_body(StoreReceiver *receiver)
{
    const StoreBody *body = &receiver->body;
    size_t n = store_body_count(body);

    if (is_resumed(receiver) || n == 0 || n > MAX_ERROR ||
        !store_xml_is_error(body->data + body->start, n))
        return false;
    appendBinaryPQExpBuffer(&receiver->error, body->data + body->start, n);
    receiver->has_error = true;
    return true;
}

/* Other servers make ETags of anything. An object with the right sum may look like an
 * error. */
static bool
check_contents(StoreReceiver *receiver)
{
    unsigned char md5[16];
    bool has_md5 =
        !receiver->answer.is_encrypted && store_answer_read_md5(receiver->etag, md5);

    if (!receiver->request->is_s3 ||
        (has_md5 && store_body_has_md5(&receiver->body, md5)))
        return true;
    if (find_error_in_body(receiver))
        return false;
    return !has_md5 ||
           spoil(receiver, "its contents do not match its ETag", is_resumed(receiver));
}

bool
store_receive_finish(StoreReceiver *receiver)
{
    const StoreBody *body = &receiver->body;

    if (!begin_body(receiver))
        return false;
    if (body->again != NULL ||
        (receiver->size != STORE_UNKNOWN && body->n_got != receiver->size))
        return spoil(receiver, "it ended before its end", false);
    return check_contents(receiver);
}
