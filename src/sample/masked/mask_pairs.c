#include "sample/masked/mask_pairs.h"

#include <stdlib.h>
#include <string.h>

#include "base/bigmem.h"
#include "base/mem.h"

enum
{
    N_PARTS = 64,
    PART_SHIFT = 58,          /* the highest bits of a key are its part */
    MAX_UNPARTED = 64 * 1024, /* pairs that are few enough as they are */
    CHUNK_SIZE = 4096,
    CHUNK_PAIRS = CHUNK_SIZE / sizeof(MaskPair) - 1,
    BLOCK_CHUNKS = 256 /* that are allocated at once */
};

typedef struct PairChunk
{
    struct PairChunk *next;
    MaskPair items[CHUNK_PAIRS];
} PairChunk;

/* The first of its chunks is being filled, the others are full. */
typedef struct PairPart
{
    PairChunk *chunks;
    MaskPair *next; /* place for one; behind the last: none */
    size_t n_chunks;
} PairPart;

/* The pairs of a part by key: open addressing, at most half full. */
typedef struct PairTable
{
    const MaskPair **slots;
    size_t n_slots;
    size_t capacity;
} PairTable;

struct MaskPairPool
{
    PairChunk **blocks;
    size_t n_blocks;
    size_t capacity;
    size_t n_unused;   /* chunks of the last block */
    PairChunk *unused; /* the first of them */
    PairChunk *free;   /* a list of those that were given back */
    PairTable table;
};

struct MaskPairs
{
    MaskPairPool *pool;
    PairPart all;    /* while there are few */
    PairPart *parts; /* or NULL */
};

/* ---- memory */

MaskPairPool *
mask_pairs_new_pool(void)
{
    return mem_alloc_zero(1, sizeof(MaskPairPool));
}

void
mask_pairs_free_pool(MaskPairPool *pool)
{
    if (pool == NULL)
        return;
    for (size_t i = 0; i < pool->n_blocks; i++)
        bigmem_free(pool->blocks[i]);
    free(pool->blocks);
    bigmem_free(pool->table.slots);
    free(pool);
}

static PairChunk *
take_chunk(MaskPairPool *pool)
{
    PairChunk *chunk = pool->free;

    if (chunk != NULL)
    {
        pool->free = chunk->next;
        return chunk;
    }
    if (pool->n_unused == 0)
    {
        MEM_GROW(pool->blocks, pool->capacity, pool->n_blocks);
        pool->unused = bigmem_alloc(BLOCK_CHUNKS * sizeof(*pool->unused));
        pool->blocks[pool->n_blocks++] = pool->unused;
        pool->n_unused = BLOCK_CHUNKS;
    }
    pool->n_unused--;
    return pool->unused++;
}

static void
give_back(MaskPairPool *pool, PairPart *part)
{
    while (part->chunks != NULL)
    {
        PairChunk *chunk = part->chunks;

        part->chunks = chunk->next;
        chunk->next = pool->free;
        pool->free = chunk;
    }
    *part = (PairPart){0};
}

MaskPairs *
mask_pairs_new(MaskPairPool *pool)
{
    MaskPairs *pairs = mem_alloc_zero(1, sizeof(*pairs));

    pairs->pool = pool;
    return pairs;
}

void
mask_pairs_free(MaskPairs *pairs)
{
    if (pairs == NULL)
        return;
    give_back(pairs->pool, &pairs->all);
    for (int i = 0; pairs->parts != NULL && i < N_PARTS; i++)
        give_back(pairs->pool, &pairs->parts[i]);
    free(pairs->parts);
    free(pairs);
}

/* ---- pairs are added */

static size_t
count_in_chunk(const PairPart *part, const PairChunk *chunk)
{
    return chunk == part->chunks ? (size_t)(part->next - chunk->items) : CHUNK_PAIRS;
}

static inline void
append_pair(MaskPairPool *pool, PairPart *part, MaskPair pair)
{
    if (part->chunks == NULL || part->next == part->chunks->items + CHUNK_PAIRS)
    {
        PairChunk *chunk = take_chunk(pool);

        chunk->next = part->chunks;
        part->chunks = chunk;
        part->next = chunk->items;
        part->n_chunks++;
    }
    *part->next++ = pair;
}

static void
part_pairs(MaskPairs *pairs)
{
    pairs->parts = mem_alloc_zero(N_PARTS, sizeof(*pairs->parts));
    for (const PairChunk *chunk = pairs->all.chunks; chunk != NULL; chunk = chunk->next)
    {
        size_t n = count_in_chunk(&pairs->all, chunk);

        for (size_t i = 0; i < n; i++)
            append_pair(pairs->pool, &pairs->parts[chunk->items[i].key >> PART_SHIFT],
                        chunk->items[i]);
    }
    give_back(pairs->pool, &pairs->all);
}

void
mask_pairs_add(MaskPairs *pairs, uint64_t key, uint64_t value)
{
    const MaskPair pair = {.key = key, .value = value};

    if (pairs->parts != NULL)
    {
        append_pair(pairs->pool, &pairs->parts[key >> PART_SHIFT], pair);
        return;
    }
    append_pair(pairs->pool, &pairs->all, pair);
    if (pairs->all.n_chunks * CHUNK_PAIRS > MAX_UNPARTED)
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
    memset(table->slots, 0, table->n_slots * sizeof(*table->slots));
}

/* The slot of the key, or the free one where it belongs. */
static const MaskPair **
find_pair_slot(const PairTable *table, uint64_t key)
{
    size_t mask = table->n_slots - 1;
    size_t at = key & mask;

    while (table->slots[at] != NULL && table->slots[at]->key != key)
        at = (at + 1) & mask;
    return &table->slots[at];
}

static void
group_chunk(const PairTable *table, const MaskPair *items, size_t n, MaskPairsVisit visit,
            void *context)
{
    for (size_t i = 0; i < n; i++)
    {
        const MaskPair **slot = find_pair_slot(table, items[i].key);

        if (*slot == NULL)
            *slot = &items[i];
        visit(context, &items[i], *slot);
    }
}

static void
note_row_pairs(const PairTable *table, const MaskPair *items, size_t n,
               MaskPairsVisit visit, void *context)
{
    (void)visit;
    (void)context;
    for (size_t i = 0; i < n; i++)
    {
        if (items[i].value == 0)
            *find_pair_slot(table, items[i].key) = &items[i];
    }
}

static void
find_row_pairs(const PairTable *table, const MaskPair *items, size_t n,
               MaskPairsVisit visit, void *context)
{
    for (size_t i = 0; i < n; i++)
    {
        if (items[i].value != 0)
            visit(context, &items[i], *find_pair_slot(table, items[i].key));
    }
}

typedef void (*PairsStep)(const PairTable *table, const MaskPair *items, size_t n,
                          MaskPairsVisit visit, void *context);

static void
for_each_chunk(const PairTable *table, const PairPart *part, PairsStep step,
               MaskPairsVisit visit, void *context)
{
    for (const PairChunk *chunk = part->chunks; chunk != NULL; chunk = chunk->next)
        step(table, chunk->items, count_in_chunk(part, chunk), visit, context);
}

/* Both steps, or the second alone, over one part after the other. */
static void
for_each_part(MaskPairs *pairs, PairsStep first, PairsStep second, MaskPairsVisit visit,
              void *context)
{
    MaskPairPool *pool = pairs->pool;

    for (int i = 0; i < (pairs->parts != NULL ? N_PARTS : 1); i++)
    {
        PairPart *part = pairs->parts != NULL ? &pairs->parts[i] : &pairs->all;

        clear_pair_table(&pool->table, part->n_chunks * CHUNK_PAIRS);
        if (first != NULL)
            for_each_chunk(&pool->table, part, first, visit, context);
        for_each_chunk(&pool->table, part, second, visit, context);
        give_back(pool, part);
    }
}

void
mask_pairs_group(MaskPairs *pairs, MaskPairsVisit visit, void *context)
{
    for_each_part(pairs, NULL, group_chunk, visit, context);
}

void
mask_pairs_join(MaskPairs *pairs, MaskPairsVisit visit, void *context)
{
    for_each_part(pairs, note_row_pairs, find_row_pairs, visit, context);
}
