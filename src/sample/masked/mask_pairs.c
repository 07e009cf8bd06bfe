#include "sample/masked/mask_pairs.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/bigmem.h"
#include "base/mem.h"

enum
{
    N_PARTS = 256,
    PART_SHIFT = 56,         /* the highest bits of a key are its part */
    MAX_UNPARTED = 64 * 1024 /* pairs that are few enough as they are */
};

#define NO_PAIR UINT32_MAX

typedef struct PairPart
{
    MaskPair *items;
    size_t n;
    size_t capacity;
} PairPart;

/* Positions in a part by key: open addressing, at most half full. */
typedef struct PairTable
{
    uint32_t *slots;
    size_t n_slots;
    size_t capacity;
} PairTable;

struct MaskPairs
{
    PairPart all;    /* while there are few */
    PairPart *parts; /* or NULL */
    PairTable table;
};

MaskPairs *
mask_pairs_new(void)
{
    return mem_alloc_zero(1, sizeof(MaskPairs));
}

void
mask_pairs_free(MaskPairs *pairs)
{
    if (pairs == NULL)
        return;
    for (int i = 0; pairs->parts != NULL && i < N_PARTS; i++)
        bigmem_free(pairs->parts[i].items);
    bigmem_free(pairs->parts);
    bigmem_free(pairs->all.items);
    bigmem_free(pairs->table.slots);
    free(pairs);
}

static inline void
append_pair(PairPart *part, MaskPair pair)
{
    BIGMEM_GROW(part->items, part->capacity, part->n);
    part->items[part->n++] = pair;
}

static void
part_pairs(MaskPairs *pairs)
{
    pairs->parts = bigmem_alloc(N_PARTS * sizeof(*pairs->parts));
    for (size_t i = 0; i < pairs->all.n; i++)
        append_pair(&pairs->parts[pairs->all.items[i].key >> PART_SHIFT],
                    pairs->all.items[i]);
    bigmem_free(pairs->all.items);
    pairs->all = (PairPart){0};
}

void
mask_pairs_add(MaskPairs *pairs, uint64_t key, uint64_t value)
{
    const MaskPair pair = {.key = key, .value = value};

    if (pairs->parts != NULL)
    {
        append_pair(&pairs->parts[key >> PART_SHIFT], pair);
        return;
    }
    append_pair(&pairs->all, pair);
    if (pairs->all.n > MAX_UNPARTED)
        part_pairs(pairs);
}

/* ---- a part */

static void
clear_pair_table(PairTable *table, size_t n_pairs)
{
    table->n_slots = 16;
    while (table->n_slots < 2 * n_pairs)
        table->n_slots *= 2;
    if (table->n_slots > table->capacity)
    {
        bigmem_free(table->slots);
        table->slots = bigmem_alloc(table->n_slots * sizeof(*table->slots));
        table->capacity = table->n_slots;
    }
    memset(table->slots, 0xff, table->n_slots * sizeof(*table->slots));
}

/* The slot of the key, or the free one where it belongs. */
static uint32_t *
find_pair_slot(const PairTable *table, const PairPart *part, uint64_t key)
{
    size_t mask = table->n_slots - 1;
    size_t at = key & mask;

    while (table->slots[at] != NO_PAIR && part->items[table->slots[at]].key != key)
        at = (at + 1) & mask;
    return &table->slots[at];
}

static void
group_part(PairTable *table, const PairPart *part, MaskPairsVisit visit, void *context)
{
    clear_pair_table(table, part->n);
    for (size_t i = 0; i < part->n; i++)
    {
        uint32_t *slot = find_pair_slot(table, part, part->items[i].key);

        if (*slot == NO_PAIR)
            *slot = (uint32_t)i;
        visit(context, &part->items[i], &part->items[*slot]);
    }
}

static void
join_part(PairTable *table, const PairPart *part, MaskPairsVisit visit, void *context)
{
    clear_pair_table(table, part->n);
    for (size_t i = 0; i < part->n; i++)
    {
        if (part->items[i].value == 0)
            *find_pair_slot(table, part, part->items[i].key) = (uint32_t)i;
    }
    for (size_t i = 0; i < part->n; i++)
    {
        uint32_t found;

        if (part->items[i].value == 0)
            continue;
        found = *find_pair_slot(table, part, part->items[i].key);
        visit(context, &part->items[i], found != NO_PAIR ? &part->items[found] : NULL);
    }
}

static void
for_each_part(MaskPairs *pairs,
              void (*go)(PairTable *, const PairPart *, MaskPairsVisit, void *),
              MaskPairsVisit visit, void *context)
{
    if (pairs->parts == NULL)
        go(&pairs->table, &pairs->all, visit, context);
    for (int i = 0; pairs->parts != NULL && i < N_PARTS; i++)
        go(&pairs->table, &pairs->parts[i], visit, context);
}

void
mask_pairs_group(MaskPairs *pairs, MaskPairsVisit visit, void *context)
{
    for_each_part(pairs, group_part, visit, context);
}

void
mask_pairs_join(MaskPairs *pairs, MaskPairsVisit visit, void *context)
{
    for_each_part(pairs, join_part, visit, context);
}
