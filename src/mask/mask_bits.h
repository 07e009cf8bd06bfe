/*
 * Bits of macs as numbers.
 *
 * Pure: no server, no output.
 */
#ifndef MASK_MASK_BITS_H
#define MASK_MASK_BITS_H

#include <stdint.h>

__extension__ typedef unsigned __int128 MaskWide;

/* Eight bytes, the same on all machines. */
static inline uint64_t
mask_bits_get(const uint8_t *bytes)
{
    uint64_t bits = 0;

    for (int i = 0; i < 8; i++)
        bits = bits << 8 | bytes[i];
    return bits;
}

/* A number below n, each as likely as any other but for 2^-64: the bits, scaled. */
static inline uint64_t
mask_bits_scale(const uint8_t *bytes, uint64_t n)
{
    return (uint64_t)((MaskWide)mask_bits_get(bytes) * n >> 64);
}

#endif
