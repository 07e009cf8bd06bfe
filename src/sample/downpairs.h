/*
 * Rows of D and their children by one link, as pairs of row ids: what was read once is
 * looked up here when generations are counted, or for rows that are found later.
 */
#ifndef SAMPLE_DOWNPAIRS_H
#define SAMPLE_DOWNPAIRS_H

#include <stdbool.h>
#include <stddef.h>

#include "model/rowid.h"

typedef struct DownPair
{
    RowId parent; /* first, for bigsort() */
    RowId child;
} DownPair;

typedef struct DownPairs
{
    DownPair *pairs; /* base/bigmem.h */
    size_t n_pairs;
    size_t capacity;
    bool is_sorted;
} DownPairs;

void downpairs_add(DownPairs *pairs, RowId parent, RowId child);

/* Of the parent; the caller reads on while they are its. NULL: it has none. */
const DownPair *downpairs_find(DownPairs *pairs, RowId parent);
/* The next one of the same parent, or NULL. */
const DownPair *downpairs_next(const DownPairs *pairs, const DownPair *pair);

void downpairs_clear(DownPairs *pairs);

/* Of n links; NULL is allowed. */
void downpairs_free(DownPairs *pairs, size_t n);

#endif
