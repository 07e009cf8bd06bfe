/*
 * A set of 64-bit numbers, such as row ids, made for many millions of them: a hash table
 * (open addressing) of the numbers and nothing else, at most three quarters full, so that
 * a number costs 11 to 21 bytes. The hash is not seeded: equal runs do equal things.
 *
 * A bitmap by block would be smaller for rows that are neighbours; samples take few rows
 * of a large table, and these are scattered.
 *
 * Pure: no server, no output.
 */
#ifndef MODEL_IDSET_H
#define MODEL_IDSET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct IdSet IdSet;

IdSet *idset_new(void);
void idset_free(IdSet *set);

/* True when the id was not in the set. Every value is allowed. */
bool idset_add(IdSet *set, uint64_t id);
bool idset_contains(const IdSet *set, uint64_t id);
size_t idset_count(const IdSet *set);
/* Writes all ids, in any order. */
void idset_list(const IdSet *set, uint64_t *ids);

#endif
