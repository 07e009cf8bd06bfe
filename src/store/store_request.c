#include "config.h"

#include "store/store_request.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "base/die.h"
#include "base/mem.h"
#include "store/store_settings.h"
#include "store/store_url.h"

enum
{
    MAX_REDIRECTS = 5
};

/* Of a request without a body, as SHA-256. */
#define EMPTY_SHA256 "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

/* ---- what is asked for */

static bool
is_host_style(const StoreAccount *account, const char *bucket)
{
    switch (store_settings_get()->style)
    {
        case STORE_STYLE_PATH:
            return false;
        case STORE_STYLE_HOST:
            return true;
        case STORE_STYLE_DEFAULT:
            break;
    }
    return account->endpoint.is_amazon && store_url_is_host_label(bucket);
}

/* Begins the URL of a request for something in the bucket. */
static bool
begin_url(const char *bucket, PQExpBuffer encoded, Diag *diag)
{
    const StoreAccount *account = store_settings_get_account(diag);

    if (account == NULL)
        return false;
    initPQExpBuffer(encoded);
    store_url_append_bucket(encoded, &account->endpoint, bucket,
                            is_host_style(account, bucket));
    return true;
}

static bool
make_s3_url(const char *url, StoreRequest *request, Diag *diag)
{
    StoreObjectUrl parts;
    PQExpBufferData encoded;

    if (!store_url_split(url, &parts, diag))
        return false;
    if (!begin_url(parts.bucket, &encoded, diag))
    {
        free(parts.bucket);
        return false;
    }
    store_url_append_encoded(&encoded, parts.key, STORE_URL_KEEP_SLASH);
    request->url = mem_copy_string(encoded.data);
    request->is_s3 = true;
    termPQExpBuffer(&encoded);
    free(parts.bucket);
    return true;
}

/* It becomes a header. */
static bool
check_etag(const char *etag, const char *url, Diag *diag)
{
    for (const char *c = etag; *c != '\0'; c++)
    {
        if ((unsigned char)*c > ' ' && (unsigned char)*c <= '~')
            continue;
        diag_set_message(diag, "invalid ETag \"%s\" of %s", etag, url);
        return false;
    }
    return true;
}

bool
store_request_make(const char *url, const char *etag, StoreRequest *request, Diag *diag)
{
    *request = (StoreRequest){0};
    if (etag != NULL && !check_etag(etag, url, diag))
        return false;
    if (store_url_find_kind(url) == STORE_URL_S3)
    {
        if (!make_s3_url(url, request, diag))
            return false;
    }
    else if (store_url_check(url, diag))
        request->url = mem_copy_string(url);
    else
        return false;
    request->name = store_url_make_name(url);
    request->etag = etag != NULL && *etag != '\0' ? mem_copy_string(etag) : NULL;
    return true;
}

bool
store_request_make_list(const char *bucket, const char *prefix, const char *token,
                        StoreRequest *request, Diag *diag)
{
    PQExpBufferData encoded;

    *request = (StoreRequest){.is_s3 = true};
    if (!begin_url(bucket, &encoded, diag))
        return false;
    if (token != NULL)
        store_url_append_parameter(&encoded, "continuation-token", token);
    store_url_append_parameter(&encoded, "encoding-type", "url");
    store_url_append_parameter(&encoded, "list-type", "2");
    store_url_append_parameter(&encoded, "prefix", prefix);
    request->url = mem_copy_string(encoded.data);
    request->name = mem_format("the list of s3://%s/%s", bucket, prefix);
    termPQExpBuffer(&encoded);
    return true;
}

void
store_request_free(StoreRequest *request)
{
    free(request->url);
    free(request->name);
    free(request->etag);
    *request = (StoreRequest){0};
}

/* ---- libcurl */

static void
check_easy(CURLcode code)
{
    if (code == CURLE_OUT_OF_MEMORY)
        mem_die();
    if (code != CURLE_OK)
        die_message(EXIT_OUTPUT, "could not use libcurl: %s", curl_easy_strerror(code));
}

#define SET(easy, option, value) check_easy(curl_easy_setopt((easy), (option), (value)))

static void
append_header(struct curl_slist **headers, const char *name, const char *value)
{
    char *line = mem_format("%s: %s", name, value);
    struct curl_slist *longer = curl_slist_append(*headers, line);

    OPENSSL_cleanse(line, strlen(line));
    free(line);
    if (longer == NULL)
        mem_die();
    *headers = longer;
}

static void
sign(CURL *easy, const StoreAccount *account, struct curl_slist **headers)
{
    char *scope;

    if (account->access_key == NULL)
        return;
    scope = mem_format("aws:amz:%s:s3", account->region);
    SET(easy, CURLOPT_AWS_SIGV4, scope);
    SET(easy, CURLOPT_USERNAME, account->access_key);
    SET(easy, CURLOPT_PASSWORD, account->secret_key);
    append_header(headers, "x-amz-content-sha256", EMPTY_SHA256);
    if (account->session_token != NULL)
        append_header(headers, "x-amz-security-token", account->session_token);
    free(scope);
}

/* From https:// to https:// alone: otherwise what was to be encrypted would not be. */
static void
follow_redirects(CURL *easy, const char *url)
{
    bool is_https = store_url_find_kind(url) == STORE_URL_HTTPS;

    SET(easy, CURLOPT_FOLLOWLOCATION, 1L);
    SET(easy, CURLOPT_MAXREDIRS, (long)MAX_REDIRECTS);
    SET(easy, CURLOPT_REDIR_PROTOCOLS_STR, is_https ? "https" : "http,https");
}

static void
set_range(CURL *easy, uint64_t offset)
{
    char range[32];

    if (offset == 0)
        return;
    (void)snprintf(range, sizeof(range), "%" PRIu64 "-", offset);
    SET(easy, CURLOPT_RANGE, range);
}

CURL *
store_request_open(const StoreRequest *request, const char *etag, uint64_t offset,
                   struct curl_slist **headers)
{
    CURL *easy = curl_easy_init();
    const char *certificates = store_settings_get_certificates();
    Diag diag = {0};

    if (easy == NULL)
        mem_die();
    SET(easy, CURLOPT_URL, request->url);
    SET(easy, CURLOPT_PATH_AS_IS, 1L);
    SET(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    SET(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    SET(easy, CURLOPT_NOSIGNAL, 1L);
    SET(easy, CURLOPT_CONNECTTIMEOUT, (long)store_settings_get()->connect_timeout);
    SET(easy, CURLOPT_USERAGENT, PACKAGE_NAME "/" PACKAGE_VERSION);
    if (certificates != NULL)
        SET(easy, CURLOPT_CAINFO, certificates);
    set_range(easy, offset);
    *headers = NULL;
    if (*etag != '\0')
        append_header(headers, "If-Match", etag);
    if (request->is_s3)
        sign(easy, store_settings_get_account(&diag), headers);
    else
        follow_redirects(easy, request->url);
    SET(easy, CURLOPT_HTTPHEADER, *headers);
    return easy;
}

void
store_request_close(CURL *easy, struct curl_slist *headers)
{
    curl_easy_cleanup(easy);
    for (struct curl_slist *line = headers; line != NULL; line = line->next)
        OPENSSL_cleanse(line->data, strlen(line->data));
    curl_slist_free_all(headers);
}
