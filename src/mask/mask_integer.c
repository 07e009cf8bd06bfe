/*
 * Keys that are whole numbers: "key" permutes 1 to M, so that different ones stay
 * different and none leaves what sequences have given out. M is what the rule says, or
 * the maximum of the column's class.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "mask/mask_decimal.h"
#include "mask/mask_kinds.h"
#include "mask/permutation.h"

typedef struct IntegerKey
{
    MaskCipher *cipher;
    Permutation permutation;
    int64_t maximum;
} IntegerKey;

enum
{
    SMALL_KEY_DOMAIN = 1000000
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

static const char *
get_key_note(const MaskSpec *spec, const MaskTarget *target)
{
    int64_t maximum = get_maximum(spec, target);

    return maximum > 0 && maximum < SMALL_KEY_DOMAIN
               ? "there are fewer than a million keys, so who knows the masks of some "
                 "has few to choose from for the others"
               : NULL;
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
    key->maximum = maximum;
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

/* A whole number from 1 to the maximum; false if it is none. */
static bool
read_key_number(MaskValue text, int64_t maximum, int64_t *number)
{
    char digits[24];

    if (text.length >= sizeof(digits))
        return false;
    memcpy(digits, text.text, text.length);
    digits[text.length] = '\0';
    return mask_words_read_number(digits, maximum, number) && *number > 0;
}

static MaskResult
apply_key(Masker *masker, const MaskInput *input, PQExpBuffer out, const char **problem)
{
    IntegerKey *key = masker->state;
    int64_t number;

    if (!read_key_number(input->canonical, key->maximum, &number))
    {
        *problem = "is not a whole number from 1 to the maximum of mask \"key\"";
        return MASK_REFUSED;
    }
    number = (int64_t)permutation_apply(&key->permutation, (uint64_t)number - 1) + 1;
    mask_decimal_append_number(out, (uint64_t)number, 1);
    return MASK_DONE;
}

const MaskKind mask_integer_key = {
    .name = "key",
    .arguments = "[N]",
    .description = "Another number from 1 to N, by default to the largest that is in use",
    .example = "4711",
    .types = MASK_TYPE_BIT(MASK_TYPE_INTEGER) | MASK_TYPE_BIT(MASK_TYPE_NUMERIC),
    .uniqueness = MASK_INJECTIVE,
    .parse = parse_key,
    .get_note = get_key_note,
    .prepare = prepare_key,
    .apply = apply_key,
    .release = release_key,
};
