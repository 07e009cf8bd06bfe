#include "mask/permutation.h"

#include <string.h>

#include "mask/mask_bits.h"

enum
{
    N_STEPS = 10,
    N_LANES = 16, /* numbers that are permuted side by side */
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

/* Adds a random function of the other halves to one half of each number. */
static void
do_lanes_step(Permutation *permutation, uint64_t step, uint64_t *halves,
              const uint64_t *others, size_t n)
{
    uint64_t modulus = permutation->moduli[step % 2];
    MaskBlock blocks[N_LANES];

    for (size_t i = 0; i < n; i++)
        blocks[i] = (MaskBlock){
            {permutation->state[0] ^ (step + 1), permutation->state[1] ^ others[i]}};
    mask_cipher_encrypt_words(permutation->cipher, blocks, n);
    for (size_t i = 0; i < n; i++)
    {
        halves[i] += mask_bits_scale(blocks[i].words[0], modulus);
        if (halves[i] >= modulus)
            halves[i] -= modulus;
    }
}

static void
permute_lanes(Permutation *permutation, uint64_t *const *numbers, size_t n)
{
    uint64_t halves[2][N_LANES];

    for (size_t i = 0; i < n; i++)
    {
        halves[0][i] = *numbers[i] / permutation->moduli[1];
        halves[1][i] = *numbers[i] % permutation->moduli[1];
    }
    for (uint64_t step = 0; step < N_STEPS; step++)
        do_lanes_step(permutation, step, halves[step % 2], halves[(step + 1) % 2], n);
    for (size_t i = 0; i < n; i++)
        *numbers[i] = halves[0][i] * permutation->moduli[1] + halves[1][i];
}

/* Those that are no numbers go on. */
static size_t
keep_walking(const Permutation *permutation, uint64_t **numbers, size_t n)
{
    size_t n_left = 0;

    for (size_t i = 0; i < n; i++)
    {
        if (*numbers[i] >= permutation->size)
            numbers[n_left++] = numbers[i];
    }
    return n_left;
}

void
permutation_apply(Permutation *permutation, uint64_t *numbers, size_t n)
{
    uint64_t *walking[N_LANES];

    for (size_t start = 0; start < n; start += N_LANES)
    {
        size_t n_walking = n - start < N_LANES ? n - start : N_LANES;

        for (size_t i = 0; i < n_walking; i++)
            walking[i] = &numbers[start + i];
        while (n_walking > 0)
        {
            permute_lanes(permutation, walking, n_walking);
            n_walking = keep_walking(permutation, walking, n_walking);
        }
    }
}
