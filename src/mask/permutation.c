#include "mask/permutation.h"

#include <string.h>

#include "mask/mask_bits.h"

enum
{
    N_STEPS = 10,
    MOST_TWEAK_BLOCKS = PERMUTATION_MOST_TWEAK / MASK_CIPHER_BLOCK
};

/* The smallest number whose square is not below n, which is 2^63 at most. */
static uint64_t
round_up_root(uint64_t n)
{
    uint64_t low = 1;
    uint64_t high = 2;

    while (high < UINT64_C(1) << 32 && high * high < n)
        high *= 2;
    while (low < high)
    {
        uint64_t middle = low + (high - low) / 2;

        if (middle * middle >= n)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

/* A first block with the tweak's length, then the tweak: no input begins another. */
static void
take_in_tweak(Permutation *permutation, const uint8_t *tweak, size_t tweak_length)
{
    uint8_t blocks[(1 + MOST_TWEAK_BLOCKS) * MASK_CIPHER_BLOCK] = {0};
    uint8_t state[MASK_CIPHER_BLOCK] = {0};
    size_t n_blocks = 1 + (tweak_length + MASK_CIPHER_BLOCK - 1) / MASK_CIPHER_BLOCK;

    mask_bits_put(blocks, permutation->size);
    blocks[8] = (uint8_t)tweak_length;
    if (tweak_length > 0)
        memcpy(blocks + MASK_CIPHER_BLOCK, tweak, tweak_length);
    mask_cipher_chain(permutation->cipher, state, blocks, n_blocks);
    permutation->state[0] = mask_bits_get(state);
    permutation->state[1] = mask_bits_get(state + 8);
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
get_step(Permutation *permutation, uint64_t step, uint64_t other, uint64_t modulus)
{
    uint64_t words[2] = {permutation->state[0] ^ (step + 1),
                         permutation->state[1] ^ other};

    mask_cipher_encrypt_words(permutation->cipher, words);
    return mask_bits_scale(words[0], modulus);
}

static uint64_t
permute_pair(Permutation *permutation, uint64_t number)
{
    uint64_t pair[2] = {number / permutation->moduli[1], number % permutation->moduli[1]};

    for (uint64_t step = 0; step < N_STEPS; step++)
    {
        size_t i = step % 2;
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
