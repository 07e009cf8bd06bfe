#include "model/idset.h"

#include <stdlib.h>

#include "base/bigmem.h"
#include "base/mem.h"

enum
{
    FIRST_SHIFT = 60 /* of the first table, which has 16 slots */
};

struct IdSet
{
    uint64_t *slots; /* 0: free */
    size_t n_slots;  /* a power of 2, or 0: none yet */
    unsigned shift;  /* what is left of a hash when shifted is a slot */
    size_t n_used;   /* slots */
    bool has_zero;   /* 0 is not in a slot */
};

/* The slot that holds the id, or the free one where it belongs. */
static uint64_t *
find_id_slot(const IdSet *set, uint64_t id)
{
    uint64_t hash = (id ^ (id >> 32)) * UINT64_C(0x9fb21c651e98df25);
    size_t at;

    hash = (hash ^ (hash >> 32)) * UINT64_C(0xd6e8feb86659fd93);
    at = (size_t)((hash ^ (hash >> 32)) >> set->shift);
    while (set->slots[at] != 0 && set->slots[at] != id)
        at = (at + 1) & (set->n_slots - 1);
    return &set->slots[at];
}

static void
grow_id_slots(IdSet *set)
{
    IdSet old = *set;

    set->n_slots = old.n_slots > 0 ? old.n_slots * 2 : (size_t)1 << (64 - FIRST_SHIFT);
    set->shift = old.n_slots > 0 ? old.shift - 1 : FIRST_SHIFT;
    set->slots = bigmem_alloc(set->n_slots * sizeof(*set->slots));
    for (size_t i = 0; i < old.n_slots; i++)
    {
        if (old.slots[i] != 0)
            *find_id_slot(set, old.slots[i]) = old.slots[i];
    }
    bigmem_free(old.slots);
}

IdSet *
idset_new(void)
{
    return mem_alloc_zero(1, sizeof(IdSet));
}

void
idset_free(IdSet *set)
{
    if (set == NULL)
        return;
    bigmem_free(set->slots);
    free(set);
}

bool
idset_add(IdSet *set, uint64_t id)
{
    uint64_t *slot;

    if (id == 0)
    {
        bool is_new = !set->has_zero;

        set->has_zero = true;
        return is_new;
    }
    /* open addressing stays quick up to here */
    if (set->n_used >= set->n_slots - set->n_slots / 4)
        grow_id_slots(set);
    slot = find_id_slot(set, id);
    if (*slot != 0)
        return false;
    *slot = id;
    set->n_used++;
    return true;
}

bool
idset_contains(const IdSet *set, uint64_t id)
{
    if (id == 0)
        return set->has_zero;
    return set->n_used > 0 && *find_id_slot(set, id) != 0;
}

size_t
idset_count(const IdSet *set)
{
    return set->n_used + set->has_zero;
}

void
idset_list(const IdSet *set, uint64_t *ids)
{
    if (set->has_zero)
        *ids++ = 0;
    for (size_t i = 0; i < set->n_slots; i++)
    {
        if (set->slots[i] != 0)
            *ids++ = set->slots[i];
    }
}
