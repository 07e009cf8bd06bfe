/*
 * Numbers of payment cards: the issuer's first 6 digits stay, those in the middle are
 * permuted with them as the tweak, and the last one, the check digit, is chosen so that
 * Luhn's sum is what it was modulo 10: right numbers stay right, and wrong ones as wrong
 * as they were. So the check digit of the value follows from that of the mask, and
 * different values stay different. What does not have 12 to 19 digits is no card; all of
 * its digits are permuted, and the number of digits keeps both sorts apart. Letters are
 * replaced, too, and what is between stays.
 */
#include "mask/mask_kinds.h"
#include "mask/mask_symbols.h"

enum
{
    ISSUER_DIGITS = 6,
    FEWEST_CARD_DIGITS = 12,
    MOST_CARD_DIGITS = 19
};

static bool
is_digit_symbol(const MaskSymbols *symbols, size_t i)
{
    return symbols->radixes[i] == 10;
}

/* With those that are kept. */
static size_t
count_card_digits(const MaskSymbols *symbols)
{
    size_t n = symbols->tweak_length;

    for (size_t i = 0; i < symbols->n; i++)
        n += is_digit_symbol(symbols, i);
    return n;
}

static int
double_digit(int digit)
{
    return digit < 5 ? 2 * digit : 2 * digit - 9;
}

/*
 * Luhn's sum modulo 10, 0 for right numbers: from the right, each second digit is
 * doubled. Kept digits stand before the others.
 */
static int
get_luhn_sum(const MaskSymbols *symbols)
{
    int sum = 0;
    bool is_doubled = false;

    for (size_t i = symbols->tweak_length + symbols->n; i-- > 0;)
    {
        bool is_kept = i < symbols->tweak_length;
        size_t symbol = i - symbols->tweak_length;
        int digit;

        if (!is_kept && !is_digit_symbol(symbols, symbol))
            continue;
        digit = is_kept ? symbols->tweak[i] - '0' : symbols->numerals[symbol];
        sum += is_doubled ? double_digit(digit) : digit;
        is_doubled = !is_doubled;
    }
    return sum % 10;
}

/* Letters behind it stay in their order; so it is the last digit, and the last symbol. */
static void
move_check_digit_to_end(MaskSymbols *symbols)
{
    size_t last = symbols->n - 1;
    size_t check = last;
    uint8_t numeral;
    size_t offset;

    while (!is_digit_symbol(symbols, check))
        check--;
    numeral = symbols->numerals[check];
    offset = symbols->offsets[check];
    for (size_t i = check; i < last; i++)
    {
        symbols->numerals[i] = symbols->numerals[i + 1];
        symbols->radixes[i] = symbols->radixes[i + 1];
        symbols->bases[i] = symbols->bases[i + 1];
        symbols->offsets[i] = symbols->offsets[i + 1];
    }
    symbols->numerals[last] = numeral;
    symbols->radixes[last] = 10;
    symbols->bases[last] = '0';
    symbols->offsets[last] = offset;
}

static void
mask_card_number(MaskSymbols *symbols)
{
    int sum = get_luhn_sum(symbols);
    uint8_t *check = &symbols->numerals[symbols->n - 1];

    move_check_digit_to_end(symbols);
    symbols->n--;
    mask_symbols_permute(symbols, 0);
    symbols->n++;
    *check = 0;
    *check = (uint8_t)((10 + sum - get_luhn_sum(symbols)) % 10);
}

static bool
prepare_card(Masker *masker, Arena *arena, Diag *diag)
{
    (void)arena;
    (void)diag;
    masker->state = mask_symbols_new(masker, 1);
    return true;
}

static void
release_card(Masker *masker)
{
    mask_symbols_free(masker->state, 1);
}

static MaskResult
apply_card(Masker *masker, const MaskInput *input, PQExpBuffer out, const char **problem)
{
    MaskSymbols *symbols = masker->state;
    const CopyEncoding *encoding = masker->target.encoding;
    MaskValue text = input->canonical;
    size_t start = out->len;
    size_t n_digits;

    mask_symbols_collect(symbols, encoding, text, ISSUER_DIGITS, true);
    if (symbols->n == 0 && symbols->has_other)
    {
        *problem = mask_symbols_problem;
        return MASK_REFUSED;
    }
    n_digits = count_card_digits(symbols);
    if (n_digits >= FEWEST_CARD_DIGITS && n_digits <= MOST_CARD_DIGITS)
        mask_card_number(symbols);
    else if (symbols->n > 0)
    {
        mask_symbols_collect(symbols, encoding, text, 0, false);
        mask_symbols_permute(symbols, 0);
    }
    appendBinaryPQExpBuffer(out, text.text, text.length);
    mask_symbols_write(symbols, out->data + start);
    return MASK_DONE;
}

const MaskKind mask_card_card = {
    .name = "card",
    .arguments = "",
    .description = "A card number of the same issuer, 6 digits, with a right check digit",
    .example = "4111 1111 1111 1111",
    .types = MASK_TYPE_BIT(MASK_TYPE_TEXT),
    .uniqueness = MASK_INJECTIVE,
    .prepare = prepare_card,
    .apply = apply_card,
    .release = release_card,
};
