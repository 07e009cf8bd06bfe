/*
 * AES, as the random function of what permutes values: ff1.h, permutation.h, Crypto-PAn.
 *
 * Pure: no server, no output.
 */
#ifndef MASK_MASK_CIPHER_H
#define MASK_MASK_CIPHER_H

#include "mask/mask_key.h"

enum
{
    MASK_CIPHER_BLOCK = 16
};

typedef struct MaskCipher MaskCipher;

/* With a key of 16, 24 or 32 bytes. */
MaskCipher *mask_cipher_new_of_bytes(const uint8_t *bytes, size_t length);
/* With a key that is derived for the kind and the domain of a mask. */
MaskCipher *mask_cipher_new(MaskKey *key, const char *kind, const char *domain);
void mask_cipher_free(MaskCipher *cipher);

/* Encrypts each block by itself; in and out are the same or do not overlap. */
void mask_cipher_encrypt(MaskCipher *cipher, const uint8_t *in, uint8_t *out,
                         size_t n_blocks);

/* A block as two numbers, as mask_bits.h writes them. */
typedef struct MaskBlock
{
    uint64_t words[2];
} MaskBlock;

/*
 * Encrypts n of them in place, each by itself. The processor works on several at once: 16
 * take little longer than one.
 */
void mask_cipher_encrypt_words(MaskCipher *cipher, MaskBlock *blocks, size_t n);

/*
 * CBC-MAC: puts more blocks behind those that state, 16 bytes, is the mac of; at first
 * that is zeros.
 */
void mask_cipher_chain(MaskCipher *cipher, uint8_t state[MASK_CIPHER_BLOCK],
                       const uint8_t *blocks, size_t n_blocks);

#endif
