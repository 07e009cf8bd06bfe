/*
 * A set of keys, made for many millions of them: byte strings, such as the key columns of
 * a row in COPY's text format. Each key is stored once, and has a number: keys are
 * numbered in the order of adding, so that "the keys added since" are a range of numbers.
 * A key is found by its hash. The hash is not seeded, so that equal runs do equal things.
 *
 * An entry has 16 bytes, in chunks that do not move (base/bigmem.h). A key of up to 14
 * bytes is in its entry; the bytes of a longer one are in a block of such bytes. So a key
 * is not an allocation of its own, as in a table of strings, where the overhead would
 * exceed the bytes of most keys. A slot of the hash table (open addressing, at most three
 * quarters full) has 8 bytes: the upper half of the hash and the number of the key. So
 * other keys are skipped without reading their entries, and growing the table reads none.
 *
 * A key of up to 14 bytes costs 16 bytes, a longer one 16 and its length, and the hash
 * table adds 11 to 21 bytes a key. At most 2^32 - 1 keys fit.
 *
 * Pure: no server, no output.
 */
#ifndef MODEL_KEYSET_H
#define MODEL_KEYSET_H

#include <stddef.h>
#include <stdint.h>

/* What is known about a key; the bits above these are free for callers. */
typedef enum KeyFlag
{
    KEY_WANTED = 1 << 0, /* something refers to the row */
    KEY_HAVE = 1 << 1,   /* the row has come: the closure need not fetch it */
    /* the same, as the proof finds in the rows themselves */
    KEY_PROVEN_WANTED = 1 << 2,
    KEY_PROVEN_HAVE = 1 << 3,
    KEY_FLAGS_END = 1 << 8
} KeyFlag;

/* In place of an index: there is no such key. */
#define KEYSET_NONE ((size_t)-1)

typedef struct KeySet KeySet;

KeySet *keyset_new(void);
void keyset_free(KeySet *set);

/*
 * Adds a key, unless it is there, and sets the flags (below KEY_FLAGS_END) in addition to
 * those that it has. Returns its index: keys are numbered from 0 in the order of adding,
 * and keep their numbers. *old_flags, if not NULL, becomes the flags it had before: 0 for
 * a new key. The bytes are copied.
 */
size_t keyset_add(KeySet *set, const char *key, size_t length, unsigned flags,
                  unsigned *old_flags);

/*
 * Has memory fetched that looking for the key will read (keyqueue.h): the slot, and when
 * that has come, the entry. The first returns the hash that the second takes.
 */
uint32_t keyset_prefetch(const KeySet *set, const char *key, size_t length);
void keyset_prefetch_entry(const KeySet *set, uint32_t hash);
/* keyset_add() with this hash. */
size_t keyset_add_hashed(KeySet *set, uint32_t hash, const char *key, size_t length,
                         unsigned flags, unsigned *old_flags);

/* The index of a key, or KEYSET_NONE. */
size_t keyset_find(const KeySet *set, const char *key, size_t length);

/*
 * The key at an index below keyset_count(). The bytes belong to the set, do not move
 * while it lives, and are not zero-terminated.
 */
const char *keyset_get(const KeySet *set, size_t index, size_t *length);

unsigned keyset_get_flags(const KeySet *set, size_t index);

size_t keyset_count(const KeySet *set);

/* Some of the keys of a set. */
typedef struct KeyBatch
{
    const KeySet *set;
    const size_t *indexes; /* or NULL: those from the first one on */
    size_t first;
    size_t n;
} KeyBatch;

/* The i-th key of the batch, as keyset_get(). */
const char *keyset_get_of(const KeyBatch *batch, size_t i, size_t *length);

#endif
