/*
 * URLs: what is in those of users, and how those of requests are written.
 *
 * In requests to an object store each byte but A-Z a-z 0-9 - . _ ~ is encoded as %XX, in
 * upper case, and so are slashes in parameters: exactly what is signed (AWS Signature
 * Version 4, "UriEncode"), so that libcurl has nothing to normalise. Parameters stand in
 * the order of their names, and each has its "=".
 *
 * Pure: no server, no output.
 */
#ifndef STORE_STORE_URL_H
#define STORE_STORE_URL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/diag.h"
#include "base/strbuf.h"

typedef enum StoreUrlKind
{
    STORE_URL_NONE,
    STORE_URL_S3,
    STORE_URL_HTTP,
    STORE_URL_HTTPS
} StoreUrlKind;

StoreUrlKind store_url_find_kind(const char *url);

/* A URL of the kind S3, taken apart. */
typedef struct StoreObjectUrl
{
    char *bucket;    /* owned */
    const char *key; /* in the URL; "" if there is none */
} StoreObjectUrl;

bool store_url_split(const char *url, StoreObjectUrl *parts, Diag *diag)
    __attribute__((warn_unused_result));

/* Checks one of the kinds HTTP and HTTPS. */
bool store_url_check(const char *url, Diag *diag) __attribute__((warn_unused_result));

/* Owned by the caller; without user, password, parameters and fragment, but in S3. */
char *store_url_make_name(const char *url);

typedef enum StoreUrlSlash
{
    STORE_URL_KEEP_SLASH,  /* of a path */
    STORE_URL_ENCODE_SLASH /* of a parameter */
} StoreUrlSlash;

void store_url_append_encoded(PQExpBuffer out, const char *text, StoreUrlSlash slash);

/* With "?" or "&" before it. Parameters must be appended in the order of their names. */
void store_url_append_parameter(PQExpBuffer out, const char *name, const char *value);

/* Where an object store is. */
typedef struct StoreEndpoint
{
    char *scheme;   /* "https://" */
    char *host;     /* with the port, if there is one */
    char *path;     /* before the bucket: empty, or begins with a slash, ends with none */
    bool is_amazon; /* made by store_url_make_amazon() */
} StoreEndpoint;

/* Takes a URL apart; the strings are owned by the endpoint. */
bool store_url_parse_endpoint(const char *url, StoreEndpoint *endpoint, Diag *diag)
    __attribute__((warn_unused_result));
void store_url_make_amazon(const char *region, StoreEndpoint *endpoint);
void store_url_free_endpoint(StoreEndpoint *endpoint);

/* Can the bucket be part of a host name, under a certificate for *.HOST? */
bool store_url_is_host_label(const char *bucket);

/* The URL up to the slash before the key. */
void store_url_append_bucket(PQExpBuffer out, const StoreEndpoint *endpoint,
                             const char *bucket, bool is_host);

#endif
