/* A keyed choice among values that a rule names, or among the labels of an enum. */
#include <stdlib.h>
#include <string.h>

#include "base/copytext.h"
#include "base/sqltext.h"
#include "mask/mask_bits.h"
#include "mask/mask_kinds.h"

/* Of the rule; values NULL: those of the type. */
typedef struct PickValues
{
    const char *const *values;
    int n;
} PickValues;

static bool
is_bar(const MaskWords *words, int i)
{
    return !words->is_quoted[i] && strcmp(words->words[i], "|") == 0;
}

/* The first word that is out of place in "A|B|C"; the number of words: none is. */
static int
find_misplaced(const MaskWords *words)
{
    for (int i = 0; i < words->n; i++)
        if (is_bar(words, i) != (i % 2 == 1))
            return i;
    return words->n % 2 == 0 ? words->n - 1 : words->n;
}

static bool
parse_pick(MaskSpec *spec, Arena *arena, const MaskWords *words, Diag *diag)
{
    PickValues *pick = ARENA_ARRAY(arena, 1, PickValues);
    int misplaced;
    const char **values;

    spec->arguments = pick;
    if (words->n == 0 ||
        (words->n == 1 && !words->is_quoted[0] && strcmp(words->words[0], "enum") == 0))
    {
        spec->function = "enum";
        return true;
    }
    misplaced = find_misplaced(words);
    if (misplaced < words->n)
        return mask_words_reject(spec,
                                 &(MaskWords){words->words + misplaced,
                                              words->is_quoted + misplaced,
                                              words->n - misplaced},
                                 diag);
    pick->n = words->n / 2 + 1;
    values = ARENA_ARRAY(arena, pick->n, const char *);
    for (int i = 0; i < pick->n; i++)
        values[i] = words->words[2 * i];
    pick->values = values;
    return true;
}

/* ---- does the value fit the type? */

static bool
is_label(const MaskTarget *target, const char *value)
{
    for (int i = 0; i < target->n_labels; i++)
        if (strcmp(target->labels[i], value) == 0)
            return true;
    return false;
}

static bool
is_boolean(const char *value)
{
    return strcmp(value, "t") == 0 || strcmp(value, "f") == 0 ||
           strcmp(value, "true") == 0 || strcmp(value, "false") == 0;
}

static bool
is_whole_number(const MaskTarget *target, const char *value)
{
    int64_t most = target->size == 2 ? INT16_MAX : INT64_MAX;
    int64_t number;

    if (target->size == 4)
        most = INT32_MAX;
    return mask_words_read_number(value + (*value == '-'), most, &number);
}

static bool
fits_type(const MaskTarget *target, const char *value)
{
    if (target->type == MASK_TYPE_ENUM)
        return is_label(target, value);
    if (target->type == MASK_TYPE_BOOLEAN)
        return is_boolean(value);
    if (target->type == MASK_TYPE_INTEGER)
        return is_whole_number(target, value);
    return target->max_length == 0 || !copytext_is_ascii(value) ||
           strlen(value) <= (size_t)target->max_length;
}

static bool
use_values_of_type(PickValues *pick, const MaskTarget *target, Diag *diag)
{
    static const char *const booleans[] = {"f", "t"};

    if (target->type == MASK_TYPE_ENUM && target->n_labels > 0)
        *pick = (PickValues){target->labels, target->n_labels};
    else if (target->type == MASK_TYPE_BOOLEAN)
        *pick = (PickValues){booleans, 2};
    else
    {
        diag_set_message(diag, "mask \"pick\" lacks the values to choose from");
        diag_set_hint(diag, "Write \"pick A|B|C\".");
        return false;
    }
    return true;
}

static bool
prepare_pick(Masker *masker, Arena *arena, Diag *diag)
{
    PickValues *pick = ARENA_ARRAY(arena, 1, PickValues);

    masker->state = pick;
    *pick = *(const PickValues *)masker->spec->arguments;
    if (pick->values == NULL)
        return use_values_of_type(pick, &masker->target, diag);
    for (int i = 0; i < pick->n; i++)
    {
        if (fits_type(&masker->target, pick->values[i]))
            continue;
        diag_set_message(diag, "value \"%s\" of mask \"pick\" does not fit the column",
                         pick->values[i]);
        return false;
    }
    return true;
}

static MaskResult
apply_pick(Masker *masker, const MaskInput *input, PQExpBuffer out, const char **problem)
{
    const PickValues *pick = masker->state;
    uint8_t mac[MASK_MAC_SIZE];
    const char *value;

    (void)problem;
    mask_mac_compute(masker->mac, input->canonical.text, input->canonical.length, mac);
    value = pick->values[mask_bits_choose(mac, (uint64_t)pick->n)];
    if (masker->target.type == MASK_TYPE_BOOLEAN)
        appendPQExpBufferChar(out, value[0]); /* as the server writes them */
    else
        appendPQExpBufferStr(out, value);
    return MASK_DONE;
}

static const char *const *
get_pick_constants(const MaskSpec *spec, int *n)
{
    const PickValues *pick = spec->arguments;

    *n = pick->n;
    return pick->values;
}

const MaskKind mask_pick_pick = {
    .name = "pick",
    .arguments = "A|B|C or enum",
    .description = "One of these values, or of the labels of an enum",
    .example = "large",
    .example_rule = "pick small|'very small'|large",
    .types = MASK_TYPE_BIT(MASK_TYPE_TEXT) | MASK_TYPE_BIT(MASK_TYPE_ENUM) |
             MASK_TYPE_BIT(MASK_TYPE_BOOLEAN) | MASK_TYPE_BIT(MASK_TYPE_INTEGER),
    .uniqueness = MASK_NOT_UNIQUE,
    .parse = parse_pick,
    .get_constants = get_pick_constants,
    .prepare = prepare_pick,
    .apply = apply_pick,
};
