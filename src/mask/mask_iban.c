/*
 * IBANs (ISO 13616): the country stays, what is behind the check digits is permuted with
 * the country as the tweak, and the check digits are computed, so that the remainder by
 * 97 is right again. An IBAN has only one pair of check digits from 02 to 98 that is
 * right, so different ones stay different.
 *
 * All other values are permuted as a whole, again and again until the result is no IBAN
 * either: a walk on a cycle of the permutation, which ends at the latest where it began,
 * and never at the end of another. So no value of one sort becomes one of the other.
 */
#include "mask/mask_kinds.h"
#include "mask/mask_symbols.h"

enum
{
    COUNTRY_LETTERS = 2,
    HEAD_LENGTH = 4, /* country and check digits */
    FEWEST_IBAN_SYMBOLS = 15,
    MOST_IBAN_SYMBOLS = 34,
    IBAN_MODULUS = 97
};

/* Puts a symbol behind a number that is known by its remainder: letters are 10 to 35. */
static int
append_to_remainder(int remainder, const MaskSymbols *symbols, size_t i)
{
    int numeral = symbols->numerals[i];

    if (symbols->radixes[i] == 10)
        return (remainder * 10 + numeral) % IBAN_MODULUS;
    return (remainder * 100 + numeral + 10) % IBAN_MODULUS;
}

/* Of the symbols, the first four put behind the others. */
static int
get_iban_remainder(const MaskSymbols *symbols)
{
    int remainder = 0;

    for (size_t i = HEAD_LENGTH; i < symbols->n; i++)
        remainder = append_to_remainder(remainder, symbols, i);
    for (size_t i = 0; i < HEAD_LENGTH; i++)
        remainder = append_to_remainder(remainder, symbols, i);
    return remainder;
}

/* Two letters, two digits, and blanks at most between all symbols. */
static bool
has_iban_form(const MaskSymbols *symbols, MaskValue text)
{
    size_t n_blanks = 0;

    if (symbols->n < FEWEST_IBAN_SYMBOLS || symbols->n > MOST_IBAN_SYMBOLS)
        return false;
    for (size_t i = 0; i < HEAD_LENGTH; i++)
        if ((symbols->radixes[i] == 10) != (i >= COUNTRY_LETTERS))
            return false;
    for (size_t i = 0; i < text.length; i++)
        n_blanks += text.text[i] == ' ';
    return n_blanks + symbols->n == text.length;
}

static bool
has_right_check(const MaskSymbols *symbols)
{
    int check = symbols->numerals[2] * 10 + symbols->numerals[3];

    return check >= 2 && check <= 98 && get_iban_remainder(symbols) == 1;
}

static void
set_check(MaskSymbols *symbols)
{
    int check;

    symbols->numerals[2] = 0;
    symbols->numerals[3] = 0;
    check = IBAN_MODULUS + 1 - get_iban_remainder(symbols);
    symbols->numerals[2] = (uint8_t)(check / 10);
    symbols->numerals[3] = (uint8_t)(check % 10);
}

static void
mask_iban(MaskSymbols *symbols)
{
    for (size_t i = 0; i < COUNTRY_LETTERS; i++)
        symbols->tweak[i] = (uint8_t)mask_symbols_get(symbols, i);
    symbols->tweak_length = COUNTRY_LETTERS;
    mask_symbols_permute(symbols, HEAD_LENGTH);
    set_check(symbols);
}

static bool
prepare_iban(Masker *masker, Arena *arena, Diag *diag)
{
    (void)arena;
    (void)diag;
    masker->state = mask_symbols_new(masker, 1);
    return true;
}

static void
release_iban(Masker *masker)
{
    mask_symbols_free(masker->state, 1);
}

static MaskResult
apply_iban(Masker *masker, const MaskInput *input, PQExpBuffer out, const char **problem)
{
    MaskSymbols *symbols = masker->state;
    MaskValue text = input->canonical;
    size_t start = out->len;
    bool has_form;

    mask_symbols_collect(symbols, masker->target.encoding, text, 0, false);
    if (symbols->n == 0 && symbols->has_other)
    {
        *problem = mask_symbols_problem;
        return MASK_REFUSED;
    }
    has_form = has_iban_form(symbols, text);
    if (has_form && has_right_check(symbols))
        mask_iban(symbols);
    else if (symbols->n > 0)
    {
        do
            mask_symbols_permute(symbols, 0);
        while (has_form && has_right_check(symbols));
    }
    appendBinaryPQExpBuffer(out, text.text, text.length);
    mask_symbols_write(symbols, out->data + start);
    return MASK_DONE;
}

const MaskKind mask_iban_iban = {
    .name = "iban",
    .arguments = "",
    .description = "An IBAN of the same country, with right check digits",
    .example = "DE89 3704 0044 0532 0130 00",
    .types = MASK_TYPE_BIT(MASK_TYPE_TEXT),
    .uniqueness = MASK_INJECTIVE,
    .prepare = prepare_iban,
    .apply = apply_iban,
    .release = release_iban,
};
