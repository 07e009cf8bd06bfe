#include "mask/ff1.h"

#include <string.h>

#include "mask/mask_bits.h"

enum
{
    N_ROUNDS = 10,
    N_LANES = 16, /* strings that are encrypted side by side */
    MOST_Q = FF1_MOST_TWEAK + 2 * MASK_CIPHER_BLOCK
};

/* One string while it is encrypted; half 0 is on the left. */
typedef struct Ff1Halves
{
    uint64_t number[2];
    uint64_t modulus[2];
    int n_bytes;     /* b: of a half's number in Q */
    MaskBlock block; /* the last one of Q, without round and number, and the state */
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

/* Takes the last numeral off; compilers divide faster by what they know. */
static uint8_t
take_numeral(uint64_t *number, uint8_t radix)
{
    uint64_t rest = *number;

    if (radix == 10)
        *number = rest / 10;
    else if (radix == 26)
        *number = rest / 26;
    else
        *number = rest / radix;
    return (uint8_t)(rest - *number * radix);
}

static void
write_half(const Ff1Halves *halves, int half, uint8_t *numerals, const uint8_t *radixes,
           size_t n)
{
    uint64_t number = halves->number[half];

    while (n-- > 0)
        numerals[n] = take_numeral(&number, radixes[n]);
}

/* Bytes for any number below both moduli. */
static int
count_bytes(const Ff1Halves *halves)
{
    uint64_t larger =
        halves->modulus[0] > halves->modulus[1] ? halves->modulus[0] : halves->modulus[1];
    int n = 0;

    for (uint64_t most = larger - 1; most > 0; most >>= 8)
        n++;
    return n;
}

/*
 * Q is the tweak, zeros up to whole blocks, and in the last bytes round and number. So
 * all blocks but the last are the same in all rounds, and are taken in once.
 */
static void
prepare_q(const Ff1 *ff1, Ff1Halves *halves, const uint8_t *tweak, size_t tweak_length)
{
    uint8_t q[MOST_Q] = {0};
    uint8_t state[MASK_CIPHER_BLOCK];
    size_t length = tweak_length + 1 + (size_t)halves->n_bytes;
    size_t last = (length - 1) / MASK_CIPHER_BLOCK;
    const uint8_t *block = q + last * MASK_CIPHER_BLOCK;

    if (tweak_length > 0)
        memcpy(q, tweak, tweak_length);
    memcpy(state, ff1->state, sizeof(state));
    mask_cipher_chain(ff1->cipher, state, q, last);
    halves->block.words[0] = mask_bits_get(state) ^ mask_bits_get(block);
    halves->block.words[1] = mask_bits_get(state + 8) ^ mask_bits_get(block + 8);
}

/* ---- rounds */

/* y modulo the modulus: y has the first d = 4ceil(b/4)+4 bytes of the random function. */
static uint64_t
reduce(const Ff1Halves *halves, const MaskBlock *random, uint64_t modulus)
{
    MaskWide y;

    if (halves->n_bytes <= 4)
        return random->words[0] % modulus;
    y = (MaskWide)random->words[0] << 32 | random->words[1] >> 32;
    return (uint64_t)(y % modulus);
}

/* The last block of Q. */
static MaskBlock
fill_q(const Ff1Halves *halves, uint64_t round)
{
    MaskBlock block = halves->block;

    block.words[1] ^= halves->number[(round + 1) % 2];
    if (halves->n_bytes < 8)
        block.words[1] ^= round << 8 * halves->n_bytes;
    else
        block.words[0] ^= round;
    return block;
}

static void
do_round(Ff1 *ff1, Ff1Halves *lanes, size_t n, uint64_t round)
{
    int half = round % 2;
    MaskBlock blocks[N_LANES];

    for (size_t i = 0; i < n; i++)
        blocks[i] = fill_q(&lanes[i], round);
    mask_cipher_encrypt_words(ff1->cipher, blocks, n);
    for (size_t i = 0; i < n; i++)
    {
        uint64_t modulus = lanes[i].modulus[half]; /* below 2^63 */
        uint64_t sum = lanes[i].number[half] + reduce(&lanes[i], &blocks[i], modulus);

        lanes[i].number[half] = sum >= modulus ? sum - modulus : sum;
    }
}

/* ---- strings */

static void
read_ff1_string(Ff1 *ff1, Ff1Halves *halves, const Ff1String *string)
{
    size_t u = string->n / 2;

    read_half(halves, 0, string->numerals, string->radixes, u);
    read_half(halves, 1, string->numerals + u, string->radixes + u, string->n - u);
    halves->n_bytes = count_bytes(halves);
    take_in_prefix(ff1, string->radixes, string->n, string->tweak_length);
    prepare_q(ff1, halves, string->tweak, string->tweak_length);
}

static void
write_ff1_string(const Ff1Halves *halves, const Ff1String *string)
{
    size_t u = string->n / 2;

    write_half(halves, 0, string->numerals, string->radixes, u);
    write_half(halves, 1, string->numerals + u, string->radixes + u, string->n - u);
}

void
ff1_encrypt(Ff1 *ff1, const Ff1String *strings, size_t n)
{
    Ff1Halves lanes[N_LANES];

    for (size_t start = 0; start < n; start += N_LANES)
    {
        size_t n_lanes = n - start < N_LANES ? n - start : N_LANES;

        for (size_t i = 0; i < n_lanes; i++)
            read_ff1_string(ff1, &lanes[i], &strings[start + i]);
        for (uint64_t round = 0; round < N_ROUNDS; round++)
            do_round(ff1, lanes, n_lanes, round);
        for (size_t i = 0; i < n_lanes; i++)
            write_ff1_string(&lanes[i], &strings[start + i]);
    }
}
