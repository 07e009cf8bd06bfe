/*
 * What an HTTP server answers, byte by byte through libcurl: up to two attempts at one
 * object, of which the first one's bytes may be taken before the second one. The first
 * byte says how, the second one how long the first answer is. Whatever the server says,
 * an object that is complete has as many bytes as it should, of which each is taken once.
 */
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "fuzz.h"
#include "store/store_error.h"
#include "store/store_receive.h"

enum
{
    ROOM = 1024 * 1024, /* more than any answer: libcurl would wait for room */
    IS_S3 = 1,          /* bits of the first byte */
    HAS_ETAG = 2,
    IS_TAKEN = 4,
    FOLLOWS = 8
};

typedef struct Attempt
{
    int socket; /* for libcurl; -1: it has it already */
    int server; /* the other end, in which the request stays */
} Attempt;

/* ---- a connection that has the answer already */

static curl_socket_t
open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
    Attempt *attempt = context;
    int socket = attempt->socket;

    (void)purpose;
    (void)address;
    attempt->socket = -1;
    return socket >= 0 ? socket : CURL_SOCKET_BAD;
}

static int
set_up_socket(void *context, curl_socket_t socket, curlsocktype purpose)
{
    (void)context;
    (void)socket;
    (void)purpose;
    return CURL_SOCKOPT_ALREADY_CONNECTED;
}

static Attempt
connect_server(const uint8_t *answer, size_t size)
{
    int pair[2];

    fuzz_expect(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0, "there are sockets");
    fuzz_expect(write(pair[1], answer, size) == (ssize_t)size, "they have room");
    (void)shutdown(pair[1], SHUT_WR);
    return (Attempt){.socket = pair[0], .server = pair[1]};
}

static CURL *
open_handle(StoreReceiver *receiver, Attempt *attempt, bool follows)
{
    CURL *easy = curl_easy_init();

    fuzz_expect(easy != NULL, "there is a handle");
    (void)curl_easy_setopt(easy, CURLOPT_URL, "http://127.0.0.1/object");
    (void)curl_easy_setopt(easy, CURLOPT_PROXY, "");
    (void)curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, 2000L);
    (void)curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, follows ? 1L : 0L);
    (void)curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http");
    (void)curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    (void)curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, (void *)attempt);
    (void)curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, set_up_socket);
    store_receive_connect(receiver, easy);
    return easy;
}

/* ---- attempts */

static void
check_answer(const StoreReceiver *receiver)
{
    const StoreBody *body = &receiver->body;

    fuzz_expect(body->n_taken <= body->n_got, "no more is taken than came");
    fuzz_expect(store_body_count(body) == body->n_got - body->n_taken,
                "the rest is there");
    fuzz_expect(strpbrk(receiver->etag, " \r\n") == NULL,
                "an ETag can be part of a header");
}

static void
check_whole(const StoreReceiver *receiver)
{
    fuzz_expect(store_receive_is_good(receiver), "an object comes with a good status");
    fuzz_expect(receiver->size == STORE_UNKNOWN || receiver->body.n_got == receiver->size,
                "an object has all of its bytes");
    fuzz_expect(receiver->problem == NULL && !receiver->has_error,
                "an object has no problem");
}

static void
describe(const StoreReceiver *receiver, int code)
{
    StoreFailure failure = {.is_s3 = receiver->request->is_s3,
                            .status = receiver->answer.status,
                            .curl_code = code,
                            .curl_text = curl_easy_strerror((CURLcode)code),
                            .problem = receiver->problem,
                            .is_permanent = receiver->is_permanent,
                            .code = "",
                            .message = "",
                            .region = receiver->answer.region,
                            .own_region = "us-east-1",
                            .server_time = receiver->answer.time};
    Diag diag = {0};

    (void)store_error_is_temporary(&failure);
    store_error_describe(&failure, "object", &diag);
    fuzz_expect(diag.message != NULL && strpbrk(diag.message, "\r\n") == NULL,
                "a failure has a message of one line");
    diag_free(&diag);
}

/* True: the object is there. */
static bool
attempt_once(StoreReceiver *receiver, const uint8_t *answer, size_t size, bool follows)
{
    Attempt attempt = connect_server(answer, size);
    const char *etag;
    uint64_t offset;
    CURL *easy;
    CURLcode code;
    bool is_whole;

    store_receive_begin(receiver, &etag, &offset);
    fuzz_expect(offset == 0 || offset == receiver->body.n_got,
                "what is asked for is the rest");
    easy = open_handle(receiver, &attempt, follows);
    code = curl_easy_perform(easy);
    curl_easy_cleanup(easy);
    if (attempt.socket >= 0)
        close(attempt.socket);
    close(attempt.server);
    is_whole = code == CURLE_OK && store_receive_is_good(receiver) &&
               store_receive_finish(receiver);
    check_answer(receiver);
    if (is_whole)
        check_whole(receiver);
    else
        describe(receiver, (int)code);
    return is_whole;
}

static void
take_some(StoreReceiver *receiver)
{
    char bytes[100];
    size_t n = store_body_take(&receiver->body, bytes, sizeof(bytes));

    fuzz_expect(n <= sizeof(bytes), "no more is taken than there is room for");
}

int
fuzz_answers(const uint8_t *data, size_t size)
{
    static bool has_begun;
    char etag[] = "\"e\"";
    char name[] = "object";
    StoreRequest request = {.name = name};
    StoreReceiver receiver;
    size_t first;

    if (size < 2)
        return 0;
    if (!has_begun)
        fuzz_expect(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK, "libcurl works");
    has_begun = true;
    request.is_s3 = (data[0] & IS_S3) != 0;
    request.etag = (data[0] & HAS_ETAG) != 0 ? etag : NULL;
    first = (size_t)data[1] * 4 < size - 2 ? (size_t)data[1] * 4 : size - 2;
    store_receive_init(&receiver, &request, ROOM);
    if (!attempt_once(&receiver, data + 2, first, (data[0] & FOLLOWS) != 0))
    {
        if ((data[0] & IS_TAKEN) != 0)
            take_some(&receiver);
        (void)attempt_once(&receiver, data + 2 + first, size - 2 - first,
                           (data[0] & FOLLOWS) != 0);
    }
    store_receive_free(&receiver);
    return 0;
}
