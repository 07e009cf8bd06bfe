/*
 * Tuples of canonical values of the rows of a batch, as the proofs compare them: hashes
 * of 64 bits, with values told apart by their lengths. SipHash-1-3 (Aumasson and
 * Bernstein, SipHash: a fast short-input PRF, 2012) with a random seed of the run, so
 * that nobody can make values that are taken for others; by chance ten million tuples
 * have two of the same hash once in 400,000 runs. Then the proof fails, and not for the
 * same rows again.
 */
#ifndef SAMPLE_MASKED_MASK_TUPLE_H
#define SAMPLE_MASKED_MASK_TUPLE_H

#include "sample/masked/mask_batch.h"

typedef struct MaskTuple
{
    uint64_t hash;
    int n_null; /* of its values */
} MaskTuple;

MaskSeed mask_tuple_make_seed(void);
uint64_t mask_tuple_hash(const MaskSeed *seed, const char *text, size_t length);

/*
 * Those of all rows, by row, until the batch is cleared. Of a single column they are made
 * once.
 */
const MaskTuple *mask_tuple_make(MaskBatch *batch, MaskSide side, const int *columns,
                                 int n);

#endif
