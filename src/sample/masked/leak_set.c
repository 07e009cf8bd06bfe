#include "sample/masked/leak_set.h"

#include <stdlib.h>
#include <string.h>

#include "base/bigmem.h"
#include "base/mem.h"

enum
{
    MIN_BITS = 10,
    FILTER_BITS_PER_VALUE = 8,
    ADDED_AT_ONCE = 64,
    MAX_NUMBER = 0xffff /* further columns share it */
};

typedef struct LeakValue
{
    uint64_t hash;
    uint64_t first;
    int column;
} LeakValue;

/* 10 bytes, so that a look-up waits for memory once. */
typedef struct __attribute__((packed)) LeakSlot
{
    uint64_t hash; /* 0: free */
    uint16_t column;
} LeakSlot;

struct LeakSet
{
    LeakValue waiting[ADDED_AT_ONCE]; /* so that memory is fetched for all of them */
    size_t n_waiting;
    bool is_full;
    LeakSlot *slots;
    unsigned bits; /* there are 2^bits slots */
    size_t n;
    uint64_t *firsts; /* first words of values that have several */
    size_t n_firsts;
    size_t capacity_firsts;
    uint64_t *filter; /* a word for a hash, in which two bits are set */
    uint64_t filter_mask;
};

static size_t
count_leak_slots(const LeakSet *set)
{
    return (size_t)1 << set->bits;
}

LeakSet *
leak_set_new(void)
{
    LeakSet *set = mem_alloc_zero(1, sizeof(*set));

    set->bits = MIN_BITS;
    set->slots = bigmem_alloc(count_leak_slots(set) * sizeof(*set->slots));
    return set;
}

void
leak_set_free(LeakSet *set)
{
    if (set == NULL)
        return;
    bigmem_free(set->slots);
    bigmem_free(set->firsts);
    bigmem_free(set->filter);
    free(set);
}

/* Zero is for free slots. */
static uint64_t
avoid_zero(uint64_t hash)
{
    return hash != 0 ? hash : 1;
}

/* The slot with the hash, or the free one where it belongs. */
static LeakSlot *
find_leak_slot(const LeakSet *set, uint64_t hash)
{
    size_t mask = count_leak_slots(set) - 1;
    size_t at = hash & mask;

    while (set->slots[at].hash != 0 && set->slots[at].hash != hash)
        at = (at + 1) & mask;
    return &set->slots[at];
}

/*
 * In place. A value stays or goes into the new half, so new slots are in the order of the
 * old ones. Beginning behind a free slot, all slots from where a value belongs to where
 * it was have been gone through already: none of them is taken for free too early.
 */
static void
grow_leak_slots(LeakSet *set)
{
    size_t n_old = count_leak_slots(set);
    size_t first = 0;

    set->slots = bigmem_resize(set->slots, 2 * n_old * sizeof(*set->slots));
    memset(set->slots + n_old, 0, n_old * sizeof(*set->slots));
    set->bits++;
    while (set->slots[first].hash != 0)
        first++;
    for (size_t i = 1; i < n_old; i++)
    {
        LeakSlot *old = &set->slots[(first + i) & (n_old - 1)];
        const LeakSlot value = *old;

        old->hash = 0;
        if (value.hash != 0)
            *find_leak_slot(set, value.hash) = value;
    }
}

static void
add_leak_value(LeakSet *set, const LeakValue *value)
{
    LeakSlot *slot = find_leak_slot(set, value->hash);

    if (slot->hash != 0)
        return;
    if (set->n == LEAK_SET_MAX_VALUES)
    {
        set->is_full = true;
        return;
    }
    *slot = (LeakSlot){.hash = value->hash, .column = (uint16_t)value->column};
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
        __builtin_prefetch(&set->slots[set->waiting[i].hash & mask], 1);
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
get_filter_bits(uint64_t hash)
{
    return UINT64_C(1) << (hash >> 58) | UINT64_C(1) << (hash >> 52 & 63);
}

/* The word is chosen by other bits of the hash than the slot of the table. */
static uint64_t *
get_filter_word(const LeakSet *set, uint64_t hash)
{
    return &set->filter[hash >> 20 & set->filter_mask];
}

void
leak_set_seal(LeakSet *set)
{
    size_t n_words = 64;

    add_waiting(set);
    while (n_words * 64 < (set->n + set->n_firsts) * FILTER_BITS_PER_VALUE)
        n_words *= 2;
    set->filter = bigmem_alloc(n_words * sizeof(*set->filter));
    set->filter_mask = n_words - 1;
    for (size_t i = 0; i < count_leak_slots(set); i++)
    {
        uint64_t hash = set->slots[i].hash;

        if (hash != 0)
            *get_filter_word(set, hash) |= get_filter_bits(hash);
    }
    for (size_t i = 0; i < set->n_firsts; i++)
        *get_filter_word(set, set->firsts[i]) |= get_filter_bits(set->firsts[i]);
}

size_t
leak_set_count(const LeakSet *set)
{
    return set->n;
}

bool
leak_set_may_have(const LeakSet *set, uint64_t hash)
{
    uint64_t bits = get_filter_bits(hash);

    return (*get_filter_word(set, hash) & bits) == bits;
}

int
leak_set_find(const LeakSet *set, uint64_t hash)
{
    const LeakSlot *slot = find_leak_slot(set, avoid_zero(hash));

    return slot->hash != 0 ? slot->column : LEAK_SET_NONE;
}
