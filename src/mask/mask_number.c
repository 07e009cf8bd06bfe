/*
 * Numbers: "noise" multiplies by a factor that the mac of the value decides on. So equal
 * values have equal masks, and the noise cannot be averaged away. There are as many
 * digits behind the point as before, the sign stays, and what is not 0 does not become 0.
 * Where the product would leave the type, the factor is taken on the other side of 1.
 * Digits are multiplied one by one (mask_decimal.h); the cost is one mac, and a pass over
 * them.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "mask/mask_bits.h"
#include "mask/mask_decimal.h"
#include "mask/mask_kinds.h"

enum
{
    ONE = 1000000, /* of a factor */
    PERCENT = ONE / 100,
    PERCENT_DIGITS = 4, /* behind the point */
    DOUBLE_DIGITS = 15, /* that survive being a float8 */
    SINGLE_DIGITS = 6
};

static const char no_number[] = "is no number as the server writes it";

/* "10%" or "2.5" as millionths; false if it is not above 0 and up to 100. */
static bool
read_percentage(const char *word, int64_t *millionths)
{
    char digits[16];
    size_t n = 0;
    int n_fraction = -1;

    for (; *word != '\0' && n + 1 < sizeof(digits) - PERCENT_DIGITS; word++)
    {
        if (*word == '%' && word[1] == '\0')
            break;
        if (*word == '.' && n_fraction < 0)
        {
            n_fraction = 0;
            continue;
        }
        digits[n++] = *word;
        n_fraction += n_fraction >= 0;
    }
    if (n == 0 || (*word != '\0' && *word != '%') || n_fraction > PERCENT_DIGITS)
        return false;
    for (int i = n_fraction < 0 ? 0 : n_fraction; i < PERCENT_DIGITS; i++)
        digits[n++] = '0';
    digits[n] = '\0';
    return mask_words_read_number(digits, ONE, millionths) && *millionths > 0;
}

static bool
parse_noise(MaskSpec *spec, Arena *arena, const MaskWords *words, Diag *diag)
{
    int64_t *millionths = ARENA_ARRAY(arena, 1, int64_t);
    MaskWords rest = {words->words + 1, words->is_quoted + 1, words->n - 1};
    char text[32];

    spec->arguments = millionths;
    if (words->n == 0 || !read_percentage(words->words[0], millionths))
    {
        mask_words_reject(spec, words, diag);
        diag_set_hint(diag,
                      "Write \"noise 10%%\", up to 100%%, with up to %d digits "
                      "behind the point.",
                      PERCENT_DIGITS);
        return false;
    }
    snprintf(text, sizeof(text), "%" PRId64 " of 1000000", *millionths);
    spec->function = arena_copy_string(arena, text);
    return words->n == 1 || mask_words_reject(spec, &rest, diag);
}

/* On that side of 1 on which it goes no further. */
static uint64_t
mirror_factor(uint64_t factor, bool is_up)
{
    return (factor < ONE) == is_up ? (uint64_t)2 * ONE - factor : factor;
}

/* Near the ends of a float's range. */
static uint64_t
limit_factor(const MaskDecimal *decimal, const MaskTarget *target, uint64_t factor)
{
    int most = target->size == 4 ? 38 : 308;

    if (target->type != MASK_TYPE_FLOAT)
        return factor;
    if (decimal->exponent_value >= most)
        return mirror_factor(factor, false);
    return decimal->exponent_value <= 1 - most ? mirror_factor(factor, true) : factor;
}

/* Zeros at the end of a fraction are not written of floats. */
static void
trim_float(MaskDecimal *decimal, const MaskTarget *target)
{
    PQExpBuffer digits = decimal->digits;

    mask_decimal_round(decimal, target->size == 4 ? SINGLE_DIGITS : DOUBLE_DIGITS);
    while (decimal->scale > 0 && digits->data[digits->len - 1] == '0')
    {
        digits->data[--digits->len] = '\0';
        decimal->scale--;
    }
}

/* Multiplies what the text says; from the text, since it may be done twice. */
static bool
multiply_text(Masker *masker, MaskValue text, uint64_t factor, MaskDecimal *decimal)
{
    if (!mask_decimal_read(decimal, text, &masker->scratch))
        return false;
    if (decimal->is_special || mask_decimal_is_zero(decimal))
        return true;
    mask_decimal_multiply(decimal, limit_factor(decimal, &masker->target, factor));
    if (mask_decimal_is_zero(decimal))
        decimal->digits->data[decimal->digits->len - 1] = '1';
    if (masker->target.type == MASK_TYPE_FLOAT)
        trim_float(decimal, &masker->target);
    return true;
}

static MaskResult
apply_noise(Masker *masker, const MaskInput *input, PQExpBuffer out, const char **problem)
{
    uint64_t most = *(const uint64_t *)masker->spec->arguments;
    uint8_t mac[MASK_MAC_SIZE];
    uint64_t factor;
    MaskDecimal decimal;
    bool is_number;

    mask_mac_compute(masker->mac, input->canonical.text, input->canonical.length, mac);
    factor = ONE - most + mask_bits_choose(mac, 2 * most + 1);
    is_number = multiply_text(masker, input->value, factor, &decimal);
    if (is_number && !mask_decimal_fits(&decimal, &masker->target))
        is_number =
            multiply_text(masker, input->value, mirror_factor(factor, false), &decimal);
    if (!is_number)
    {
        *problem = no_number;
        return MASK_REFUSED;
    }
    if (decimal.is_special || mask_decimal_is_zero(&decimal))
        appendBinaryPQExpBuffer(out, input->value.text, input->value.length);
    else
        mask_decimal_append(out, &decimal);
    return MASK_DONE;
}

const MaskKind mask_number_noise = {
    .name = "noise",
    .arguments = "PERCENT%",
    .description = "A number up to so much larger or smaller; 0 stays",
    .example = "2345.50",
    .example_rule = "noise 10%",
    .types = MASK_TYPE_BIT(MASK_TYPE_INTEGER) | MASK_TYPE_BIT(MASK_TYPE_NUMERIC) |
             MASK_TYPE_BIT(MASK_TYPE_FLOAT),
    .uniqueness = MASK_NOT_UNIQUE,
    .keeps_some = true,
    .parse = parse_noise,
    .apply = apply_noise,
};
