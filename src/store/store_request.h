/*
 * What is asked for, and the handle of libcurl that asks. Requests to an object store are
 * signed by libcurl (AWS Signature Version 4), which holds under five rules that differ
 * between versions of libcurl where they are broken: the header x-amz-content-sha256 is
 * given; parameters are sorted and encoded; the path is encoded; it is sent as it is; and
 * no header of libcurl's own is taken out.
 */
#ifndef STORE_STORE_REQUEST_H
#define STORE_STORE_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include <curl/curl.h>

#include "base/diag.h"

typedef struct StoreRequest
{
    char *url;  /* encoded */
    char *name; /* for messages */
    char *etag; /* which the object must have, or NULL */
    bool is_s3; /* signed, not redirected, errors come as XML */
} StoreRequest;

/* A GET of an object; false with diag. */
bool store_request_make(const char *url, const char *etag, StoreRequest *request,
                        Diag *diag) __attribute__((warn_unused_result));
/* A GET of a page of a listing; the token is NULL for the first one. */
bool store_request_make_list(const char *bucket, const char *prefix, const char *token,
                             StoreRequest *request, Diag *diag)
    __attribute__((warn_unused_result));
void store_request_free(StoreRequest *request);

/*
 * A new handle, and the headers, which must live as long as it: for all bytes from the
 * offset on, if the object has the ETag ("": any).
 */
CURL *store_request_open(const StoreRequest *request, const char *etag, uint64_t offset,
                         struct curl_slist **headers);
void store_request_close(CURL *easy, struct curl_slist *headers);

#endif
