#include "store/store_url.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define DIGITS "0123456789"

enum
{
    MAX_BUCKET = 255, /* 63 today; old ones may be longer */
    MAX_LABEL = 63,
    MAX_KEY = 1024
};

static const struct
{
    const char *text;
    StoreUrlKind kind;
} schemes[] = {
    {"s3://", STORE_URL_S3},
    {"http://", STORE_URL_HTTP},
    {"https://", STORE_URL_HTTPS},
};

StoreUrlKind
store_url_find_kind(const char *url)
{
    for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
    {
        if (strncasecmp(url, schemes[i].text, strlen(schemes[i].text)) == 0)
            return schemes[i].kind;
    }
    return STORE_URL_NONE;
}

static const char *
find_rest(const char *url)
{
    return strstr(url, "://") + 3;
}

/* ---- of users */

/* "." and ".." would be taken out of a path. */
static bool
is_bucket(const char *name)
{
    size_t length = strlen(name);

    return length > 0 && length <= MAX_BUCKET &&
           strspn(name, LETTERS DIGITS "-._") == length && strcmp(name, ".") != 0 &&
           strcmp(name, "..") != 0;
}

bool
store_url_split(const char *url, StoreObjectUrl *parts, Diag *diag)
{
    const char *rest = find_rest(url);
    size_t n = strcspn(rest, "/");

    parts->bucket = mem_copy_part(rest, n);
    parts->key = rest[n] == '/' ? rest + n + 1 : rest + n;
    if (!is_bucket(parts->bucket))
    {
        diag_set_message(diag, "invalid bucket name \"%s\" in \"%s\"", parts->bucket,
                         url);
        diag_set_hint(diag, "The form is s3://BUCKET/KEY. Names of buckets consist of "
                            "letters, digits, \".\", \"-\" and \"_\".");
    }
    else if (strlen(parts->key) > MAX_KEY)
        diag_set_message(diag, "the key in \"%s\" is longer than %d bytes", url, MAX_KEY);
    else
        return true;
    free(parts->bucket);
    parts->bucket = NULL;
    return false;
}

/* Spaces and control characters are refused by libcurl as well, in other words. */
bool
store_url_check(const char *url, Diag *diag)
{
    const char *host = find_rest(url);
    size_t n = strcspn(host, "/?#");
    char *name = store_url_make_name(url);
    bool is_good = false;

    if (memchr(host, '@', n) != NULL)
    {
        diag_set_message(diag, "user names and passwords in URLs are not supported: %s",
                         name);
        diag_set_hint(diag, "Arguments can be seen by other users of this computer.");
    }
    else if (n == 0 || host[0] == ':')
        diag_set_message(diag, "the URL \"%s\" has no host", name);
    else
        is_good = true;
    for (const char *c = url; is_good && *c != '\0'; c++)
    {
        is_good = (unsigned char)*c > ' ' && *c != '\x7f';
        if (!is_good)
        {
            diag_set_message(diag,
                             "the URL \"%s\" contains a space or a control character",
                             name);
            diag_set_hint(diag, "Write spaces in URLs as %%20.");
        }
    }
    free(name);
    return is_good;
}

/* Parameters may be what gives access: signed URLs. */
char *
store_url_make_name(const char *url)
{
    const char *host = find_rest(url);
    const char *at;
    size_t n_host = strcspn(host, "/?#");
    size_t n_path;

    if (store_url_find_kind(url) == STORE_URL_S3)
        return mem_copy_string(url);
    at = memrchr(host, '@', n_host);
    n_path = strcspn(host, "?#");
    if (at == NULL)
        return mem_copy_part(url, (size_t)(host - url) + n_path);
    return mem_format("%.*s%.*s", (int)(host - url), url,
                      (int)(n_path - (size_t)(at + 1 - host)), at + 1);
}

/* ---- of requests */

void
store_url_append_encoded(PQExpBuffer out, const char *text, StoreUrlSlash slash)
{
    const char *plain =
        slash == STORE_URL_KEEP_SLASH ? LETTERS DIGITS "-._~/" : LETTERS DIGITS "-._~";

    while (*text != '\0')
    {
        size_t n = strspn(text, plain);

        appendBinaryPQExpBuffer(out, text, n);
        text += n;
        if (*text != '\0')
            appendPQExpBuffer(out, "%%%02X", (unsigned)(unsigned char)*text++);
    }
}

void
store_url_append_parameter(PQExpBuffer out, const char *name, const char *value)
{
    appendPQExpBufferChar(out, strchr(out->data, '?') == NULL ? '?' : '&');
    store_url_append_encoded(out, name, STORE_URL_ENCODE_SLASH);
    appendPQExpBufferChar(out, '=');
    store_url_append_encoded(out, value, STORE_URL_ENCODE_SLASH);
}

/* ---- endpoints */

static bool
reject_endpoint(const char *url, const char *why, Diag *diag)
{
    char *name =
        strstr(url, "://") != NULL ? store_url_make_name(url) : mem_copy_string(url);

    diag_set_message(diag, "invalid endpoint \"%s\" of the object store: %s", name, why);
    diag_set_hint(diag, "An endpoint is a URL like https://s3.example.com:9000.");
    free(name);
    return false;
}

bool
store_url_parse_endpoint(const char *url, StoreEndpoint *endpoint, Diag *diag)
{
    StoreUrlKind kind = store_url_find_kind(url);
    const char *host;
    size_t n_host;
    size_t n_path;

    if (kind != STORE_URL_HTTP && kind != STORE_URL_HTTPS)
        return reject_endpoint(url, "it does not begin with https:// or http://", diag);
    host = find_rest(url);
    n_host = strcspn(host, "/?#");
    if (memchr(host, '@', n_host) != NULL)
        return reject_endpoint(url, "it has a user name or password", diag);
    if (n_host == 0 || strspn(host, LETTERS DIGITS "-._:[]") != n_host)
        return reject_endpoint(url, "the host is missing or invalid", diag);
    n_path = strspn(host + n_host, LETTERS DIGITS "-._~/");
    if (host[n_host + n_path] != '\0')
        return reject_endpoint(url, "its path is invalid", diag);
    while (n_path > 0 && host[n_host + n_path - 1] == '/')
        n_path--;
    endpoint->scheme = mem_copy_part(url, (size_t)(host - url));
    endpoint->host = mem_copy_part(host, n_host);
    endpoint->path = mem_copy_part(host + n_host, n_path);
    endpoint->is_amazon = false;
    return true;
}

void
store_url_make_amazon(const char *region, StoreEndpoint *endpoint)
{
    endpoint->scheme = mem_copy_string("https://");
    endpoint->host = mem_format("s3.%s.amazonaws.com%s", region,
                                strncmp(region, "cn-", 3) == 0 ? ".cn" : "");
    endpoint->path = mem_copy_string("");
    endpoint->is_amazon = true;
}

void
store_url_free_endpoint(StoreEndpoint *endpoint)
{
    free(endpoint->scheme);
    free(endpoint->host);
    free(endpoint->path);
    *endpoint = (StoreEndpoint){0};
}

bool
store_url_is_host_label(const char *bucket)
{
    size_t length = strlen(bucket);

    return length > 0 && length <= MAX_LABEL &&
           strspn(bucket, "abcdefghijklmnopqrstuvwxyz" DIGITS "-") == length &&
           bucket[0] != '-' && bucket[length - 1] != '-';
}

void
store_url_append_bucket(PQExpBuffer out, const StoreEndpoint *endpoint,
                        const char *bucket, bool is_host)
{
    if (is_host)
        appendPQExpBuffer(out, "%s%s.%s%s/", endpoint->scheme, bucket, endpoint->host,
                          endpoint->path);
    else
        appendPQExpBuffer(out, "%s%s%s/%s/", endpoint->scheme, endpoint->host,
                          endpoint->path, bucket);
}
