#include "sample/masked/leak_set.h"

#include <stdlib.h>

#include "base/bigmem.h"
#include "base/mem.h"

enum
{
    MIN_BITS = 10,
    BLOOM_BITS_PER_VALUE = 8,
    ADDED_AT_ONCE = 64,
    MAX_NUMBER = 0xffff /* further columns share it */
};

/* One word of 64 bits for a value, in which two bits are set. */
typedef struct Bloom
{
    uint64_t *words;
    uint64_t mask;
} Bloom;

typedef struct LeakValue
{
    uint64_t hash;
    uint64_t first;
    int column;
} LeakValue;

struct LeakSet
{
    LeakValue waiting[ADDED_AT_ONCE]; /* so that memory is fetched for all of them */
    size_t n_waiting;
    bool is_full;
    uint64_t *hashes;  /* by slot; 0: free */
    uint16_t *columns; /* by slot */
    unsigned bits;     /* there are 2^bits slots */
    size_t n;
    uint64_t *firsts; /* first words of values that have several */
    size_t n_firsts;
    size_t capacity_firsts;
    Bloom values;
    Bloom beginnings;
};

static size_t
count_leak_slots(const LeakSet *set)
{
    return (size_t)1 << set->bits;
}

static void
allocate_slots(LeakSet *set, unsigned bits)
{
    set->bits = bits;
    set->hashes = bigmem_alloc(count_leak_slots(set) * sizeof(*set->hashes));
    set->columns = bigmem_alloc(count_leak_slots(set) * sizeof(*set->columns));
}

LeakSet *
leak_set_new(void)
{
    LeakSet *set = mem_alloc_zero(1, sizeof(*set));

    allocate_slots(set, MIN_BITS);
    return set;
}

void
leak_set_free(LeakSet *set)
{
    if (set == NULL)
        return;
    bigmem_free(set->hashes);
    bigmem_free(set->columns);
    bigmem_free(set->firsts);
    bigmem_free(set->values.words);
    bigmem_free(set->beginnings.words);
    free(set);
}

/* Zero is for free slots. */
static uint64_t
avoid_zero(uint64_t hash)
{
    return hash != 0 ? hash : 1;
}

/* The slot with the hash, or the free one where it belongs. */
static size_t
find_leak_slot(const LeakSet *set, uint64_t hash)
{
    size_t mask = count_leak_slots(set) - 1;
    size_t at = hash & mask;

    while (set->hashes[at] != 0 && set->hashes[at] != hash)
        at = (at + 1) & mask;
    return at;
}

static void
grow_leak_slots(LeakSet *set)
{
    uint64_t *old_hashes = set->hashes;
    uint16_t *old_columns = set->columns;
    size_t n_old = count_leak_slots(set);

    allocate_slots(set, set->bits + 1);
    for (size_t i = 0; i < n_old; i++)
    {
        size_t at;

        if (old_hashes[i] == 0)
            continue;
        at = find_leak_slot(set, old_hashes[i]);
        set->hashes[at] = old_hashes[i];
        set->columns[at] = old_columns[i];
    }
    bigmem_free(old_hashes);
    bigmem_free(old_columns);
}

static void
add_leak_value(LeakSet *set, const LeakValue *value)
{
    size_t at = find_leak_slot(set, value->hash);

    if (set->hashes[at] != 0)
        return;
    if (set->n == LEAK_SET_MAX_VALUES)
    {
        set->is_full = true;
        return;
    }
    set->hashes[at] = value->hash;
    set->columns[at] = (uint16_t)value->column;
    if (value->first != value->hash)
    {
        BIGMEM_GROW(set->firsts, set->capacity_firsts, set->n_firsts);
        set->firsts[set->n_firsts++] = value->first;
    }
    if (++set->n > count_leak_slots(set) / 4 * 3)
        grow_leak_slots(set);
}

static void
add_waiting(LeakSet *set)
{
    size_t mask = count_leak_slots(set) - 1;

    for (size_t i = 0; i < set->n_waiting; i++)
    {
        __builtin_prefetch(&set->hashes[set->waiting[i].hash & mask], 1);
        __builtin_prefetch(&set->columns[set->waiting[i].hash & mask], 1);
    }
    for (size_t i = 0; i < set->n_waiting; i++)
        add_leak_value(set, &set->waiting[i]);
    set->n_waiting = 0;
}

void
leak_set_add(LeakSet *set, uint64_t hash, uint64_t first, int column)
{
    set->waiting[set->n_waiting++] =
        (LeakValue){.hash = avoid_zero(hash),
                    .first = avoid_zero(first),
                    .column = column < MAX_NUMBER ? column : MAX_NUMBER};
    if (set->n_waiting == ADDED_AT_ONCE)
        add_waiting(set);
}

bool
leak_set_is_full(const LeakSet *set)
{
    return set->is_full;
}

/* The two bits of a hash in its word. */
static uint64_t
get_bloom_bits(uint64_t hash)
{
    return UINT64_C(1) << (hash >> 58) | UINT64_C(1) << (hash >> 52 & 63);
}

static void
make_bloom(Bloom *bloom, size_t n)
{
    size_t n_words = 64;

    while (n_words * 64 < n * BLOOM_BITS_PER_VALUE)
        n_words *= 2;
    bloom->words = bigmem_alloc(n_words * sizeof(*bloom->words));
    bloom->mask = n_words - 1;
}

/* The word is chosen by other bits of the hash than the slot of the table. */
static uint64_t *
get_bloom_word(const Bloom *bloom, uint64_t hash)
{
    return &bloom->words[hash >> 20 & bloom->mask];
}

static bool
is_in_bloom(const Bloom *bloom, uint64_t hash)
{
    uint64_t bits = get_bloom_bits(hash);

    return (*get_bloom_word(bloom, hash) & bits) == bits;
}

void
leak_set_seal(LeakSet *set)
{
    add_waiting(set);
    make_bloom(&set->values, set->n);
    make_bloom(&set->beginnings, set->n_firsts);
    for (size_t i = 0; i < count_leak_slots(set); i++)
    {
        uint64_t hash = set->hashes[i];

        if (hash != 0)
            *get_bloom_word(&set->values, hash) |= get_bloom_bits(hash);
    }
    for (size_t i = 0; i < set->n_firsts; i++)
        *get_bloom_word(&set->beginnings, set->firsts[i]) |=
            get_bloom_bits(set->firsts[i]);
}

size_t
leak_set_count(const LeakSet *set)
{
    return set->n;
}

int
leak_set_find(const LeakSet *set, uint64_t hash)
{
    size_t at;

    hash = avoid_zero(hash);
    if (!is_in_bloom(&set->values, hash))
        return LEAK_SET_NONE;
    at = find_leak_slot(set, hash);
    return set->hashes[at] != 0 ? set->columns[at] : LEAK_SET_NONE;
}

bool
leak_set_may_begin(const LeakSet *set, uint64_t word)
{
    return is_in_bloom(&set->beginnings, word);
}
