/*
 * Pairs as the proofs of masks use them, few and many, against what is counted otherwise:
 * each pair is visited once, with the same pair for all of a key, and memory that was
 * given back serves others.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "sample/masked/mask_pairs.h"
#include "tap.h"

enum
{
    MOST_KEYS = 200000
};

typedef struct Visits
{
    uint64_t n;
    uint64_t n_first;       /* pairs that are the first of their key */
    uint64_t n_wrong;       /* with a pair of another key */
    uint64_t n_alone;       /* with none */
    const MaskPair **first; /* by key */
    MaskPairs *turned;
} Visits;

/* Different for each number, in all parts. */
static uint64_t
make_key(uint64_t number)
{
    return number * UINT64_C(0x9e3779b97f4a7c15);
}

static uint64_t
get_number(uint64_t key)
{
    return key * UINT64_C(0xf1de83e19937733d); /* the inverse modulo 2^64 */
}

static void
visit_pair(void *context, const MaskPair *pair, const MaskPair *first)
{
    Visits *visits = context;
    uint64_t number = get_number(pair->key);

    visits->n++;
    if (first == NULL)
    {
        visits->n_alone++;
        return;
    }
    visits->n_first += pair == first;
    visits->n_wrong += first->key != pair->key || number >= MOST_KEYS;
    if (number < MOST_KEYS && visits->first[number] == NULL)
        visits->first[number] = first;
    if (number < MOST_KEYS)
        visits->n_wrong += visits->first[number] != first;
    if (pair == first && visits->turned != NULL)
        mask_pairs_add(visits->turned, pair->value, pair->key);
}

static Visits
begin_visits(void)
{
    return (Visits){.first = mem_alloc_zero(MOST_KEYS, sizeof(const MaskPair *))};
}

/* So many keys, each so often; the turned pairs again have each value as a key once. */
static void
check_group(MaskPairPool *pool, uint64_t n_keys, uint64_t n_times)
{
    MaskPairs *pairs = mask_pairs_new(pool);
    Visits visits = begin_visits();
    Visits turned = begin_visits();

    for (uint64_t i = 0; i < n_keys * n_times; i++)
    {
        uint64_t number = i % n_keys;

        mask_pairs_add(pairs, make_key(number), make_key((number + 1) % n_keys));
    }
    visits.turned = mask_pairs_new(pool);
    mask_pairs_group(pairs, visit_pair, &visits);
    mask_pairs_group(visits.turned, visit_pair, &turned);
    is_int((intmax_t)visits.n, (intmax_t)(n_keys * n_times), "%d keys, %d times: all",
           (int)n_keys, (int)n_times);
    is_int((intmax_t)visits.n_first, (intmax_t)n_keys, "each key has one first pair");
    is_int((intmax_t)visits.n_wrong, 0, "which all of the key have");
    is_int((intmax_t)turned.n, (intmax_t)n_keys, "what is added meanwhile is there");
    is_int((intmax_t)turned.n_first, (intmax_t)n_keys, "under other keys");
    is_int((intmax_t)turned.n_wrong, 0, "for these alone");
    mask_pairs_free(visits.turned);
    mask_pairs_free(pairs);
    free(visits.first);
    free(turned.first);
}

/* References to all keys, some before their rows; every third key has none. */
static void
check_join(MaskPairPool *pool, uint64_t n_keys)
{
    MaskPairs *pairs = mask_pairs_new(pool);
    Visits visits = begin_visits();

    for (uint64_t i = 0; i < n_keys; i++)
    {
        if (i % 2 == 0)
            mask_pairs_add(pairs, make_key(i), 1 + i % 4);
        if (i % 3 != 0)
            mask_pairs_add(pairs, make_key(i), 0);
        if (i % 2 != 0)
            mask_pairs_add(pairs, make_key(i), 1 + i % 4);
    }
    mask_pairs_join(pairs, visit_pair, &visits);
    is_int((intmax_t)visits.n, (intmax_t)n_keys, "%d references: each is joined",
           (int)n_keys);
    is_int((intmax_t)visits.n_alone, (intmax_t)((n_keys + 2) / 3), "some find no row");
    is_int((intmax_t)visits.n_wrong, 0, "and the others theirs");
    is_int((intmax_t)visits.n_first, 0, "which is no reference");
    mask_pairs_free(pairs);
    free(visits.first);
}

int
main(void)
{
    static const uint64_t numbers[] = {0, 1, 254, 255, 256, 5000, 65536, MOST_KEYS};
    MaskPairPool *pool = mask_pairs_new_pool();

    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
    {
        check_group(pool, numbers[i], 1);
        check_group(pool, numbers[i], 3);
        check_join(pool, numbers[i]);
    }
    mask_pairs_free_pool(pool);
    return done_testing();
}
