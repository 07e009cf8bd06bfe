/*
 * What permutes values: FF1 by NIST's samples and as a permutation of whole domains, and
 * the permutation of numbers below any size.
 */
#include <stdlib.h>
#include <string.h>

#include "mask/ff1.h"
#include "mask/permutation.h"
#include "tap.h"

/* ---- NIST's samples of FF1: the key is the beginning of these bytes */

static const uint8_t sample_key[] = {0x2B, 0x7E, 0x15, 0x16, 0x28, 0xAE, 0xD2, 0xA6,
                                     0xAB, 0xF7, 0x15, 0x88, 0x09, 0xCF, 0x4F, 0x3C,
                                     0xEF, 0x43, 0x59, 0xD8, 0xD5, 0x80, 0xAA, 0x4F,
                                     0x7F, 0x03, 0x6D, 0x6F, 0x04, 0xFC, 0x6A, 0x94};

typedef struct FF1Sample
{
    size_t key_length;
    uint8_t radix;
    const char *tweak;
    size_t tweak_length;
    const char *plain;
    const char *encrypted;
} FF1Sample;

static const char first_tweak[] = "\x39\x38\x37\x36\x35\x34\x33\x32\x31\x30";
static const char second_tweak[] = "\x37\x37\x37\x37\x70\x71\x72\x73\x37\x37\x37";

static const FF1Sample samples[] = {
    {16, 10, "", 0, "0123456789", "2433477484"},
    {16, 10, first_tweak, 10, "0123456789", "6124200773"},
    {16, 36, second_tweak, 11, "0123456789abcdefghi", "a9tv40mll9kdu509eum"},
    {24, 10, "", 0, "0123456789", "2830668132"},
    {24, 10, first_tweak, 10, "0123456789", "2496655549"},
    {24, 36, second_tweak, 11, "0123456789abcdefghi", "xbj3kv35jrawxv32ysr"},
    {32, 10, "", 0, "0123456789", "6657667009"},
    {32, 10, first_tweak, 10, "0123456789", "1001623463"},
    {32, 36, second_tweak, 11, "0123456789abcdefghi", "xs8a0azh2avyalyzuwd"},
};

static const char numeral_letters[] = "0123456789abcdefghijklmnopqrstuvwxyz";

static void
check_sample(const FF1Sample *sample, int number)
{
    MaskCipher *cipher = mask_cipher_new_of_bytes(sample_key, sample->key_length);
    size_t n = strlen(sample->plain);
    uint8_t numerals[FF1_MOST];
    uint8_t radixes[FF1_MOST];
    char encrypted[FF1_MOST + 1];
    Ff1 ff1;

    ff1_init(&ff1, cipher);
    for (size_t i = 0; i < n; i++)
    {
        numerals[i] =
            (uint8_t)(strchr(numeral_letters, sample->plain[i]) - numeral_letters);
        radixes[i] = sample->radix;
    }
    ff1_encrypt(&ff1,
                &(Ff1String){numerals, radixes, n, (const uint8_t *)sample->tweak,
                             sample->tweak_length},
                1);
    for (size_t i = 0; i < n; i++)
        encrypted[i] = numeral_letters[numerals[i]];
    encrypted[n] = '\0';
    is_str(encrypted, sample->encrypted, "NIST's sample %d of FF1", number);
    mask_cipher_free(cipher);
}

/* ---- whole domains */

static uint64_t
read_number(const uint8_t *numerals, const uint8_t *radixes, size_t n)
{
    uint64_t number = 0;

    for (size_t i = 0; i < n; i++)
        number = number * radixes[i] + numerals[i];
    return number;
}

/* Encrypts all strings with these radixes, and looks for what comes twice. */
static void
check_whole_domain(const uint8_t *radixes, size_t n, const char *tweak)
{
    MaskCipher *cipher = mask_cipher_new_of_bytes(sample_key, 16);
    uint64_t size = 1;
    uint64_t n_twice = 0;
    uint64_t n_fixed = 0;
    uint8_t *is_there;
    Ff1 ff1;

    ff1_init(&ff1, cipher);
    for (size_t i = 0; i < n; i++)
        size *= radixes[i];
    is_there = calloc(size, 1);
    for (uint64_t number = 0; number < size && is_there != NULL; number++)
    {
        uint8_t numerals[FF1_MOST];
        uint64_t rest = number;
        uint64_t encrypted;

        for (size_t i = n; i-- > 0;)
        {
            numerals[i] = (uint8_t)(rest % radixes[i]);
            rest /= radixes[i];
        }
        ff1_encrypt(&ff1,
                    &(Ff1String){numerals, radixes, n, (const uint8_t *)tweak,
                                 strlen(tweak)},
                    1);
        encrypted = read_number(numerals, radixes, n);
        n_twice += encrypted >= size || is_there[encrypted]++ > 0;
        n_fixed += encrypted == number;
    }
    is_int((intmax_t)n_twice, 0, "FF1 permutes all %d strings of %d numerals", (int)size,
           (int)n);
    ok(n_fixed < 20, "few of them stay: %d", (int)n_fixed);
    free(is_there);
    mask_cipher_free(cipher);
}

/* ---- permutations of numbers */

static void
check_permutation(MaskCipher *cipher, uint64_t size, const char *tweak)
{
    uint8_t *is_there = calloc(size, 1);
    uint64_t *numbers = calloc(size, sizeof(*numbers));
    uint64_t n_twice = 0;
    uint64_t n_unlike = 0;
    Permutation permutation;

    if (is_there == NULL || numbers == NULL)
        abort();
    permutation_init(&permutation, cipher, size, (const uint8_t *)tweak, strlen(tweak));
    for (uint64_t i = 0; i < size; i++)
        numbers[i] = i;
    permutation_apply(&permutation, numbers, size);
    for (uint64_t i = 0; i < size; i++)
    {
        uint64_t alone = i;

        permutation_apply(&permutation, &alone, 1);
        n_unlike += alone != numbers[i];
        n_twice += numbers[i] >= size || is_there[numbers[i]]++ > 0;
    }
    is_int((intmax_t)n_twice, 0, "a permutation of %d numbers", (int)size);
    is_int((intmax_t)n_unlike, 0, "one by one it is the same");
    free(is_there);
    free(numbers);
}

static void
check_permutations(void)
{
    MaskCipher *cipher = mask_cipher_new_of_bytes(sample_key, 16);
    const uint64_t sizes[] = {100, 4711, 65535, 65536, 65537, 999999};

    for (uint64_t size = 1; size <= 40; size++)
        check_permutation(cipher, size, "");
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
        check_permutation(cipher, sizes[i], i % 2 == 0 ? "" : "a tweak of many letters");
    mask_cipher_free(cipher);
}

/* Large ones: all that comes out is in range, and another tweak gives another number. */
static void
check_large(void)
{
    MaskCipher *cipher = mask_cipher_new_of_bytes(sample_key, 16);
    const uint64_t sizes[] = {UINT64_C(1) << 62, PERMUTATION_MOST_SIZE,
                              PERMUTATION_MOST_SIZE - 1, UINT64_C(10000000019)};

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
    {
        Permutation one;
        Permutation other;
        int n_wrong = 0;
        int n_same = 0;

        permutation_init(&one, cipher, sizes[i], NULL, 0);
        permutation_init(&other, cipher, sizes[i], (const uint8_t *)"x", 1);
        for (uint64_t j = 0; j < 10000; j++)
        {
            uint64_t by_one = j % 2 == 0 ? j : sizes[i] - 1 - j;
            uint64_t by_other = by_one;

            permutation_apply(&one, &by_one, 1);
            permutation_apply(&other, &by_other, 1);
            n_wrong += by_one >= sizes[i];
            n_same += by_one == by_other;
        }
        is_int(n_wrong, 0, "numbers stay below size %d", (int)i);
        ok(n_same < 2, "the tweak counts");
    }
    mask_cipher_free(cipher);
}

int
main(void)
{
    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++)
        check_sample(&samples[i], (int)i + 1);
    check_whole_domain((const uint8_t[]){10, 10, 10, 10, 10}, 5, "");
    check_whole_domain((const uint8_t[]){10}, 1, "");
    check_whole_domain((const uint8_t[]){26, 10, 26, 10, 9}, 5, "AB");
    check_whole_domain((const uint8_t[]){2, 36, 3, 10, 26}, 5,
                       "a tweak of more than one block");
    check_permutations();
    check_large();
    return done_testing();
}
