#include "model/keyset.h"

#include <malloc.h>
#include <stdio.h>
#include <string.h>

#include "model/idset.h"
#include "model/keyqueue.h"
#include "tap.h"

enum
{
    MANY = 200000
};

/* Bytes that are allocated. */
static size_t
count_memory(void)
{
    struct mallinfo2 info = mallinfo2();

    return info.uordblks + info.hblkhd;
}

/* Writes the i-th test key, short or long, and returns its length. */
static size_t
make_key(char *key, size_t size, size_t i)
{
    if (i % 3 == 0)
        return (size_t)snprintf(key, size, "%zu", i);
    if (i % 3 == 1)
        return (size_t)snprintf(key, size, "%zu\t%zu", i % 100, i);
    return (size_t)snprintf(key, size, "a longer key, as of a uuid: %040zu", i);
}

static void
check_basics(void)
{
    KeySet *set = keyset_new();
    unsigned old_flags = 77;
    size_t length = 77;

    is_int((intmax_t)keyset_find(set, "a", 1), (intmax_t)KEYSET_NONE, "empty at first");
    is_int((intmax_t)keyset_add(set, "a", 1, KEY_WANTED, &old_flags), 0, "the first key");
    is_int(old_flags, 0, "it is new");
    is_int((intmax_t)keyset_add(set, "", 0, KEY_HAVE, &old_flags), 1, "an empty key");
    is_int((intmax_t)keyset_add(set, "a\0b", 3, KEY_HAVE, NULL), 2, "a zero byte in it");
    is_int((intmax_t)keyset_add(set, "a\0c", 3, KEY_HAVE, NULL), 3, "another one");
    is_int((intmax_t)keyset_add(set, "a", 1, KEY_HAVE, &old_flags), 0, "again the first");
    is_int(old_flags, KEY_WANTED, "the flags it had");
    is_int(keyset_get_flags(set, 0), KEY_WANTED | KEY_HAVE, "flags are added");
    is_int((intmax_t)keyset_find(set, "a\0c", 3), 3, "a key is found");
    is_int((intmax_t)keyset_find(set, "b", 1), (intmax_t)KEYSET_NONE, "another is not");
    ok(memcmp(keyset_get(set, 2, &length), "a\0b", 3) == 0 && length == 3,
       "a key by its index");
    keyset_get(set, 1, &length);
    is_int((intmax_t)length, 0, "the empty key by its index");
    is_int((intmax_t)keyset_count(set), 4, "keys are counted");
    keyset_free(set);
    keyset_free(NULL);
}

/* Keys on both sides of the length that is stored in a different way. */
static void
check_lengths(void)
{
    KeySet *set = keyset_new();
    char key[300];
    size_t n_wrong = 0;

    memset(key, 'k', sizeof(key));
    for (size_t length = 0; length <= sizeof(key); length++)
        n_wrong += keyset_add(set, key, length, KEY_WANTED, NULL) != length;
    for (size_t i = 0; i <= sizeof(key); i++)
    {
        size_t length;
        const char *found = keyset_get(set, i, &length);

        n_wrong += length != i || memcmp(found, key, length) != 0;
        n_wrong += keyset_find(set, key, i) != i;
    }
    is_int((intmax_t)n_wrong, 0, "keys of any length");
    keyset_free(set);
}

static void
check_many(void)
{
    size_t n_before = count_memory();
    KeySet *set = keyset_new();
    char key[100];
    size_t n_wrong = 0;
    const char *first;
    size_t length;

    keyset_add(set, "0", 1, KEY_WANTED, NULL);
    first = keyset_get(set, 0, &length);
    for (size_t i = 0; i < MANY; i++)
        n_wrong += keyset_add(set, key, make_key(key, sizeof(key), i), 1, NULL) != i;
    is_int((intmax_t)n_wrong, 0, "keys are numbered in the order of adding");
    ok(keyset_get(set, 0, &length) == first, "keys do not move");
    for (size_t i = 0; i < MANY; i++)
    {
        const char *found = keyset_get(set, i, &length);

        n_wrong += make_key(key, sizeof(key), i) != length ||
                   memcmp(found, key, length) != 0 || keyset_find(set, key, length) != i;
        n_wrong += keyset_find(set, key, length - 1) == i;
    }
    is_int((intmax_t)n_wrong, 0, "all are found");
    is_int((intmax_t)keyset_count(set), MANY, "each is there once");
    ok(count_memory() - n_before < (size_t)MANY * (50 + 68 / 3), "they are kept lean");
    keyset_free(set);
}

/* What the queue has given back. */
typedef struct Taken
{
    size_t n;
    size_t n_wrong;
} Taken;

static void
take(void *context, const QueuedKey *queued, const char *key)
{
    Taken *taken = context;
    char expected[100];
    size_t length = make_key(expected, sizeof(expected), taken->n);

    taken->n_wrong += queued->number != (int)taken->n || queued->length != length ||
                      memcmp(key, expected, length) != 0;
    keyset_add(queued->set, key, queued->length, KEY_HAVE, NULL);
    taken->n++;
}

static void
check_queue(void)
{
    KeySet *set = keyset_new();
    Taken taken = {0};
    KeyQueue *queue = keyqueue_new(take, &taken);
    char key[100];

    keyqueue_flush(queue);
    is_int((intmax_t)taken.n, 0, "nothing waits at first");
    for (size_t i = 0; i < MANY; i++)
        keyqueue_push(queue, set, (int)i, key, make_key(key, sizeof(key), i));
    ok(taken.n < MANY, "some keys still wait");
    keyqueue_flush(queue);
    is_int((intmax_t)taken.n, MANY, "all are taken when it is flushed");
    is_int((intmax_t)taken.n_wrong, 0, "in the order in which they were pushed");
    is_int((intmax_t)keyset_count(set), MANY, "each of them");
    keyqueue_flush(queue);
    is_int((intmax_t)taken.n, MANY, "and once");
    keyqueue_free(queue);
    keyqueue_free(NULL);
    keyset_free(set);
}

static void
check_ids(void)
{
    size_t n_before = count_memory();
    IdSet *set = idset_new();
    size_t n_wrong = 0;

    ok(!idset_contains(set, 0) && !idset_contains(set, 5), "empty at first");
    ok(idset_add(set, 0) && !idset_add(set, 0), "0 is added once");
    ok(idset_contains(set, 0) && !idset_contains(set, 1), "and found");
    ok(idset_add(set, UINT64_MAX) && idset_contains(set, UINT64_MAX), "the highest");
    for (uint64_t i = 1; i < MANY; i++)
        n_wrong +=
            !idset_add(set, i << 16 | (i & 3)) || idset_add(set, i << 16 | (i & 3));
    for (uint64_t i = 1; i < MANY; i++)
        n_wrong +=
            !idset_contains(set, i << 16 | (i & 3)) || idset_contains(set, i << 16 | 4);
    is_int((intmax_t)n_wrong, 0, "many ids are found");
    is_int((intmax_t)idset_count(set), MANY + 1, "and counted");
    ok(count_memory() - n_before < (size_t)MANY * 22, "they are kept lean");
    idset_free(set);
    idset_free(NULL);
}

int
main(void)
{
    check_basics();
    check_lengths();
    check_many();
    check_queue();
    check_ids();
    return done_testing();
}
