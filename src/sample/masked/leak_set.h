/*
 * The raw values that must not go out: hashes, with the number of the column that a value
 * is of, in a hash table of 10 bytes a slot (open addressing, at most three quarters
 * full: 170 MB for ten million values). In front of it is a Bloom filter of 8 bits a
 * value, which fits better into the processor's caches, and has the first words of values
 * of several as well: of the words of texts, nearly all end there.
 *
 * Pure: no server, no output.
 */
#ifndef SAMPLE_MASKED_LEAK_SET_H
#define SAMPLE_MASKED_LEAK_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum
{
    LEAK_SET_MAX_VALUES = 10 * 1000 * 1000,
    LEAK_SET_NONE = -1
};

typedef struct LeakSet LeakSet;

LeakSet *leak_set_new(void);
void leak_set_free(LeakSet *set);

/*
 * Adds the value of the hash, unless it is there; the first column counts. first is the
 * hash of its first word if it has several, else the same as hash.
 */
void leak_set_add(LeakSet *set, uint64_t hash, uint64_t first, int column);

/* Were there more values than fit? */
bool leak_set_is_full(const LeakSet *set);

/* Makes the filter: nothing is added any more. */
void leak_set_seal(LeakSet *set);

size_t leak_set_count(const LeakSet *set);

/* Could it be a value, or the first word of one? False: it is none. */
bool leak_set_may_have(const LeakSet *set, uint64_t hash);
/* The column of the value, or LEAK_SET_NONE. */
int leak_set_find(const LeakSet *set, uint64_t hash);

#endif
