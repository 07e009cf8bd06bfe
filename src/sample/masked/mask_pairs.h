/*
 * Pairs of a key and a value, 64 bits each, of which it is asked in the end which have
 * equal keys. The proofs of masks ask only that, and millions of look-ups in a hash table
 * wait for memory; so pairs are only appended, to one of 64 parts by their keys, and
 * each part is then gone through on its own, with a small table of places that fits into
 * the processor's caches. A pair takes 16 bytes, and about 10 ns altogether.
 *
 * A part is a list of chunks of one page. They come from a pool, so that nothing is
 * copied when a part grows, and the chunks of a part that was gone through serve the next
 * pairs: the kernel's work for a new page is as much as that for its pairs.
 *
 * Keys are seeded hashes (mask_tuple.h), so that the parts are of one size.
 *
 * Pure: no server, no output.
 */
#ifndef SAMPLE_MASKED_MASK_PAIRS_H
#define SAMPLE_MASKED_MASK_PAIRS_H

#include <stddef.h>
#include <stdint.h>

typedef struct MaskPair
{
    uint64_t key;
    uint64_t value;
} MaskPair;

typedef struct MaskPairPool MaskPairPool;

MaskPairPool *mask_pairs_new_pool(void);
/* When all pairs of it are gone. */
void mask_pairs_free_pool(MaskPairPool *pool);

typedef struct MaskPairs MaskPairs;

MaskPairs *mask_pairs_new(MaskPairPool *pool);
/* NULL is accepted. */
void mask_pairs_free(MaskPairs *pairs);

void mask_pairs_add(MaskPairs *pairs, uint64_t key, uint64_t value);

/*
 * Called for each pair, with one pair of that key, which is the same for all of them, and
 * is the pair itself once. It may add to other pairs.
 */
typedef void (*MaskPairsVisit)(void *context, const MaskPair *pair,
                               const MaskPair *first);

/* The pairs are gone then. */
void mask_pairs_group(MaskPairs *pairs, MaskPairsVisit visit, void *context);

/*
 * Called for each pair whose value is not 0, with the pair of that key whose value is 0;
 * NULL: there is none. The pairs are gone then.
 */
void mask_pairs_join(MaskPairs *pairs, MaskPairsVisit visit, void *context);

#endif
