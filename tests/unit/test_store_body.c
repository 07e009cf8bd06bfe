/* Bytes that come, are taken, come again; the model is an array. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "store/store_body.h"
#include "tap.h"

enum
{
    SIZE = 1000000,
    MOST = 50000
};

static char *bytes;

static unsigned
next_random(void)
{
    static unsigned state = 1;

    state = state * 1103515245 + 12345;
    return state >> 16;
}

static void
get_md5(const char *data, size_t n, unsigned char md5[16])
{
    (void)EVP_Digest(data, n, md5, NULL, EVP_md5(), NULL);
}

/* Adds and takes pieces of random lengths; the connection may break off n times. */
static void
check_stream(int n_breaks)
{
    StoreBody body;
    char *taken = mem_alloc(SIZE);
    size_t n_sent = 0;
    size_t n_taken = 0;
    size_t n_most = 0;
    bool is_same = true;
    unsigned char md5[16];

    store_body_init(&body, MOST);
    while (n_taken < SIZE && is_same)
    {
        size_t n = next_random() % 16384 + 1;

        if (n > SIZE - n_sent)
            n = SIZE - n_sent;
        if (n > 0 && store_body_has_room(&body, n))
        {
            is_same = store_body_add(&body, bytes + n_sent, n);
            n_sent += n;
        }
        else
            n_taken += store_body_take(&body, taken + n_taken, next_random() % 40000);
        if (store_body_count(&body) > n_most)
            n_most = store_body_count(&body);
        if (n_breaks > 0 && n_taken > 0 && next_random() % 20 == 0)
        {
            n_breaks--;
            n_sent = 0;
            is_same = store_body_repeat(&body);
        }
    }
    ok(is_same, "what comes again is the same");
    is_int(n_breaks, 0, "it broke off as often as it should");
    ok(memcmp(taken, bytes, SIZE) == 0, "the bytes that were taken");
    is_int((intmax_t)body.n_got, SIZE, "the number of those that came");
    ok(n_most <= MOST, "never more than fit: %zu", n_most);
    get_md5(bytes, SIZE, md5);
    ok(store_body_has_md5(&body, md5), "their sum");
    md5[0] ^= 1;
    ok(!store_body_has_md5(&body, md5), "and no other");
    store_body_free(&body);
    free(taken);
}

/* The byte at this place is another one when it comes again, in pieces of n bytes. */
static void
check_changed(size_t place, size_t n)
{
    StoreBody body;
    char *changed = mem_alloc(1000);
    bool is_same = true;

    memcpy(changed, bytes, 1000);
    changed[place] = (char)(changed[place] ^ 1);
    store_body_init(&body, MOST);
    (void)store_body_add(&body, bytes, 500);
    is_same = store_body_repeat(&body);
    for (size_t at = 0; at < 1000 && is_same; at += n)
        is_same = store_body_add(&body, changed + at, n);
    ok(is_same == (place >= 500), "byte %zu, in pieces of %zu", place, n);
    store_body_free(&body);
    free(changed);
}

static void
test_reset(void)
{
    StoreBody body;
    char text[10];
    unsigned char md5[16];

    store_body_init(&body, MOST);
    (void)store_body_add(&body, "abc", 3);
    store_body_reset(&body);
    is_int((intmax_t)store_body_count(&body), 0, "it is empty");
    get_md5("", 0, md5);
    ok(store_body_has_md5(&body, md5), "with the sum of nothing");
    (void)store_body_add(&body, "def", 3);
    is_int((intmax_t)store_body_take(&body, text, sizeof(text)), 3, "and takes more");
    ok(memcmp(text, "def", 3) == 0, "of the new bytes");
    store_body_free(&body);
}

int
main(void)
{
    bytes = mem_alloc(SIZE);
    for (size_t i = 0; i < SIZE; i++)
        bytes[i] = (char)next_random();
    check_stream(0);
    check_stream(1);
    check_stream(9);
    for (size_t n = 50; n <= 1000; n *= 2)
    {
        if (1000 % n != 0)
            continue;
        check_changed(0, n);
        check_changed(499, n);
        check_changed(500, n);
    }
    check_changed(250, 500);
    check_changed(999, 1000);
    test_reset();
    free(bytes);
    return done_testing();
}
