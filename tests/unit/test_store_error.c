/* What the headers of answers say, which failures are temporary, and what is said. */
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "base/mem.h"
#include "store/store_answer.h"
#include "store/store_error.h"
#include "store/store_retry.h"
#include "tap.h"

/* ---- headers */

static StoreAnswer
read_lines(const char *text)
{
    StoreAnswer answer;

    store_answer_init(&answer);
    while (*text != '\0')
    {
        size_t n = strcspn(text, "\n");

        n += text[n] == '\n';
        store_answer_take(&answer, text, n);
        text += n;
    }
    return answer;
}

static void
test_answer(void)
{
    StoreAnswer answer = read_lines("HTTP/1.1 206 Partial Content\r\n"
                                    "Content-Length: 5\r\n"
                                    "content-range:\tbytes 5-9/10\r\n"
                                    "ETAG: \"ab c\"\r\n"
                                    "ETag: \"abc\" \r\n"
                                    "x-amz-bucket-region: eu-west-1\r\n"
                                    "Retry-After: 7\r\n"
                                    "Date: Sun, 29 Nov 2026 12:00:00 GMT\r\n"
                                    "\r\n");

    is_int(answer.status, 206, "the status");
    is_int((intmax_t)answer.length, 5, "the length");
    is_int((intmax_t)answer.range_start, 5, "the start of the range");
    is_int((intmax_t)answer.range_total, 10, "the size of the object");
    is_str(answer.etag, "\"abc\"", "the ETag");
    is_str(answer.region, "eu-west-1", "the region");
    ok(answer.retry_after > 6.9 && answer.retry_after < 7.1, "the pause");
    is_int(answer.time, 1795953600, "the time");
    ok(!answer.is_chunked && !answer.is_encrypted, "neither chunked nor encrypted");
    ok(!answer.is_encoded, "nor encoded");
    ok(!read_lines("Content-Encoding: GZIP").is_encoded,
       "bytes tell that they are gzip's");
    ok(read_lines("Content-Encoding: br").is_encoded,
       "but not that they are of another one");
    ok(read_lines("Content-Encoding: gzip, br").is_encoded, "nor of two");
}

static void
test_last_answer(void)
{
    StoreAnswer answer = read_lines("HTTP/1.1 302 Found\r\nETag: \"a\"\r\n"
                                    "Content-Length: 3\r\n\r\n"
                                    "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n"
                                    "x-amz-server-side-encryption: aws:kms\n\n");

    is_int(answer.status, 200, "the last status counts");
    is_str(answer.etag, "", "the ETag of another answer does not");
    ok(answer.length == STORE_UNKNOWN, "nor its length");
    ok(answer.is_chunked, "it comes in chunks");
    ok(answer.is_encrypted, "it is encrypted");
}

static void
test_odd_headers(void)
{
    char *longest = mem_format("ETag: \"%0300d\"\r\n", 0);
    StoreAnswer answer = read_lines("HTTP/1.1 200 OK\r\n"
                                    "Content-Length: 18446744073709551616\r\n"
                                    "Content-Range: bytes */10\r\n"
                                    "x-amz-server-side-encryption: AES256\r\n"
                                    "Retry-After: Sun, 29 Nov 2026 12:00:00 GMT\r\n"
                                    "Date: never\r\n"
                                    "ETag\r\n: x\r\n");

    ok(answer.length == STORE_UNKNOWN, "a length beyond all numbers");
    ok(answer.range_start == STORE_UNKNOWN, "a range that is none");
    ok(!answer.is_encrypted, "keys of the store leave the ETag alone");
    ok(answer.retry_after < 0.1, "a date is no number of seconds");
    is_int(answer.time, 0, "no date");
    is_str(answer.etag, "", "a header without a value");
    answer = read_lines(longest);
    is_str(answer.etag, "", "an ETag that is too long");
    is_int(read_lines("HTTP/1.1 2000 OK").status, 0, "no status");
    is_int(read_lines("HTTP/1.1").status, 0, "nothing");
    free(longest);
}

static void
check_md5(const char *etag, bool is_md5)
{
    unsigned char md5[16];

    ok(store_answer_read_md5(etag, md5) == is_md5, "%s: %s", etag,
       is_md5 ? "an MD5 sum" : "no MD5 sum");
}

static void
test_md5(void)
{
    unsigned char md5[16];

    check_md5("\"d41d8cd98f00b204e9800998ecf8427e\"", true);
    check_md5("\"D41D8CD98F00B204E9800998ECF8427E\"", true);
    check_md5("\"d41d8cd98f00b204e9800998ecf8427e-2\"", false);
    check_md5("\"d41d8cd98f00b204e9800998ecf842-2\"", false);
    check_md5("d41d8cd98f00b204e9800998ecf8427e", false);
    check_md5("W/\"d41d8cd98f00b204e9800998ecf8427\"", false);
    check_md5("", false);
    ok(store_answer_read_md5("\"00010f10ff7f80a5d41d8cd98f00b204\"", md5) &&
           memcmp(md5, "\x00\x01\x0f\x10\xff\x7f\x80\xa5\xd4\x1d\x8c\xd9\x8f\x00\xb2\x04",
                  16) == 0,
       "its bytes");
    ok(store_answer_is_strong("\"a\""), "a strong ETag");
    ok(!store_answer_is_strong("W/\"a\""), "a weak one");
    ok(!store_answer_is_strong("\"") && !store_answer_is_strong(""), "none");
}

/* ---- failures */

static StoreFailure
fail_with(int status, const char *code, const char *region)
{
    return (StoreFailure){.is_s3 = true,
                          .status = status,
                          .code = code,
                          .message = "A \x1b[31m\nmessage.",
                          .region = region,
                          .curl_text = "",
                          .own_region = "us-east-1"};
}

static void
check_temporary(int status, const char *code, bool is_temporary)
{
    StoreFailure failure = fail_with(status, code, "");

    ok(store_error_is_temporary(&failure) == is_temporary, "%d \"%s\" is %s", status,
       code, is_temporary ? "temporary" : "permanent");
}

static void
check_curl(CURLcode code, bool is_temporary)
{
    StoreFailure failure = {.curl_code = (int)code};

    ok(store_error_is_temporary(&failure) == is_temporary, "%s is %s",
       curl_easy_strerror(code), is_temporary ? "temporary" : "permanent");
}

static void
test_temporary(void)
{
    static const int temporary[] = {408, 429, 500, 502, 503, 504, 509};
    static const int permanent[] = {301, 307, 400, 401, 403, 404, 412, 416, 501, 505};

    for (size_t i = 0; i < sizeof(temporary) / sizeof(temporary[0]); i++)
        check_temporary(temporary[i], "", true);
    for (size_t i = 0; i < sizeof(permanent) / sizeof(permanent[0]); i++)
        check_temporary(permanent[i], "", false);
    check_temporary(200, "InternalError", true);
    check_temporary(200, "Strange", true);
    check_temporary(400, "RequestTimeout", true);
    check_temporary(403, "SlowDown", true);
    check_temporary(403, "RequestTimeTooSkewed", false);
    check_temporary(403, "SignatureDoesNotMatch", false);
    check_temporary(404, "NoSuchKey", false);
    check_curl(CURLE_PARTIAL_FILE, true);
    check_curl(CURLE_COULDNT_CONNECT, true);
    check_curl(CURLE_OPERATION_TIMEDOUT, true);
    check_curl(CURLE_RECV_ERROR, true);
    check_curl(CURLE_GOT_NOTHING, true);
    check_curl(CURLE_PEER_FAILED_VERIFICATION, false);
    check_curl(CURLE_TOO_MANY_REDIRECTS, false);
    check_curl(CURLE_URL_MALFORMAT, false);
}

static void
check_message(const StoreFailure *failure, const char *message, const char *hint)
{
    Diag diag = {0};

    store_error_describe(failure, "s3://b/k", &diag);
    is_str(diag.message, message, "%d %s: the message", failure->status, failure->code);
    if (hint == NULL)
        is_str(diag.hint, NULL, "no hint");
    else
        ok(diag.hint != NULL && strstr(diag.hint, hint) != NULL, "the hint has %s", hint);
    for (const char *c = diag.detail != NULL ? diag.detail : ""; *c != '\0'; c++)
    {
        if (*c < ' ' && *c > 0)
            ok(false, "no control character in the detail");
    }
    diag_free(&diag);
}

static void
check_code(int status, const char *code, const char *message, const char *hint)
{
    StoreFailure failure = fail_with(status, code, "");

    check_message(&failure, message, hint);
}

static void
test_messages(void)
{
    check_code(403, "SignatureDoesNotMatch",
               "could not read s3://b/k: the object store does not accept the signature",
               "AWS_SECRET_ACCESS_KEY");
    check_code(403, "InvalidAccessKeyId",
               "could not read s3://b/k: the access key is unknown to the object store",
               "AWS_ACCESS_KEY_ID");
    check_code(403, "AccessDenied",
               "could not read s3://b/k: the object store denies access", "s3:GetObject");
    check_code(404, "NoSuchBucket", "could not read s3://b/k: the bucket does not exist",
               "endpoint");
    check_code(404, "NoSuchKey", "could not read s3://b/k: the object does not exist",
               NULL);
    check_code(412, "PreconditionFailed",
               "could not read s3://b/k: the object was replaced during the run", NULL);
    check_code(412, "", "could not read s3://b/k: the object was replaced during the run",
               NULL);
    check_code(416, "", "could not read s3://b/k: the object was replaced during the run",
               NULL);
    check_code(404, "",
               "could not read s3://b/k: it does not exist (the server answered 404)",
               NULL);
    check_code(418, "", "could not read s3://b/k: the server answered 418", NULL);
    check_code(400, "Str\tange",
               "could not read s3://b/k: the object store reported \"Str ange\"", NULL);
}

static void
test_regions(void)
{
    StoreFailure failure = fail_with(301, "PermanentRedirect", "eu-west-1");

    check_message(
        &failure,
        "could not read s3://b/k: the bucket is in the region \"eu-west-1\", and "
        "not in \"us-east-1\"",
        "Set AWS_REGION to \"eu-west-1\".");
    failure = fail_with(400, "AuthorizationHeaderMalformed", "eu-west-1");
    check_message(
        &failure,
        "could not read s3://b/k: the bucket is in the region \"eu-west-1\", and "
        "not in \"us-east-1\"",
        "Set AWS_REGION to \"eu-west-1\".");
    failure = fail_with(307, "TemporaryRedirect", "");
    check_message(
        &failure,
        "could not read s3://b/k: the bucket is at another address or in another "
        "region",
        "AWS_REGION");
}

static void
test_clock(void)
{
    StoreFailure failure = fail_with(403, "RequestTimeTooSkewed", "");

    failure.server_time = 1000000;
    failure.own_time = 1001000;
    check_message(&failure,
                  "could not read s3://b/k: the clock of this computer is 1000 seconds "
                  "ahead of that of the object store",
                  "clock");
    failure.own_time = 999999;
    check_message(
        &failure,
        "could not read s3://b/k: the clock of this computer is 1 second behind "
        "that of the object store",
        "clock");
    failure.server_time = 0;
    check_message(
        &failure,
        "could not read s3://b/k: the clocks of this computer and of the object "
        "store differ too much",
        "clock");
}

/* However long a text of the server is, and whatever is in it. */
static void
test_hostile_texts(void)
{
    char *text = mem_format("%0100000d", 0);
    StoreFailure failure = fail_with(403, "", "");
    Diag diag = {0};

    memset(text, '\xC3', 50);
    failure.code = failure.message = failure.region = text;
    store_error_describe(&failure, "s3://b/k", &diag);
    ok(strlen(diag.message) < 300, "a message of %zu bytes", strlen(diag.message));
    ok(diag.detail != NULL && strlen(diag.detail) < 600, "and its detail");
    failure.status = 301;
    store_error_describe(&failure, "s3://b/k", &diag);
    ok(strlen(diag.message) < 300, "a region");
    diag_free(&diag);
    free(text);
}

/* ---- pauses */

static void
check_pause(int n, double fraction, double asked_for, double expected)
{
    double pause = store_retry_get_pause(n, fraction, asked_for);

    ok(pause > expected - 0.001 && pause < expected + 0.001,
       "the pause after failure %d: %.3f s", n, pause);
}

static void
test_pauses(void)
{
    check_pause(1, 0, 0, 0.125);
    check_pause(1, 1, 0, 0.25);
    check_pause(2, 1, 0, 0.5);
    check_pause(3, 0, 0, 0.5);
    check_pause(5, 1, 0, 4);
    check_pause(8, 1, 0, 20);
    check_pause(1000000, 0, 0, 10);
    check_pause(1, 1, 3, 3);
    check_pause(8, 1, 3, 20);
    check_pause(1, 0, 1e9, 60);
    check_pause(0, 1, 0, 0.25);
}

int
main(void)
{
    test_answer();
    test_last_answer();
    test_odd_headers();
    test_md5();
    test_temporary();
    test_messages();
    test_regions();
    test_clock();
    test_hostile_texts();
    test_pauses();
    return done_testing();
}
