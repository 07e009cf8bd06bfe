#include "store/store_body.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum
{
    FIRST_SIZE = 16 * 1024
};

/* Where only approved algorithms are allowed there is no MD5. */
static EVP_MD_CTX *
begin_md5(void)
{
    EVP_MD_CTX *digest = EVP_MD_CTX_new();

    if (digest == NULL)
        mem_die();
    if (EVP_DigestInit_ex(digest, EVP_md5(), NULL) == 1)
        return digest;
    EVP_MD_CTX_free(digest);
    return NULL;
}

void
store_body_init(StoreBody *body, size_t most)
{
    *body = (StoreBody){.most = most, .digest = begin_md5()};
}

void
store_body_free(StoreBody *body)
{
    EVP_MD_CTX_free(body->digest);
    EVP_MD_CTX_free(body->again);
    free(body->data);
    *body = (StoreBody){0};
}

void
store_body_reset(StoreBody *body)
{
    size_t most = body->most;

    store_body_free(body);
    store_body_init(body, most);
}

bool
store_body_repeat(StoreBody *body)
{
    EVP_MD_CTX_free(body->again);
    body->again = begin_md5();
    body->n_again = 0;
    return body->again != NULL;
}

/* ---- what comes */

static size_t
count_new(const StoreBody *body, size_t n)
{
    uint64_t old = body->again != NULL ? body->n_got - body->n_again : 0;

    return old < n ? n - (size_t)old : 0;
}

bool
store_body_has_room(const StoreBody *body, size_t n)
{
    return store_body_count(body) + count_new(body, n) <= body->most;
}

static void
finish_digest(const EVP_MD_CTX *digest, unsigned char md5[EVP_MAX_MD_SIZE])
{
    EVP_MD_CTX *copy = EVP_MD_CTX_new();

    if (copy == NULL || EVP_MD_CTX_copy_ex(copy, digest) != 1 ||
        EVP_DigestFinal_ex(copy, md5, NULL) != 1)
        mem_die();
    EVP_MD_CTX_free(copy);
}

bool
store_body_has_md5(const StoreBody *body, const unsigned char md5[16])
{
    unsigned char own[EVP_MAX_MD_SIZE];

    if (body->digest == NULL)
        return true;
    finish_digest(body->digest, own);
    return memcmp(own, md5, 16) == 0;
}

static void
add_digest(EVP_MD_CTX *digest, const char *data, size_t n)
{
    if (digest != NULL && EVP_DigestUpdate(digest, data, n) != 1)
        mem_die();
}

/* After the last byte that had come before, the digests are compared. */
static bool
skip_old(StoreBody *body, const char *data, size_t n)
{
    unsigned char md5[EVP_MAX_MD_SIZE];

    add_digest(body->again, data, n);
    body->n_again += n;
    if (body->n_again < body->n_got)
        return true;
    finish_digest(body->again, md5);
    EVP_MD_CTX_free(body->again);
    body->again = NULL;
    return store_body_has_md5(body, md5);
}

static void
make_room(StoreBody *body, size_t n)
{
    size_t count = store_body_count(body);
    size_t capacity = body->capacity > 0 ? body->capacity : FIRST_SIZE;

    if (body->capacity - body->end >= n)
        return;
    if (count > 0)
        memmove(body->data, body->data + body->start, count);
    body->start = 0;
    body->end = count;
    while (capacity - count < n)
        capacity *= 2;
    if (capacity == body->capacity)
        return;
    body->data = mem_resize(body->data, capacity, 1);
    body->capacity = capacity;
}

bool
store_body_add(StoreBody *body, const char *data, size_t n)
{
    size_t n_new = count_new(body, n);

    if (body->again != NULL && !skip_old(body, data, n - n_new))
        return false;
    if (n_new == 0)
        return true;
    data += n - n_new;
    make_room(body, n_new);
    memcpy(body->data + body->end, data, n_new);
    body->end += n_new;
    body->n_got += n_new;
    add_digest(body->digest, data, n_new);
    return true;
}

size_t
store_body_take(StoreBody *body, char *to, size_t room)
{
    size_t n = store_body_count(body);

    if (n > room)
        n = room;
    if (n == 0)
        return 0;
    memcpy(to, body->data + body->start, n);
    body->start += n;
    body->n_taken += n;
    if (body->start == body->end)
        body->start = body->end = 0;
    return n;
}
