#include "model/keyset.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/bigmem.h"
#include "base/mem.h"

enum
{
    SHORT_KEY = 14,     /* bytes that fit into an entry */
    LONG_KEY = 255,     /* in place of a short key's length: the bytes are elsewhere */
    FIRST_CHUNK = 1024, /* entries; each chunk has twice those of the one before */
    MAX_CHUNKS = 32,
    MIN_BLOCK = 4 * 1024,
    MAX_BLOCK = 1024 * 1024,
    MIN_SLOT_BITS = 4,
    MAX_SLOT_BITS = 32
};

/* 16 bytes; what both have in front may be read through either. */
typedef union KeyEntry
{
    struct
    {
        uint8_t flags;
        uint8_t length; /* or LONG_KEY: look at far_key */
        char bytes[SHORT_KEY];
    } short_key;
    struct
    {
        uint8_t flags;
        uint8_t mark;
        uint32_t length;
        const char *bytes; /* in a block */
    } far_key;
} KeyEntry;

/* The bytes of long keys, one after the other. */
typedef struct KeyBlock
{
    struct KeyBlock *next;
    size_t used;
    size_t size;
    char bytes[];
} KeyBlock;

/* A slot of the hash table. Its home is given by the highest bits of the tag. */
typedef struct KeySlot
{
    uint32_t tag;    /* upper half of the hash */
    uint32_t number; /* index of the entry plus 1, or 0: free */
} KeySlot;

struct KeySet
{
    KeySlot *slots;
    unsigned slot_bits; /* there are 2^slot_bits slots; 0: none yet */
    size_t count;
    KeyEntry *chunks[MAX_CHUNKS]; /* they do not move */
    unsigned n_chunks;
    KeyBlock *blocks; /* the one that is being filled first */
};

/* Mixes the upper half of x into the lower half. */
static uint64_t
mix_bits(uint64_t x)
{
    return x ^ (x >> 32);
}

static uint64_t
load_word(const char *bytes)
{
    uint64_t word;

    memcpy(&word, bytes, sizeof(word));
    return word;
}

/* Up to 7 bytes as one number. */
static uint64_t
load_short_word(const char *bytes, size_t length)
{
    uint32_t low;
    uint32_t high;

    if (length >= 4)
    {
        memcpy(&low, bytes, 4);
        memcpy(&high, bytes + length - 4, 4);
        return (uint64_t)high << 32 | low;
    }
    if (length == 0)
        return 0;
    return (uint64_t)(unsigned char)bytes[0] << 16 |
           (uint64_t)(unsigned char)bytes[length / 2] << 8 |
           (uint64_t)(unsigned char)bytes[length - 1];
}

static bool
are_equal(const char *one, const char *other, size_t length)
{
    if (length > SHORT_KEY)
        return memcmp(one, other, length) == 0;
    if (length >= 8)
        return load_word(one) == load_word(other) &&
               load_word(one + length - 8) == load_word(other + length - 8);
    return load_short_word(one, length) == load_short_word(other, length);
}

/* Multiplies in 8 bytes at a time; the last 8 may overlap those before them. */
static uint64_t
hash_key(const char *key, size_t length)
{
    const uint64_t factor = UINT64_C(0x9fb21c651e98df25);
    uint64_t hash = length * UINT64_C(0xd6e8feb86659fd93);
    size_t at = 0;

    for (; length - at > 8; at += 8)
        hash = mix_bits((hash ^ load_word(key + at)) * factor);
    if (length >= 8)
        hash ^= load_word(key + length - 8);
    else
        hash ^= load_short_word(key, length);
    hash = mix_bits(hash * factor);
    return mix_bits(hash * UINT64_C(0xd6e8feb86659fd93));
}

/* The number of its first entry. */
static size_t
chunk_start(unsigned chunk)
{
    return (((size_t)1 << chunk) - 1) * FIRST_CHUNK;
}

static KeyEntry *
get_entry(const KeySet *set, size_t index)
{
    size_t units = index / FIRST_CHUNK + 1;
    unsigned chunk = 63 - (unsigned)__builtin_clzll(units);

    return &set->chunks[chunk][index - chunk_start(chunk)];
}

static const char *
entry_bytes(const KeyEntry *entry, size_t *length)
{
    if (entry->short_key.length == LONG_KEY)
    {
        *length = entry->far_key.length;
        return entry->far_key.bytes;
    }
    *length = entry->short_key.length;
    return entry->short_key.bytes;
}

static size_t
count_slots(unsigned slot_bits)
{
    return slot_bits > 0 ? (size_t)1 << slot_bits : 0;
}

static size_t
slot_home(uint32_t tag, unsigned slot_bits)
{
    return tag >> (32 - slot_bits);
}

/* The slot that holds the key, or the free one where it belongs. */
static KeySlot *
find_slot(const KeySet *set, uint32_t tag, const char *key, size_t length)
{
    size_t mask = ((size_t)1 << set->slot_bits) - 1;
    size_t at = slot_home(tag, set->slot_bits);

    while (set->slots[at].number != 0)
    {
        KeySlot *slot = &set->slots[at];

        if (slot->tag == tag)
        {
            size_t found_length;
            const char *found =
                entry_bytes(get_entry(set, slot->number - 1), &found_length);

            if (found_length == length && are_equal(found, key, length))
                return slot;
        }
        at = (at + 1) & mask;
    }
    return &set->slots[at];
}

/* Doubles the hash table. Homes are in the order of tags, so both are walked in order. */
static void
grow_slots(KeySet *set)
{
    unsigned bits = set->slot_bits > 0 ? set->slot_bits + 1 : MIN_SLOT_BITS;
    /* More keys than tags have bits for: there is no such memory. */
    size_t n_slots =
        bits <= MAX_SLOT_BITS ? (size_t)1 << bits : SIZE_MAX / sizeof(KeySlot);
    KeySlot *slots = bigmem_alloc(n_slots * sizeof(*slots));

    for (size_t i = 0; i < count_slots(set->slot_bits); i++)
    {
        size_t at = slot_home(set->slots[i].tag, bits);

        if (set->slots[i].number == 0)
            continue;
        while (slots[at].number != 0)
            at = (at + 1) & (n_slots - 1);
        slots[at] = set->slots[i];
    }
    bigmem_free(set->slots);
    set->slots = slots;
    set->slot_bits = bits;
}

/* Copies the bytes of a long key to where they stay. */
static const char *
store_bytes(KeySet *set, const char *key, size_t length)
{
    KeyBlock *block = set->blocks;
    char *bytes;

    if (block == NULL || block->size - block->used < length)
    {
        size_t size = block == NULL ? MIN_BLOCK : block->size * 2;

        if (size > MAX_BLOCK)
            size = MAX_BLOCK;
        if (size < length)
            size = length;
        block = bigmem_alloc(sizeof(KeyBlock) + size);
        *block = (KeyBlock){.next = set->blocks, .size = size};
        set->blocks = block;
    }
    bytes = block->bytes + block->used;
    memcpy(bytes, key, length);
    block->used += length;
    return bytes;
}

static void
append_entry(KeySet *set, const char *key, size_t length, unsigned flags)
{
    KeyEntry *entry;

    if (set->count == chunk_start(set->n_chunks))
    {
        set->chunks[set->n_chunks] =
            bigmem_alloc(((size_t)FIRST_CHUNK << set->n_chunks) * sizeof(KeyEntry));
        set->n_chunks++;
    }
    entry = get_entry(set, set->count++);
    if (length <= SHORT_KEY)
    {
        entry->short_key.flags = (uint8_t)flags;
        entry->short_key.length = (uint8_t)length;
        memcpy(entry->short_key.bytes, key, length);
        return;
    }
    entry->far_key.flags = (uint8_t)flags;
    entry->far_key.mark = LONG_KEY;
    entry->far_key.length = (uint32_t)length;
    entry->far_key.bytes = store_bytes(set, key, length);
}

KeySet *
keyset_new(void)
{
    return mem_alloc_zero(1, sizeof(KeySet));
}

void
keyset_free(KeySet *set)
{
    if (set == NULL)
        return;
    while (set->blocks != NULL)
    {
        KeyBlock *block = set->blocks;

        set->blocks = block->next;
        bigmem_free(block);
    }
    for (unsigned i = 0; i < set->n_chunks; i++)
        bigmem_free(set->chunks[i]);
    bigmem_free(set->slots);
    free(set);
}

size_t
keyset_add(KeySet *set, const char *key, size_t length, unsigned flags,
           unsigned *old_flags)
{
    return keyset_add_hashed(set, (uint32_t)(hash_key(key, length) >> 32), key, length,
                             flags, old_flags);
}

size_t
keyset_add_hashed(KeySet *set, uint32_t hash, const char *key, size_t length,
                  unsigned flags, unsigned *old_flags)
{
    unsigned before = 0;
    size_t n_slots = count_slots(set->slot_bits);
    KeySlot *slot;

    /* open addressing stays quick up to here */
    if (set->count >= n_slots - n_slots / 4)
        grow_slots(set);
    slot = find_slot(set, hash, key, length);
    if (slot->number != 0)
    {
        KeyEntry *entry = get_entry(set, slot->number - 1);

        before = entry->short_key.flags;
        entry->short_key.flags = (uint8_t)(before | flags);
    }
    else
    {
        append_entry(set, key, length, flags);
        *slot = (KeySlot){.tag = hash, .number = (uint32_t)set->count};
    }
    if (old_flags != NULL)
        *old_flags = before;
    return slot->number - 1;
}

uint32_t
keyset_prefetch(const KeySet *set, const char *key, size_t length)
{
    uint32_t tag = (uint32_t)(hash_key(key, length) >> 32);

    if (set->count > 0)
        __builtin_prefetch(&set->slots[slot_home(tag, set->slot_bits)]);
    return tag;
}

void
keyset_prefetch_entry(const KeySet *set, uint32_t hash)
{
    const KeySlot *slot;

    if (set->count == 0)
        return;
    slot = &set->slots[slot_home(hash, set->slot_bits)];
    if (slot->number != 0)
        __builtin_prefetch(get_entry(set, slot->number - 1));
}

size_t
keyset_find(const KeySet *set, const char *key, size_t length)
{
    const KeySlot *slot;

    if (set->count == 0)
        return KEYSET_NONE;
    slot = find_slot(set, (uint32_t)(hash_key(key, length) >> 32), key, length);
    return slot->number != 0 ? slot->number - 1 : KEYSET_NONE;
}

const char *
keyset_get(const KeySet *set, size_t index, size_t *length)
{
    return entry_bytes(get_entry(set, index), length);
}

unsigned
keyset_get_flags(const KeySet *set, size_t index)
{
    return get_entry(set, index)->short_key.flags;
}

size_t
keyset_count(const KeySet *set)
{
    return set->count;
}

const char *
keyset_get_of(const KeyBatch *batch, size_t i, size_t *length)
{
    size_t index = batch->indexes != NULL ? batch->indexes[i] : batch->first + i;

    return keyset_get(batch->set, index, length);
}
