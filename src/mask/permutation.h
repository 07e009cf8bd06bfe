/*
 * Permutes the numbers below any size: a Feistel network over pairs (a, b) with a below
 * one modulus and b below another, both about the square root of the size. A round adds a
 * random function of one to the other, modulo its modulus, which can be undone; so ten
 * rounds are a permutation of all pairs. There are at most a root more pairs than
 * numbers. A pair that is no number is permuted again until it is one (cycle walking):
 * the walk follows a cycle of the permutation, which at the latest ends where it began,
 * and two walks never meet. So what comes out is a permutation of the numbers.
 *
 * It is for domains that are too small for FF1 (NIST wants a million and more), where who
 * knows the key's masks of some values has fewer left to guess, and for whole numbers up
 * to any maximum, whose numerals FF1 would leave unused.
 *
 * The cost is that of ten blocks of AES, with small sizes a little more; of many numbers
 * together about half as much for each.
 *
 * Pure: no server, no output.
 */
#ifndef MASK_PERMUTATION_H
#define MASK_PERMUTATION_H

#include "mask/mask_cipher.h"

enum
{
    PERMUTATION_MOST_TWEAK = 64 /* bytes */
};

#define PERMUTATION_MOST_SIZE (UINT64_C(1) << 63)

typedef struct Permutation
{
    MaskCipher *cipher;
    uint64_t size;
    uint64_t moduli[2];
    uint64_t state[2]; /* has taken in size and tweak */
} Permutation;

/*
 * The permutation of 0 to size - 1, another one for each tweak and each size, which is
 * from 1 to PERMUTATION_MOST_SIZE. The cipher stays the caller's.
 */
void permutation_init(Permutation *permutation, MaskCipher *cipher, uint64_t size,
                      const uint8_t *tweak, size_t tweak_length);

/* Replaces n numbers, which are below the size, by where they go. */
void permutation_apply(Permutation *permutation, uint64_t *numbers, size_t n);

#endif
