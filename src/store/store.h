/*
 * Objects of a store that speaks the protocol of Amazon S3, and files of HTTP servers,
 * as streams of bytes. This room knows what an object is, and not what is in it.
 *
 *     store_list      store_fetch ------ store_window     what will be opened
 *         |                |                  |
 *         +---------- store_transfer ---------+     one object: attempts and checks
 *                          |
 *     store_multi    store_request    store_receive    store_error    one attempt
 *                          |            |      |           |
 *                     store_url    store_body  store_answer  store_xml
 *
 * A URL is one of
 *
 *     s3://BUCKET/KEY    the key as it is: nothing in it is decoded, "%20" is three
 *                        characters, and "?", "#", "//" and ".." have no meaning
 *     https://, http://  what these mean anywhere; no credentials are sent to them, and
 *                        those in the URL (user:password@) are refused
 *
 * There is one process and no thread: bytes arrive only while one of these functions runs
 * (and in the buffers of the kernel). What is taken in for one object is at most 256 kB.
 *
 * A function that fails sets the diag. While one waits, a signal ends the program
 * (base/signals.h). Nothing here is printed but what is tried again, with -v. Names in
 * messages are those of store_make_name(), which has no secret in it.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/diag.h"

/* How a bucket is addressed. */
typedef enum StoreStyle
{
    STORE_STYLE_DEFAULT, /* as host at Amazon unless it has a dot; else in the path */
    STORE_STYLE_PATH,    /* https://endpoint/bucket/key */
    STORE_STYLE_HOST     /* https://bucket.endpoint/key */
} StoreStyle;

typedef struct StoreSettings
{
    const char *endpoint; /* or NULL: AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, Amazon's */
    const char *region;   /* or NULL: AWS_REGION, AWS_DEFAULT_REGION, us-east-1 */
    StoreStyle style;
    bool is_anonymous;   /* nothing is signed, no credentials are needed */
    int n_retries;       /* of one object without progress between them */
    int connect_timeout; /* seconds */
    int read_timeout;    /* seconds in which less than 1 kB arrives */
    size_t window;       /* objects that are fetched ahead, at most */
} StoreSettings;

#define STORE_DEFAULT_SETTINGS                                                           \
    {                                                                                    \
        .n_retries = 5, .connect_timeout = 10, .read_timeout = 30, .window = 16          \
    }

typedef struct StoreFetch StoreFetch;

/* Does the text begin with s3://, https:// or http://? It may be unusable, though. */
bool store_is_url(const char *text);

/*
 * Sets what is not set in the environment; without a call the defaults hold. The strings
 * must live on. Credentials are AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and
 * AWS_SESSION_TOKEN, certificates AWS_CA_BUNDLE; proxies are those of libcurl.
 */
void store_configure(const StoreSettings *settings);

/* Can the URL be asked for: its form, settings, credentials? No request is made. */
bool store_check(const char *url, Diag *diag) __attribute__((warn_unused_result));

/* The URL for messages, without the parameters of https:// URLs; owned by the caller. */
char *store_make_name(const char *url);

/* An object of a listing. The strings live until the function returns. */
typedef struct StoreObject
{
    const char *key; /* all of it, raw: "s3://BUCKET/" before it makes the URL */
    uint64_t size;
    const char *etag; /* with its quotes, or "" */
} StoreObject;

/* False ends the listing, with diag. */
typedef bool (*StoreListFunction)(void *context, const StoreObject *object, Diag *diag);

/*
 * Calls the function for each object whose key begins with that of the URL and a slash
 * (or any object, for s3://BUCKET), in ascending order of the bytes of keys. Left out are
 * empty objects whose keys end with a slash: other programs make them as folders.
 */
bool store_list(const char *url, StoreListFunction found, void *context, Diag *diag)
    __attribute__((warn_unused_result));

/*
 * Opens an object; with an ETag, as listed, only if it still has that one ("" or NULL:
 * with any). Errors that can be known before the first byte are reported here. NULL with
 * diag.
 */
StoreFetch *store_fetch_open(const char *url, const char *etag, Diag *diag)
    __attribute__((warn_unused_result));

/*
 * Reads up to room bytes. Those of an object of up to 256 kB have been verified; at the
 * end of any object (n_read is 0) length and, where it is one, the MD5 sum in the ETag
 * are those of what was read. What broke off is resumed; if the object is another one by
 * then, that is an error.
 */
bool store_fetch_read(StoreFetch *fetch, char *to, size_t room, size_t *n_read,
                      Diag *diag) __attribute__((warn_unused_result));

/* NULL is accepted. */
void store_fetch_close(StoreFetch *fetch);

/*
 * Begins to fetch an object that will be opened soon, with the same arguments. False: not
 * now; as many as the settings allow are being fetched, and it can be tried again when
 * one of them was opened. What is wrong is reported by store_fetch_open(). What is not
 * opened for long is forgotten.
 */
bool store_expect(const char *url, const char *etag);

/*
 * Closes all connections. To be called before fork(): afterwards both processes can go
 * on, also with fetches that are open, over connections of their own.
 */
void store_end(void);

#endif
