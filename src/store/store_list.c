/*
 * Lists objects, page by page. A page is parsed when all of it is there, so that a broken
 * one can be asked for again. Nothing that a server answers can make this go on without
 * end: keys ascend over all pages, and pages without any are limited.
 */
#include "store/store.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "store/store_request.h"
#include "store/store_transfer.h"
#include "store/store_url.h"
#include "store/store_xml.h"

enum
{
    MAX_PAGE = 16 * 1024 * 1024, /* 1000 keys of 1024 bytes, encoded, are 3 MB */
    MAX_EMPTY_PAGES = 100,       /* one after the other */
    CHUNK = 64 * 1024
};

typedef struct Listing
{
    const char *url;
    char *bucket;
    char *prefix;
    StoreListFunction found;
    void *context;
    char *token;    /* of the next page; NULL at first */
    char *last_key; /* or NULL */
    int n_empty;    /* pages, since one was not */
    bool has_more;
} Listing;

static bool
fail_listing(const Listing *listing, const char *problem, Diag *diag)
{
    diag_set_message(diag, "could not read the list of %s: %s", listing->url, problem);
    return false;
}

/* ---- pages */

static bool
read_transfer(const Listing *listing, StoreTransfer *transfer, PQExpBuffer page,
              Diag *diag)
{
    char *chunk = mem_alloc(CHUNK);
    size_t n_read = 1;
    bool is_good = true;

    while (is_good && n_read > 0)
    {
        is_good = store_transfer_read(transfer, chunk, CHUNK, &n_read, diag);
        if (is_good && page->len + n_read > MAX_PAGE)
            is_good = fail_listing(listing, "a page of the listing is too long", diag);
        if (is_good)
            appendBinaryPQExpBuffer(page, chunk, n_read);
    }
    free(chunk);
    return is_good;
}

static bool
read_page(const Listing *listing, PQExpBuffer page, Diag *diag)
{
    StoreRequest request;
    StoreTransfer *transfer;
    bool is_good;

    if (!store_request_make_list(listing->bucket, listing->prefix, listing->token,
                                 &request, diag))
        return false;
    transfer = store_transfer_begin(&request, MAX_PAGE);
    is_good = read_transfer(listing, transfer, page, diag);
    store_transfer_end(transfer);
    return is_good;
}

/* ---- what they say */

static bool
is_folder(const StoreObject *object)
{
    return object->size == 0 && object->key[strlen(object->key) - 1] == '/';
}

static bool
take_object(Listing *listing, const StoreObject *object, Diag *diag)
{
    if (strncmp(object->key, listing->prefix, strlen(listing->prefix)) != 0)
        return fail_listing(listing, "the object store listed another folder", diag);
    if (listing->last_key != NULL && strcmp(listing->last_key, object->key) >= 0)
    {
        diag_set_detail(diag, "\"%s\" comes after \"%s\".", object->key,
                        listing->last_key);
        return fail_listing(
            listing, "the object store does not list keys in the order of their bytes",
            diag);
    }
    free(listing->last_key);
    listing->last_key = mem_copy_string(object->key);
    return is_folder(object) || listing->found(listing->context, object, diag);
}

static bool
take_token(Listing *listing, const StoreDocument *document, Diag *diag)
{
    listing->has_more = document->is_truncated;
    if (!listing->has_more)
        return true;
    listing->n_empty = document->n_objects == 0 ? listing->n_empty + 1 : 0;
    if (*document->token == '\0')
        return fail_listing(listing, "a page names no page after it", diag);
    if (listing->token != NULL && strcmp(listing->token, document->token) == 0)
        return fail_listing(listing, "a page names itself as the page after it", diag);
    if (listing->n_empty > MAX_EMPTY_PAGES)
        return fail_listing(listing, "there are too many empty pages", diag);
    free(listing->token);
    listing->token = mem_copy_string(document->token);
    return true;
}

static bool
take_document(Listing *listing, const StoreDocument *document, Diag *diag)
{
    for (size_t i = 0; i < document->n_objects; i++)
    {
        if (!take_object(listing, &document->objects[i], diag))
            return false;
    }
    return take_token(listing, document, diag);
}

static bool
parse_page(Listing *listing, const PQExpBufferData *page, Diag *diag)
{
    Arena *arena = arena_new();
    StoreDocument document;
    const char *problem = store_xml_parse(page->data, page->len, arena, &document);
    bool is_good = false;

    if (problem == NULL && document.is_error)
        problem = "is an error";
    if (problem == NULL)
        is_good = take_document(listing, &document, diag);
    else
        diag_set_message(
            diag, "could not read the list of %s: the answer of the object store %s",
            listing->url, problem);
    arena_free(arena);
    return is_good;
}

static bool
list_page(Listing *listing, Diag *diag)
{
    PQExpBufferData page;
    bool is_good;

    initPQExpBuffer(&page);
    is_good = read_page(listing, &page, diag) && parse_page(listing, &page, diag);
    termPQExpBuffer(&page);
    return is_good;
}

/* ---- all of them */

/* "a/b" has "a/b/c" below it, and not "a/bc". */
static char *
make_prefix(const char *key)
{
    size_t length = strlen(key);

    return mem_format("%s%s", key, length > 0 && key[length - 1] != '/' ? "/" : "");
}

bool
store_list(const char *url, StoreListFunction found, void *context, Diag *diag)
{
    Listing listing = {.url = url, .found = found, .context = context};
    StoreObjectUrl parts;
    bool is_good;

    if (store_url_find_kind(url) != STORE_URL_S3)
    {
        char *name = store_url_make_name(url);

        diag_set_message(diag, "could not list %s: it is no s3:// URL", name);
        free(name);
        return false;
    }
    if (!store_url_split(url, &parts, diag))
        return false;
    listing.bucket = parts.bucket;
    listing.prefix = make_prefix(parts.key);
    do
        is_good = list_page(&listing, diag);
    while (is_good && listing.has_more);
    free(listing.bucket);
    free(listing.prefix);
    free(listing.token);
    free(listing.last_key);
    return is_good;
}
