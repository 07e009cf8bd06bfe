/*
 * FF1 of NIST SP 800-38G: encrypts a string of numerals to one of the same length, so
 * that different strings have different results. Where all numerals have one radix it is
 * FF1 to the bit. Here each numeral may have a radix of its own: a Feistel network only
 * wants each half to be a number below a modulus, and where FF1 has radix^m as the
 * modulus of a half, this has the product of the half's radixes. What the random function
 * takes in first is P, which has the radix; with several of them it is 0, and the list of
 * radixes follows as more blocks.
 *
 * Each round replaces one half, A, by A + F(round, tweak, B) modulo its modulus, which
 * can be undone as long as B is known; so all ten rounds are a permutation of all pairs
 * of halves, and so of all strings with these radixes.
 *
 * Halves are numbers of 64 bits, which limits strings to FF1_MOST numerals. The cost is
 * that of ten to twelve blocks of AES; of many strings together about half as much for
 * each.
 *
 * Pure: no server, no output.
 */
#ifndef MASK_FF1_H
#define MASK_FF1_H

#include "mask/mask_cipher.h"

enum
{
    FF1_MOST = 24, /* 12 numerals of radix 36 fit into 64 bits */
    FF1_MOST_RADIX = 36,
    FF1_MOST_TWEAK = 64 /* bytes */
};

/* With the state of the random function behind P, for the strings that were the last. */
typedef struct Ff1
{
    MaskCipher *cipher;
    uint8_t prefix[3 * MASK_CIPHER_BLOCK]; /* P, and radixes */
    size_t n_prefix_blocks;                /* 0: nothing is kept yet */
    uint8_t state[MASK_CIPHER_BLOCK];
} Ff1;

/* The cipher stays the caller's. */
void ff1_init(Ff1 *ff1, MaskCipher *cipher);

/* Numerals, 1 to FF1_MOST, each below its radix, from 2 to FF1_MOST_RADIX. */
typedef struct Ff1String
{
    uint8_t *numerals;
    const uint8_t *radixes;
    size_t n;
    const uint8_t *tweak;
    size_t tweak_length;
} Ff1String;

/* Encrypts strings in place, each by itself. */
void ff1_encrypt(Ff1 *ff1, const Ff1String *strings, size_t n);

#endif
