#include "sample/downpairs.h"

#include <stdlib.h>

#include "base/bigmem.h"
#include "base/bigsort.h"

void
downpairs_add(DownPairs *pairs, RowId parent, RowId child)
{
    BIGMEM_GROW(pairs->pairs, pairs->capacity, pairs->n_pairs);
    pairs->pairs[pairs->n_pairs++] = (DownPair){.parent = parent, .child = child};
    pairs->is_sorted = false;
}

static void
sort_pairs(DownPairs *pairs)
{
    if (!pairs->is_sorted && pairs->n_pairs > 0)
        bigsort(pairs->pairs, pairs->n_pairs, sizeof(*pairs->pairs));
    pairs->is_sorted = true;
}

const DownPair *
downpairs_find(DownPairs *pairs, RowId parent)
{
    size_t low = 0;
    size_t high = pairs->n_pairs;

    sort_pairs(pairs);
    while (low < high)
    {
        size_t middle = low + (high - low) / 2;

        if (pairs->pairs[middle].parent < parent)
            low = middle + 1;
        else
            high = middle;
    }
    return low < pairs->n_pairs && pairs->pairs[low].parent == parent ? &pairs->pairs[low]
                                                                      : NULL;
}

const DownPair *
downpairs_next(const DownPairs *pairs, const DownPair *pair)
{
    const DownPair *next = pair + 1;

    return next < pairs->pairs + pairs->n_pairs && next->parent == pair->parent ? next
                                                                                : NULL;
}

void
downpairs_clear(DownPairs *pairs)
{
    bigmem_free(pairs->pairs);
    *pairs = (DownPairs){0};
}

void
downpairs_free(DownPairs *pairs, size_t n)
{
    for (size_t i = 0; pairs != NULL && i < n; i++)
        downpairs_clear(&pairs[i]);
    free(pairs);
}
