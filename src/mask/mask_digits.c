/*
 * Masks that replace digits and letters by others, and keep the form: phone, pattern,
 * postcode. Each is injective: what is kept, and the form, tell which permutation was
 * taken, and mask_symbols.h has the permutation.
 *
 * Of whole numbers the first digit stays from 1 to 9, and what comes out beyond the
 * type's limit is permuted again, which ends within it, since it began there.
 */
#include <stdio.h>
#include <string.h>

#include "mask/mask_kinds.h"
#include "mask/mask_symbols.h"

enum
{
    PHONE_KEEP = 3,
    POSTCODE_KEEP = 2,
    FEW_FREE = 6
};

/* ---- keep N: the arguments are the number */

static bool
parse_keep(MaskSpec *spec, Arena *arena, const MaskWords *words, int keep, Diag *diag)
{
    int *argument = ARENA_ARRAY(arena, 1, int);
    char text[32];

    if (!mask_words_read_keep(spec, words, MASK_SYMBOLS_MOST_KEEP, &keep, diag))
        return false;
    *argument = keep;
    spec->arguments = argument;
    snprintf(text, sizeof(text), "keep %d", keep);
    spec->function = arena_copy_string(arena, text);
    return true;
}

static bool
parse_phone(MaskSpec *spec, Arena *arena, const MaskWords *words, Diag *diag)
{
    return parse_keep(spec, arena, words, PHONE_KEEP, diag);
}

static bool
parse_pattern(MaskSpec *spec, Arena *arena, const MaskWords *words, Diag *diag)
{
    return parse_keep(spec, arena, words, 0, diag);
}

static bool
parse_postcode(MaskSpec *spec, Arena *arena, const MaskWords *words, Diag *diag)
{
    return parse_keep(spec, arena, words, POSTCODE_KEEP, diag);
}

static size_t
get_keep(const Masker *masker)
{
    return (size_t) * (const int *)masker->spec->arguments;
}

static bool
prepare_symbols(Masker *masker, Arena *arena, Diag *diag)
{
    (void)arena;
    (void)diag;
    masker->state = mask_symbols_new(masker, MASK_SYMBOLS_TOGETHER);
    return true;
}

static void
release_symbols(Masker *masker)
{
    mask_symbols_free(masker->state, MASK_SYMBOLS_TOGETHER);
}

/* ---- texts */

static bool
collect_text(const Masker *masker, MaskSymbols *symbols, MaskValue text,
             const char **problem)
{
    bool is_phone = masker->spec->kind == &mask_digits_phone;

    mask_symbols_collect(symbols, masker->target.encoding, text, get_keep(masker),
                         is_phone);
    if (symbols->n > 0 || !symbols->has_other)
        return true;
    *problem = mask_symbols_problem;
    return false;
}

static bool
apply_together(Masker *masker, const MaskInput *inputs, size_t n, PQExpBuffer out,
               MaskOutput *outputs, const char **problem)
{
    MaskSymbols *symbols = masker->state;

    for (size_t i = 0; i < n; i++)
    {
        if (!collect_text(masker, &symbols[i], inputs[i].canonical, problem))
            return false;
    }
    mask_symbols_permute_all(symbols, n);
    for (size_t i = 0; i < n; i++)
    {
        size_t start = out->len;
        MaskValue text = inputs[i].canonical;

        appendBinaryPQExpBuffer(out, text.text, text.length);
        mask_symbols_write(&symbols[i], out->data + start);
        outputs[i] = (MaskOutput){.end = out->len};
    }
    return true;
}

static bool
apply_to_texts(Masker *masker, const MaskInput *inputs, size_t n, PQExpBuffer out,
               MaskOutput *outputs, const char **problem)
{
    for (size_t i = 0; i < n; i += MASK_SYMBOLS_TOGETHER)
    {
        size_t n_left = n - i < MASK_SYMBOLS_TOGETHER ? n - i : MASK_SYMBOLS_TOGETHER;

        if (!apply_together(masker, inputs + i, n_left, out, outputs + i, problem))
            return false;
    }
    return true;
}

static MaskResult
apply_to_text(Masker *masker, const MaskInput *input, PQExpBuffer out,
              const char **problem)
{
    MaskOutput output;

    return apply_to_texts(masker, input, 1, out, &output, problem) ? MASK_DONE
                                                                   : MASK_REFUSED;
}

/* ---- whole numbers */

/* The largest of a type of size bytes, without its sign. */
static const char *
get_limit(int size, bool is_negative)
{
    if (size == 2)
        return is_negative ? "32768" : "32767";
    if (size == 4)
        return is_negative ? "2147483648" : "2147483647";
    return is_negative ? "9223372036854775808" : "9223372036854775807";
}

/* 1 to 9 where a number begins, unless it is one digit without a sign. */
static void
restrict_first(MaskSymbols *symbols, bool is_negative)
{
    if (symbols->tweak_length > 0 || (symbols->n == 1 && !is_negative) ||
        symbols->n == 0 || symbols->numerals[0] == 0)
        return;
    symbols->radixes[0] = 9;
    symbols->bases[0] = '1';
    symbols->numerals[0]--;
}

/* Is it beyond the limit, which has as many digits? */
static bool
is_beyond(const char *digits, size_t n_digits, const char *limit)
{
    return n_digits == strlen(limit) && memcmp(digits, limit, n_digits) > 0;
}

/*
 * Permuted again until it is on the same side of the limit. A number of json can be
 * beyond it; to search a way back from there might never end.
 */
static MaskResult
apply_to_integer(Masker *masker, MaskValue text, PQExpBuffer out)
{
    MaskSymbols *symbols = masker->state;
    size_t start = out->len;
    bool is_negative = text.length > 0 && *text.text == '-';
    size_t n_digits = text.length - is_negative;
    const char *limit = get_limit(masker->target.size, is_negative);
    bool was_beyond = is_beyond(text.text + is_negative, n_digits, limit);
    const char *digits;

    mask_symbols_collect(symbols, masker->target.encoding, text, get_keep(masker), true);
    restrict_first(symbols, is_negative);
    appendBinaryPQExpBuffer(out, text.text, text.length);
    digits = out->data + start + is_negative;
    do
    {
        mask_symbols_permute(symbols, 0);
        mask_symbols_write(symbols, out->data + start);
    } while (is_beyond(digits, n_digits, limit) != was_beyond);
    return MASK_DONE;
}

static MaskResult
apply_phone(Masker *masker, const MaskInput *input, PQExpBuffer out, const char **problem)
{
    if (masker->target.type == MASK_TYPE_INTEGER)
        return apply_to_integer(masker, input->canonical, out);
    return apply_to_text(masker, input, out, problem);
}

static bool
apply_to_phones(Masker *masker, const MaskInput *inputs, size_t n, PQExpBuffer out,
                MaskOutput *outputs, const char **problem)
{
    if (masker->target.type != MASK_TYPE_INTEGER)
        return apply_to_texts(masker, inputs, n, out, outputs, problem);
    for (size_t i = 0; i < n; i++)
    {
        (void)apply_to_integer(masker, inputs[i].canonical, out);
        outputs[i] = (MaskOutput){.end = out->len};
    }
    return true;
}

/* ---- notes */

static const char guessable[] =
    "there are fewer than a million values of a form, so who knows the masks of some has "
    "few to choose from for the others";

static const char *
get_symbols_note(const MaskSpec *spec, const MaskTarget *target)
{
    int keep = *(const int *)spec->arguments;

    return target->max_length > 0 && target->max_length < keep + FEW_FREE ? guessable
                                                                          : NULL;
}

static const char *
get_postcode_note(const MaskSpec *spec, const MaskTarget *target)
{
    (void)spec;
    (void)target;
    return guessable;
}

/* ---- kinds */

const MaskKind mask_digits_phone = {
    .name = "phone",
    .arguments = "[keep N]",
    .description = "Other digits but for the first N, 3 by default, and other letters; "
                   "all else stays",
    .example = "+49 171 5550123",
    .types = MASK_TYPE_BIT(MASK_TYPE_TEXT) | MASK_TYPE_BIT(MASK_TYPE_INTEGER),
    .uniqueness = MASK_INJECTIVE,
    .parse = parse_phone,
    .get_note = get_symbols_note,
    .prepare = prepare_symbols,
    .apply = apply_phone,
    .apply_all = apply_to_phones,
    .release = release_symbols,
};

const MaskKind mask_digits_pattern = {
    .name = "pattern",
    .arguments = "[keep N]",
    .description = "Other digits, small letters and capitals but for the first N, 0 by "
                   "default; all else stays",
    .example = "SKU-48113/b",
    .types = MASK_TYPE_BIT(MASK_TYPE_TEXT),
    .uniqueness = MASK_INJECTIVE,
    .parse = parse_pattern,
    .get_note = get_symbols_note,
    .prepare = prepare_symbols,
    .apply = apply_to_text,
    .apply_all = apply_to_texts,
    .release = release_symbols,
};

const MaskKind mask_digits_postcode = {
    .name = "postcode",
    .arguments = "[keep N]",
    .description = "Other digits and letters but for the first N, 2 by default",
    .example = "80331",
    .types = MASK_TYPE_BIT(MASK_TYPE_TEXT),
    .uniqueness = MASK_INJECTIVE,
    .parse = parse_postcode,
    .get_note = get_postcode_note,
    .prepare = prepare_symbols,
    .apply = apply_to_text,
    .apply_all = apply_to_texts,
    .release = release_symbols,
};
