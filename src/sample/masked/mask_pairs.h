/*
 * Pairs of a key and a value, 64 bits each, of which it is asked in the end which have
 * equal keys. The proofs of masks ask only that, and millions of look-ups in a hash table
 * wait for memory; so pairs are only appended, to one of 256 parts by their keys, and
 * each part is then gone through on its own, with a small table of positions that fits
 * into the processor's caches. A pair takes 16 bytes, and about 20 ns altogether.
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

typedef struct MaskPairs MaskPairs;

MaskPairs *mask_pairs_new(void);
/* NULL is accepted. */
void mask_pairs_free(MaskPairs *pairs);

void mask_pairs_add(MaskPairs *pairs, uint64_t key, uint64_t value);

/* Called for each pair, with the first pair of that key: it is first itself if it is. */
typedef void (*MaskPairsVisit)(void *context, const MaskPair *pair,
                               const MaskPair *first);

void mask_pairs_group(MaskPairs *pairs, MaskPairsVisit visit, void *context);

/*
 * Called for each pair whose value is not 0, with the pair of that key whose value is 0;
 * NULL: there is none.
 */
void mask_pairs_join(MaskPairs *pairs, MaskPairsVisit visit, void *context);

#endif
