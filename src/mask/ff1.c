#include "mask/ff1.h"

#include <string.h>

#include "mask/mask_bits.h"

enum
{
    N_ROUNDS = 10,
    MOST_Q = FF1_MOST_TWEAK + 2 * MASK_CIPHER_BLOCK
};

/* One string while it is encrypted; half 0 is on the left. */
typedef struct Ff1Halves
{
    uint64_t number[2];
    uint64_t modulus[2];
    size_t n_bytes; /* b: of a half's number in Q */
    uint8_t q[MOST_Q];
    size_t n_q_blocks;
} Ff1Halves;

void
ff1_init(Ff1 *ff1, MaskCipher *cipher)
{
    *ff1 = (Ff1){.cipher = cipher};
}

/* ---- P */

static bool
has_one_radix(const uint8_t *radixes, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if (radixes[i] != radixes[0])
            return false;
    return true;
}

/* Returns how many blocks it has. */
static size_t
fill_prefix(uint8_t prefix[3 * MASK_CIPHER_BLOCK], const uint8_t *radixes, size_t n,
            size_t tweak_length)
{
    bool is_standard = has_one_radix(radixes, n);

    memset(prefix, 0, (size_t)3 * MASK_CIPHER_BLOCK);
    prefix[0] = 1; /* version */
    prefix[1] = 2; /* method */
    prefix[2] = 1; /* addition */
    prefix[5] = is_standard ? radixes[0] : 0;
    prefix[6] = N_ROUNDS;
    prefix[7] = (uint8_t)(n / 2);
    prefix[11] = (uint8_t)n;
    prefix[15] = (uint8_t)tweak_length;
    if (is_standard)
        return 1;
    memcpy(prefix + MASK_CIPHER_BLOCK, radixes, n);
    return 1 + (n + MASK_CIPHER_BLOCK - 1) / MASK_CIPHER_BLOCK;
}

/* Strings of a column mostly have one form, so the last one's state is kept. */
static void
take_in_prefix(Ff1 *ff1, const uint8_t *radixes, size_t n, size_t tweak_length)
{
    uint8_t prefix[sizeof(ff1->prefix)];
    size_t n_blocks = fill_prefix(prefix, radixes, n, tweak_length);

    if (n_blocks == ff1->n_prefix_blocks &&
        memcmp(prefix, ff1->prefix, n_blocks * MASK_CIPHER_BLOCK) == 0)
        return;
    memcpy(ff1->prefix, prefix, sizeof(prefix));
    ff1->n_prefix_blocks = n_blocks;
    memset(ff1->state, 0, sizeof(ff1->state));
    mask_cipher_chain(ff1->cipher, ff1->state, prefix, n_blocks);
}

/* ---- halves */

static void
read_half(Ff1Halves *halves, int half, const uint8_t *numerals, const uint8_t *radixes,
          size_t n)
{
    uint64_t number = 0;
    uint64_t modulus = 1;

    for (size_t i = 0; i < n; i++)
    {
        number = number * radixes[i] + numerals[i];
        modulus *= radixes[i];
    }
    halves->number[half] = number;
    halves->modulus[half] = modulus;
}

static void
write_half(const Ff1Halves *halves, int half, uint8_t *numerals, const uint8_t *radixes,
           size_t n)
{
    uint64_t number = halves->number[half];

    while (n-- > 0)
    {
        numerals[n] = (uint8_t)(number % radixes[n]);
        number /= radixes[n];
    }
}

/* Bytes for any number below both moduli. */
static size_t
count_bytes(const Ff1Halves *halves)
{
    uint64_t most = (halves->modulus[0] > halves->modulus[1] ? halves->modulus[0]
                                                             : halves->modulus[1]) -
                    1;
    size_t n = 0;

    for (; most > 0; most >>= 8)
        n++;
    return n;
}

/* Q but for the round and the number: the tweak, and zeros up to whole blocks. */
static void
prepare_q(Ff1Halves *halves, const uint8_t *tweak, size_t tweak_length)
{
    size_t length = tweak_length + 1 + halves->n_bytes;

    halves->n_q_blocks = (length + MASK_CIPHER_BLOCK - 1) / MASK_CIPHER_BLOCK;
    memset(halves->q, 0, halves->n_q_blocks * MASK_CIPHER_BLOCK);
    if (tweak_length > 0)
        memcpy(halves->q, tweak, tweak_length);
}

static void
fill_q(Ff1Halves *halves, int round, uint64_t number)
{
    uint8_t *end = halves->q + halves->n_q_blocks * MASK_CIPHER_BLOCK;

    for (size_t i = 1; i <= halves->n_bytes; i++)
    {
        end[-(ptrdiff_t)i] = (uint8_t)number;
        number >>= 8;
    }
    end[-(ptrdiff_t)halves->n_bytes - 1] = (uint8_t)round;
}

/* ---- rounds */

/* y modulo the modulus: y has the first d = 4ceil(b/4)+4 bytes of the random function. */
static uint64_t
reduce(const Ff1Halves *halves, const uint8_t *bytes, uint64_t modulus)
{
    MaskWide y;

    if (halves->n_bytes <= 4)
        return mask_bits_get(bytes) % modulus;
    y = (MaskWide)(mask_bits_get(bytes) >> 32) << 64 | mask_bits_get(bytes + 4);
    return (uint64_t)(y % modulus);
}

static void
do_round(Ff1 *ff1, Ff1Halves *halves, int round)
{
    int half = round % 2;
    uint64_t modulus = halves->modulus[half];
    uint8_t state[MASK_CIPHER_BLOCK];
    MaskWide sum;

    fill_q(halves, round, halves->number[1 - half]);
    memcpy(state, ff1->state, sizeof(state));
    mask_cipher_chain(ff1->cipher, state, halves->q, halves->n_q_blocks);
    sum = (MaskWide)halves->number[half] + reduce(halves, state, modulus);
    halves->number[half] = (uint64_t)(sum >= modulus ? sum - modulus : sum);
}

void
ff1_encrypt(Ff1 *ff1, uint8_t *numerals, const uint8_t *radixes, size_t n,
            const uint8_t *tweak, size_t tweak_length)
{
    Ff1Halves halves;
    size_t u = n / 2;

    read_half(&halves, 0, numerals, radixes, u);
    read_half(&halves, 1, numerals + u, radixes + u, n - u);
    halves.n_bytes = count_bytes(&halves);
    prepare_q(&halves, tweak, tweak_length);
    take_in_prefix(ff1, radixes, n, tweak_length);
    for (int round = 0; round < N_ROUNDS; round++)
        do_round(ff1, &halves, round);
    write_half(&halves, 0, numerals, radixes, u);
    write_half(&halves, 1, numerals + u, radixes + u, n - u);
}
