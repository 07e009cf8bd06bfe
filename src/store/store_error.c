#include "store/store_error.h"

#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "base/mem.h"
#include "base/plural.h"

enum
{
    MAX_TEXT = 200 /* of the server */
};

/* ---- is it worth another attempt? */

static bool
is_one_of(const char *code, const char *const codes[])
{
    for (size_t i = 0; codes[i] != NULL; i++)
    {
        if (strcmp(code, codes[i]) == 0)
            return true;
    }
    return false;
}

/* Names that cannot be resolved are among them: the resolver may be out of reach. */
static bool
is_temporary_curl(int code)
{
    static const CURLcode codes[] = {CURLE_COULDNT_RESOLVE_PROXY,
                                     CURLE_COULDNT_RESOLVE_HOST,
                                     CURLE_COULDNT_CONNECT,
                                     CURLE_WEIRD_SERVER_REPLY,
                                     CURLE_PARTIAL_FILE,
                                     CURLE_OPERATION_TIMEDOUT,
                                     CURLE_SSL_CONNECT_ERROR,
                                     CURLE_GOT_NOTHING,
                                     CURLE_SEND_ERROR,
                                     CURLE_RECV_ERROR};

    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
    {
        if ((int)codes[i] == code)
            return true;
    }
    return false;
}

bool
store_error_is_temporary(const StoreFailure *failure)
{
    static const char *const codes[] = {"SlowDown",
                                        "InternalError",
                                        "ServiceUnavailable",
                                        "RequestTimeout",
                                        "RequestLimitExceeded",
                                        "BandwidthLimitExceeded",
                                        "Throttling",
                                        "ThrottlingException",
                                        "RequestThrottled",
                                        "OperationAborted",
                                        NULL};
    int status = failure->status;

    if (failure->problem != NULL)
        return !failure->is_permanent;
    if (failure->curl_code != CURLE_OK)
        return is_temporary_curl(failure->curl_code);
    return is_one_of(failure->code, codes) || status == 200 || status == 408 ||
           status == 429 || (status >= 500 && status != 501 && status != 505);
}

/* ---- messages */

/* Owned by the caller: the beginning, without newlines and the like. */
static char *
shorten_text(const char *text)
{
    size_t length = strlen(text);
    char *copy;

    if (length > MAX_TEXT)
    {
        length = MAX_TEXT;
        while (length > MAX_TEXT - 4 && ((unsigned char)text[length] & 0xC0) == 0x80)
            length--; /* within a character */
        copy = mem_format("%.*s...", (int)length, text);
    }
    else
        copy = mem_copy_string(text);
    for (char *c = copy; *c != '\0'; c++)
    {
        if ((unsigned char)*c < ' ' || *c == '\x7f')
            *c = ' ';
    }
    return copy;
}

static void
set_problem(Diag *diag, const char *name, const char *problem)
{
    diag_set_message(diag, "could not read %s: %s", name, problem);
}

/* What the server itself said. */
static void
add_answer(const StoreFailure *failure, Diag *diag)
{
    char *code = shorten_text(failure->code);
    char *message = shorten_text(failure->message);

    if (*code != '\0' && *message == '\0')
        diag_set_detail(diag, "The object store answered %d, \"%s\".", failure->status,
                        code);
    else if (*code != '\0')
        diag_set_detail(diag, "The object store answered %d, \"%s\": \"%s\".",
                        failure->status, code, message);
    free(code);
    free(message);
}

static void
describe_region(const StoreFailure *failure, const char *name, Diag *diag)
{
    char *region = shorten_text(failure->region);

    if (*region != '\0' && strcmp(failure->region, failure->own_region) != 0)
    {
        diag_set_message(diag,
                         "could not read %s: the bucket is in the region \"%s\", and not "
                         "in \"%s\"",
                         name, region, failure->own_region);
        diag_set_hint(diag, "Set AWS_REGION to \"%s\".", region);
    }
    else
    {
        set_problem(diag, name, "the bucket is at another address or in another region");
        diag_set_hint(diag, "Set AWS_REGION to the region of the bucket, and check the "
                            "endpoint.");
    }
    free(region);
}

static void
describe_clock(const StoreFailure *failure, const char *name, Diag *diag)
{
    int64_t behind = (int64_t)failure->server_time - (int64_t)failure->own_time;
    int64_t seconds = behind < 0 ? -behind : behind;

    if (failure->server_time == 0)
        set_problem(
            diag, name,
            "the clocks of this computer and of the object store differ too much");
    else
        diag_set_message(diag,
                         "could not read %s: the clock of this computer is %lld second%s "
                         "%s that of the object store",
                         name, (long long)seconds, plural(seconds),
                         behind < 0 ? "ahead of" : "behind");
    diag_set_hint(diag, "Set the clock of this computer.");
}

/* What the codes of Amazon S3 mean to a user, and what to do. */
static const struct
{
    const char *code;
    int status; /* or 0; for servers that send no code */
    const char *problem;
    const char *hint;
} known_errors[] = {
    {"NoSuchBucket", 0, "the bucket does not exist",
     "Check its name, the endpoint and AWS_REGION."},
    {"NoSuchKey", 0, "the object does not exist", NULL},
    {"InvalidAccessKeyId", 0, "the access key is unknown to the object store",
     "Check AWS_ACCESS_KEY_ID; temporary credentials need AWS_SESSION_TOKEN as well."},
    {"SignatureDoesNotMatch", 0, "the object store does not accept the signature",
     "Check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION."},
    {"ExpiredToken", 0, "the session token has expired", "Set a new AWS_SESSION_TOKEN."},
    {"InvalidToken", 0, "the session token is invalid", "Check AWS_SESSION_TOKEN."},
    {"AccessDenied", 0, "the object store denies access",
     "Reading needs s3:GetObject, and listing s3:ListBucket. Without the latter, what "
     "does not exist is denied, too."},
    {"InvalidObjectState", 0, "the object is in an archive",
     "It must be restored before it can be read."},
    {"PreconditionFailed", 412, "the object was replaced during the run", NULL},
    {"InvalidRange", 416, "the object was replaced during the run", NULL},
};

static bool
describe_known(const StoreFailure *failure, const char *name, Diag *diag)
{
    for (size_t i = 0; i < sizeof(known_errors) / sizeof(known_errors[0]); i++)
    {
        if (strcmp(failure->code, known_errors[i].code) != 0 &&
            (*failure->code != '\0' || failure->status != known_errors[i].status))
            continue;
        set_problem(diag, name, known_errors[i].problem);
        if (known_errors[i].hint != NULL)
            diag_set_hint(diag, "%s", known_errors[i].hint);
        return true;
    }
    return false;
}

static bool
is_elsewhere(const StoreFailure *failure)
{
    static const char *const codes[] = {"PermanentRedirect", "TemporaryRedirect",
                                        "AuthorizationHeaderMalformed",
                                        "IllegalLocationConstraintException", NULL};

    return (failure->status >= 300 && failure->status < 400) ||
           is_one_of(failure->code, codes);
}

static const char *
get_meaning(int status)
{
    static const struct
    {
        int status;
        const char *meaning;
    } known[] = {{401, "it wants credentials"}, {403, "access is denied"},
                 {404, "it does not exist"},    {407, "the proxy wants credentials"},
                 {410, "it does not exist"},    {429, "there are too many requests"},
                 {503, "it is not available"}};

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
    {
        if (known[i].status == status)
            return known[i].meaning;
    }
    return NULL;
}

static void
describe_status(const StoreFailure *failure, const char *name, Diag *diag)
{
    const char *meaning = get_meaning(failure->status);
    char *code = shorten_text(failure->code);

    if (*code != '\0')
        diag_set_message(diag, "could not read %s: the object store reported \"%s\"",
                         name, code);
    else if (meaning != NULL)
        diag_set_message(diag, "could not read %s: %s (the server answered %d)", name,
                         meaning, failure->status);
    else
        diag_set_message(diag, "could not read %s: the server answered %d", name,
                         failure->status);
    free(code);
}

static void
describe_curl(const StoreFailure *failure, const char *name, Diag *diag)
{
    bool is_redirected = failure->status >= 300 && failure->status < 400;
    char *text =
        shorten_text(is_redirected && failure->curl_code == CURLE_UNSUPPORTED_PROTOCOL
                         ? "it is redirected to a URL that is not https://"
                         : failure->curl_text);

    set_problem(diag, name, text);
    if (failure->curl_code == CURLE_SSL_CACERT_BADFILE)
        diag_set_hint(diag, "Check AWS_CA_BUNDLE.");
    if (failure->curl_code == CURLE_PEER_FAILED_VERIFICATION)
        diag_set_hint(diag, "If its certificate is one of your own authority, name the "
                            "file of certificates by AWS_CA_BUNDLE.");
    free(text);
}

void
store_error_describe(const StoreFailure *failure, const char *name, Diag *diag)
{
    if (failure->problem != NULL)
        set_problem(diag, name, failure->problem);
    else if (failure->curl_code != CURLE_OK)
        describe_curl(failure, name, diag);
    else
    {
        add_answer(failure, diag);
        if (strcmp(failure->code, "RequestTimeTooSkewed") == 0)
            describe_clock(failure, name, diag);
        else if (failure->is_s3 && is_elsewhere(failure))
            describe_region(failure, name, diag);
        else if (!describe_known(failure, name, diag))
            describe_status(failure, name, diag);
    }
}
