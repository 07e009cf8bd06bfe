#include "mask/permutation.h"

#include <string.h>

#include "mask/mask_bits.h"

enum
{
    N_STEPS = 10,
    MOST_TWEAK_BLOCKS = PERMUTATION_MOST_TWEAK / MASK_CIPHER_BLOCK
};

/* The smallest number whose square is not below n. */
static uint64_t
round_up_root(uint64_t n)
{
    uint64_t low = 1;
    uint64_t high = UINT64_C(1) << 32;

    while (low < high)
    {
        uint64_t middle = low + (high - low) / 2;

        if (middle >= (UINT64_C(1) << 32) || middle * middle >= n)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

static void
write_big_endian(uint8_t *bytes, uint64_t number)
{
    for (int i = 7; i >= 0; i--)
    {
        bytes[i] = (uint8_t)number;
        number >>= 8;
    }
}

/* A first block with the tweak's length, then the tweak: no input begins another. */
static void
take_in_tweak(Permutation *permutation, const uint8_t *tweak, size_t tweak_length)
{
    uint8_t blocks[(1 + MOST_TWEAK_BLOCKS) * MASK_CIPHER_BLOCK] = {0};
    size_t n_blocks = 1 + (tweak_length + MASK_CIPHER_BLOCK - 1) / MASK_CIPHER_BLOCK;

    write_big_endian(blocks, permutation->size);
    blocks[8] = (uint8_t)tweak_length;
    if (tweak_length > 0)
        memcpy(blocks + MASK_CIPHER_BLOCK, tweak, tweak_length);
    memset(permutation->state, 0, sizeof(permutation->state));
    mask_cipher_chain(permutation->cipher, permutation->state, blocks, n_blocks);
}

void
permutation_init(Permutation *permutation, MaskCipher *cipher, uint64_t size,
                 const uint8_t *tweak, size_t tweak_length)
{
    permutation->cipher = cipher;
    permutation->size = size;
    permutation->moduli[0] = round_up_root(size);
    permutation->moduli[1] = (size - 1) / permutation->moduli[0] + 1;
    take_in_tweak(permutation, tweak, tweak_length);
}

static uint64_t
get_step(Permutation *permutation, int step, uint64_t other, uint64_t modulus)
{
    uint8_t state[MASK_CIPHER_BLOCK];
    uint8_t block[MASK_CIPHER_BLOCK] = {0};

    write_big_endian(block + 8, other);
    block[0] = (uint8_t)(step + 1);
    memcpy(state, permutation->state, sizeof(state));
    mask_cipher_chain(permutation->cipher, state, block, 1);
    return mask_bits_scale(state, modulus);
}

static uint64_t
permute_pair(Permutation *permutation, uint64_t number)
{
    uint64_t pair[2] = {number / permutation->moduli[1], number % permutation->moduli[1]};

    for (int step = 0; step < N_STEPS; step++)
    {
        int i = step % 2;
        uint64_t modulus = permutation->moduli[i];

        pair[i] += get_step(permutation, step, pair[1 - i], modulus);
        if (pair[i] >= modulus)
            pair[i] -= modulus;
    }
    return pair[0] * permutation->moduli[1] + pair[1];
}

uint64_t
permutation_apply(Permutation *permutation, uint64_t number)
{
    do
        number = permute_pair(permutation, number);
    while (number >= permutation->size);
    return number;
}
