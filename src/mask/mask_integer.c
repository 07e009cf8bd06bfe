/*
 * Keys that are whole numbers: "key" permutes 1 to M, so that different ones stay
 * different and none leaves what sequences have given out. M is what the rule says, or
 * the maximum of the column's class.
 *
 * Columns without a constraint hold others: 0 or -1 for no row, numbers of rows that are
 * gone. 0 and the type's smallest number stay. Numbers beyond M are permuted among those
 * beyond M with as many digits, negative ones like positive ones. So the whole is a
 * permutation of all numbers of the type.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/sqltext.h"
#include "mask/mask_decimal.h"
#include "mask/mask_kinds.h"
#include "mask/permutation.h"

typedef struct IntegerKey
{
    MaskCipher *cipher;
    Permutation permutation;
    uint64_t maximum;
    uint64_t limit; /* of the type */
} IntegerKey;

/* Without its sign. */
typedef struct KeyNumber
{
    bool is_negative;
    uint64_t magnitude;
} KeyNumber;

enum
{
    SMALL_KEY_DOMAIN = 1000000,
    N_TOGETHER = 64 /* numbers that are permuted at once */
};

/* The argument is the number; 0: the column's. */
static bool
parse_key(MaskSpec *spec, Arena *arena, const MaskWords *words, Diag *diag)
{
    int64_t *maximum = ARENA_ARRAY(arena, 1, int64_t);
    MaskWords rest = {words->words + 1, words->is_quoted + 1, words->n - 1};
    char text[32] = "";

    spec->arguments = maximum;
    if (words->n > 0 &&
        (!mask_words_read_number(words->words[0], INT64_MAX, maximum) || *maximum == 0))
        return mask_words_reject(spec, words, diag);
    if (words->n > 1)
        return mask_words_reject(spec, &rest, diag);
    if (*maximum > 0)
        snprintf(text, sizeof(text), "%" PRId64, *maximum);
    spec->function = arena_copy_string(arena, text);
    return true;
}

static int64_t
get_maximum(const MaskSpec *spec, const MaskTarget *target)
{
    int64_t given = *(const int64_t *)spec->arguments;

    return given > 0 ? given : target->maximum;
}

/* The largest that the type has room for. */
static int64_t
get_type_limit(const MaskTarget *target)
{
    int64_t limit = 1;

    if (target->type == MASK_TYPE_INTEGER)
    {
        if (target->size == 2)
            return INT16_MAX;
        return target->size == 4 ? INT32_MAX : INT64_MAX;
    }
    if (target->precision == 0 || target->precision - target->scale > 18)
        return INT64_MAX;
    for (int i = target->scale; i < target->precision; i++)
        limit *= 10;
    return limit - 1;
}

static const char few_keys[] =
    "there are fewer than a million keys, so who knows the masks of some has few to "
    "choose from for the others";
static const char few_keys_that_change[] =
    "there are fewer than a million keys, so who knows the masks of some has few to "
    "choose from for the others; and with a larger largest key all masks are others";
static const char keys_that_change[] = "with a larger largest key all masks are others";

static const char *
get_key_note(const MaskSpec *spec, const MaskTarget *target)
{
    int64_t maximum = get_maximum(spec, target);
    bool is_given = *(const int64_t *)spec->arguments > 0;

    if (maximum > 0 && maximum < SMALL_KEY_DOMAIN)
        return is_given ? few_keys : few_keys_that_change;
    return is_given ? NULL : keys_that_change;
}

static bool
prepare_key(Masker *masker, Arena *arena, Diag *diag)
{
    const MaskSpec *spec = masker->spec;
    int64_t maximum = get_maximum(spec, &masker->target);
    IntegerKey *key;

    if (maximum <= 0)
    {
        diag_set_message(diag, "mask \"key\" does not know the largest key");
        diag_set_hint(diag, "Write \"key N\", where N is at least the largest key.");
        return false;
    }
    if (maximum > get_type_limit(&masker->target))
    {
        diag_set_message(diag,
                         "maximum %" PRId64 " of mask \"key\" is too large for the "
                         "type",
                         maximum);
        return false;
    }
    key = ARENA_ARRAY(arena, 1, IntegerKey);
    key->maximum = (uint64_t)maximum;
    key->limit = (uint64_t)get_type_limit(&masker->target);
    key->cipher = mask_cipher_new(masker->key, spec->kind->name, spec->function);
    permutation_init(&key->permutation, key->cipher, (uint64_t)maximum, NULL, 0);
    masker->state = key;
    return true;
}

static void
release_key(Masker *masker)
{
    IntegerKey *key = masker->state;

    if (key != NULL)
        mask_cipher_free(key->cipher);
}

static bool
read_key_number(MaskValue text, KeyNumber *number)
{
    const char *end = text.text + text.length;
    const char *c = text.text;

    *number = (KeyNumber){.is_negative = c < end && *c == '-'};
    c += number->is_negative ? 1 : 0;
    if (c == end || end - c > 19) /* digits: all such numbers fit into 64 bits */
        return false;
    for (; c < end && sqltext_is_digit(*c); c++)
        number->magnitude = number->magnitude * 10 + (uint64_t)(*c - '0');
    return c == end;
}

/* Among the numbers beyond the maximum that have as many digits. */
static uint64_t
permute_beyond(const IntegerKey *key, uint64_t magnitude)
{
    Permutation permutation;
    uint64_t power = 1;
    uint64_t low;
    uint64_t high;

    while (magnitude / power >= 10)
        power *= 10;
    low = key->maximum >= power ? key->maximum + 1 : power;
    high = power > key->limit / 10 ? key->limit : power * 10 - 1;
    permutation_init(&permutation, key->cipher, high - low + 1, NULL, 0);
    magnitude -= low;
    permutation_apply(&permutation, &magnitude, 1);
    return low + magnitude;
}

static bool
is_within(const IntegerKey *key, uint64_t magnitude)
{
    return magnitude > 0 && magnitude <= key->maximum;
}

/* Those beyond the maximum stay beyond it. */
static void
permute_keys(IntegerKey *key, KeyNumber *numbers, size_t n)
{
    uint64_t within[N_TOGETHER];
    size_t n_within = 0;

    for (size_t i = 0; i < n; i++)
    {
        if (is_within(key, numbers[i].magnitude))
            within[n_within++] = numbers[i].magnitude - 1;
        else if (numbers[i].magnitude > 0 && numbers[i].magnitude <= key->limit)
            numbers[i].magnitude = permute_beyond(key, numbers[i].magnitude);
    }
    permutation_apply(&key->permutation, within, n_within);
    n_within = 0;
    for (size_t i = 0; i < n; i++)
    {
        if (is_within(key, numbers[i].magnitude))
            numbers[i].magnitude = within[n_within++] + 1;
    }
}

static bool
read_key_numbers(IntegerKey *key, const MaskInput *inputs, size_t n, KeyNumber *numbers,
                 const char **problem)
{
    for (size_t i = 0; i < n; i++)
    {
        if (!read_key_number(inputs[i].canonical, &numbers[i]) ||
            numbers[i].magnitude > key->limit + (numbers[i].is_negative ? 1 : 0))
        {
            *problem =
                "mask \"key\" takes whole numbers that have room in all columns of keys "
                "and references";
            return false;
        }
    }
    return true;
}

static bool
apply_to_keys(Masker *masker, const MaskInput *inputs, size_t n, PQExpBuffer out,
              MaskOutput *outputs, const char **problem)
{
    KeyNumber numbers[N_TOGETHER];

    for (size_t start = 0; start < n; start += N_TOGETHER)
    {
        size_t n_numbers = n - start < N_TOGETHER ? n - start : N_TOGETHER;

        if (!read_key_numbers(masker->state, inputs + start, n_numbers, numbers, problem))
            return false;
        permute_keys(masker->state, numbers, n_numbers);
        for (size_t i = 0; i < n_numbers; i++)
        {
            if (numbers[i].is_negative)
                appendPQExpBufferChar(out, '-');
            mask_decimal_append_number(out, numbers[i].magnitude, 1);
            outputs[start + i] = (MaskOutput){.end = out->len};
        }
    }
    return true;
}

static MaskResult
apply_key(Masker *masker, const MaskInput *input, PQExpBuffer out, const char **problem)
{
    MaskOutput output;

    return apply_to_keys(masker, input, 1, out, &output, problem) ? MASK_DONE
                                                                  : MASK_REFUSED;
}

const MaskKind mask_integer_key = {
    .name = "key",
    .arguments = "[N]",
    .description =
        "Another number from 1 to N, by default to the largest that is in use; "
        "larger ones become others that are larger",
    .example = "4711",
    .types = MASK_TYPE_BIT(MASK_TYPE_INTEGER) | MASK_TYPE_BIT(MASK_TYPE_NUMERIC),
    .uniqueness = MASK_INJECTIVE,
    .parse = parse_key,
    .get_note = get_key_note,
    .prepare = prepare_key,
    .apply = apply_key,
    .apply_all = apply_to_keys,
    .release = release_key,
};
