#include "base/bigsort.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/bigmem.h"

#include "tap.h"

typedef struct Item
{
    uint64_t key;
    uint64_t place; /* in the array as it was */
} Item;

static int
compare_items(const void *one, const void *other)
{
    const Item *a = one;
    const Item *b = other;

    return (a->key > b->key) - (a->key < b->key);
}

static int
compare_backwards(const void *one, const void *other, void *context)
{
    ++*(size_t *)context;
    return compare_items(other, one);
}

/* n_keys different keys, in no order. */
static Item *
make_items(size_t n, uint64_t n_keys)
{
    Item *items = bigmem_alloc((n + 1) * sizeof(*items));
    uint64_t state = 42;

    for (size_t i = 0; i < n; i++)
    {
        state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        items[i] = (Item){.key = (state >> 33) % n_keys, .place = i};
    }
    return items;
}

/* Is it in order, and has it each item once? */
static bool
is_sorted(const Item *items, size_t n, bool is_backwards)
{
    unsigned char *is_seen = bigmem_alloc(n + 1);
    bool is_good = true;

    for (size_t i = 0; i < n; i++)
    {
        is_good = is_good && items[i].place < n && is_seen[items[i].place]++ == 0;
        if (i > 0)
            is_good = is_good && (is_backwards ? items[i - 1].key >= items[i].key
                                               : items[i - 1].key <= items[i].key);
    }
    bigmem_free(is_seen);
    return is_good;
}

static void
check_size(size_t n, uint64_t n_keys)
{
    Item *items = make_items(n, n_keys);
    size_t n_calls = 0;

    bigsort(items, n, sizeof(*items));
    ok(is_sorted(items, n, false), "%zu items are sorted", n);
    bigsort_with(items, n, sizeof(*items), compare_backwards, &n_calls);
    ok(is_sorted(items, n, true), "%zu items are sorted backwards", n);
    ok(n < 2 || n_calls > 0, "with the context");
    bigmem_free(items);
}

int
main(void)
{
    /* 524,288 items are a part: none, one, several, an odd number of them */
    static const size_t sizes[] = {0,      1,       2,       1000,   524288,
                                   524289, 1048576, 1600000, 2700001};

    bigmem_set_limit(8 * 1024 * 1024); /* larger ones are in the file */
    for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++)
        check_size(sizes[i], i % 2 == 0 ? UINT64_C(1) << 31 : 7);
    return done_testing();
}
