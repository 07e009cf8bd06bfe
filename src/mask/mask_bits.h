/*
 * Numbers of 64 bits as bytes, the first of which is the highest, on all machines alike.
 * They are written without loops, as compilers know them.
 *
 * Pure: no server, no output.
 */
#ifndef MASK_MASK_BITS_H
#define MASK_MASK_BITS_H

#include <stdint.h>

__extension__ typedef unsigned __int128 MaskWide;

/* Eight bytes as a number. */
static inline uint64_t
mask_bits_get(const uint8_t *bytes)
{
    return (uint64_t)bytes[0] << 56 | (uint64_t)bytes[1] << 48 |
           (uint64_t)bytes[2] << 40 | (uint64_t)bytes[3] << 32 |
           (uint64_t)bytes[4] << 24 | (uint64_t)bytes[5] << 16 | (uint64_t)bytes[6] << 8 |
           (uint64_t)bytes[7];
}

/* A number as eight bytes. */
static inline void
mask_bits_put(uint8_t *bytes, uint64_t bits)
{
    bytes[0] = (uint8_t)(bits >> 56);
    bytes[1] = (uint8_t)(bits >> 48);
    bytes[2] = (uint8_t)(bits >> 40);
    bytes[3] = (uint8_t)(bits >> 32);
    bytes[4] = (uint8_t)(bits >> 24);
    bytes[5] = (uint8_t)(bits >> 16);
    bytes[6] = (uint8_t)(bits >> 8);
    bytes[7] = (uint8_t)bits;
}

/* A number below n, each as likely as any other but for 2^-64: the bits, scaled. */
static inline uint64_t
mask_bits_scale(uint64_t bits, uint64_t n)
{
    return (uint64_t)((MaskWide)bits * n >> 64);
}

/* The same of eight bytes. */
static inline uint64_t
mask_bits_choose(const uint8_t *bytes, uint64_t n)
{
    return mask_bits_scale(mask_bits_get(bytes), n);
}

#endif
