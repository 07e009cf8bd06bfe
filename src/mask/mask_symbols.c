#include "mask/mask_symbols.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum
{
    FIRST_CAPACITY = 64,
    DIGEST_TWEAK = 16 /* bytes of the digest of other chunks */
};

const char mask_symbols_problem[] = "has neither a digit nor a letter of ASCII";

MaskSymbols *
mask_symbols_new(Masker *masker, size_t n)
{
    MaskSymbols *symbols = mem_alloc_zero(n, sizeof(*symbols));
    const MaskSpec *spec = masker->spec;
    Ff1 *ff1 = mem_alloc(sizeof(*ff1));

    ff1_init(ff1, mask_cipher_new(masker->key, spec->kind->name, spec->function));
    for (size_t i = 0; i < n; i++)
    {
        symbols[i].ff1 = ff1;
        symbols[i].mac = masker->mac;
        symbols[i].scratch = &masker->scratch;
    }
    return symbols;
}

void
mask_symbols_free(MaskSymbols *symbols, size_t n)
{
    if (symbols == NULL)
        return;
    mask_cipher_free(symbols->ff1->cipher);
    free(symbols->ff1);
    for (size_t i = 0; i < n; i++)
    {
        free(symbols[i].numerals);
        free(symbols[i].radixes);
        free(symbols[i].bases);
        free(symbols[i].offsets);
    }
    free(symbols);
}

/* ---- collecting */

/* The radix of a character's class; 0: it is no symbol. */
static uint8_t
get_radix(char c, char *base)
{
    if (c >= '0' && c <= '9')
        return *base = '0', 10;
    if (c >= 'a' && c <= 'z')
        return *base = 'a', 26;
    if (c >= 'A' && c <= 'Z')
        return *base = 'A', 26;
    return 0;
}

/* Bytes of the character at text, which is before end. */
static size_t
measure_symbol(const CopyEncoding *encoding, const char *text, const char *end)
{
    int length = 1;

    if ((unsigned char)*text >= 0x80 && encoding->char_length != NULL)
        length = encoding->char_length(text, encoding->encoding);
    if (length < 1)
        return 1;
    return length > end - text ? (size_t)(end - text) : (size_t)length;
}

static void
reserve_symbols(MaskSymbols *symbols, size_t n)
{
    if (n <= symbols->capacity)
        return;
    while (symbols->capacity < n)
        symbols->capacity =
            symbols->capacity > 0 ? 2 * symbols->capacity : FIRST_CAPACITY;
    symbols->numerals = mem_resize(symbols->numerals, symbols->capacity, 1);
    symbols->radixes = mem_resize(symbols->radixes, symbols->capacity, 1);
    symbols->bases = mem_resize(symbols->bases, symbols->capacity, 1);
    symbols->offsets = mem_resize(symbols->offsets, symbols->capacity, sizeof(size_t));
}

static void
collect_all(MaskSymbols *symbols, const CopyEncoding *encoding, MaskValue text)
{
    const char *end = text.text + text.length;

    symbols->n = 0;
    symbols->has_other = false;
    symbols->tweak_length = 0;
    reserve_symbols(symbols, text.length);
    for (const char *c = text.text; c < end; c += measure_symbol(encoding, c, end))
    {
        size_t i = symbols->n;
        uint8_t radix = get_radix(*c, &symbols->bases[i]);

        symbols->has_other |= (unsigned char)*c >= 0x80;
        if (radix == 0)
            continue;
        symbols->radixes[i] = radix;
        symbols->numerals[i] = (uint8_t)(*c - symbols->bases[i]);
        symbols->offsets[i] = (size_t)(c - text.text);
        symbols->n++;
    }
}

static size_t
count_keepable(const MaskSymbols *symbols, bool digits_only)
{
    size_t n = 0;

    for (size_t i = 0; i < symbols->n; i++)
        n += !digits_only || symbols->radixes[i] == 10;
    return n;
}

/* The kept ones become the tweak; the others close ranks. */
static void
remove_kept(MaskSymbols *symbols, size_t keep, bool digits_only)
{
    size_t n = 0;

    for (size_t i = 0; i < symbols->n; i++)
    {
        if (symbols->tweak_length < keep && (!digits_only || symbols->radixes[i] == 10))
        {
            symbols->tweak[symbols->tweak_length++] =
                (uint8_t)mask_symbols_get(symbols, i);
            continue;
        }
        symbols->numerals[n] = symbols->numerals[i];
        symbols->radixes[n] = symbols->radixes[i];
        symbols->bases[n] = symbols->bases[i];
        symbols->offsets[n] = symbols->offsets[i];
        n++;
    }
    symbols->n = n;
}

void
mask_symbols_collect(MaskSymbols *symbols, const CopyEncoding *encoding, MaskValue text,
                     size_t keep, bool keeps_digits_only)
{
    collect_all(symbols, encoding, text);
    if (keep > 0 && count_keepable(symbols, keeps_digits_only) > keep)
        remove_kept(symbols, keep, keeps_digits_only);
}

/* ---- permuting */

uint64_t
mask_symbols_count(const MaskSymbols *symbols, size_t first)
{
    uint64_t count = 1;

    for (size_t i = first; i < symbols->n; i++)
    {
        if (count > UINT64_MAX / FF1_MOST_RADIX)
            return UINT64_MAX;
        count *= symbols->radixes[i];
    }
    return count;
}

static void
permute_number(MaskSymbols *symbols, size_t first, uint64_t size)
{
    Permutation permutation;
    uint64_t number = 0;

    for (size_t i = first; i < symbols->n; i++)
        number = number * symbols->radixes[i] + symbols->numerals[i];
    permutation_init(&permutation, symbols->ff1->cipher, size, symbols->tweak,
                     symbols->tweak_length);
    permutation_apply(&permutation, &number, 1);
    for (size_t i = symbols->n; i-- > first;)
    {
        symbols->numerals[i] = (uint8_t)(number % symbols->radixes[i]);
        number /= symbols->radixes[i];
    }
}

/* A tweak for length symbols from start on: a digest of all that is not among them. */
static void
digest_others(MaskSymbols *symbols, size_t first, size_t start, size_t length,
              uint8_t digest[MASK_MAC_SIZE])
{
    PQExpBuffer others = symbols->scratch;
    size_t end = start + length;

    resetPQExpBuffer(others);
    appendPQExpBuffer(others, "others of %zu %zu %zu\n", first, start, symbols->n);
    appendBinaryPQExpBuffer(others, (const char *)symbols->tweak, symbols->tweak_length);
    appendPQExpBufferChar(others, '\n');
    appendBinaryPQExpBuffer(others, (const char *)symbols->numerals + first,
                            start - first);
    appendBinaryPQExpBuffer(others, (const char *)symbols->numerals + end,
                            symbols->n - end);
    mask_mac_compute(symbols->mac, others->data, others->len, digest);
}

static void
permute_chunks(MaskSymbols *symbols, size_t first)
{
    size_t n = symbols->n - first;
    size_t n_chunks = (n + FF1_MOST - 1) / FF1_MOST;

    for (size_t i = 0; i < n_chunks; i++)
    {
        uint8_t digest[MASK_MAC_SIZE];
        size_t start = first + i * n / n_chunks;
        size_t length = first + (i + 1) * n / n_chunks - start;
        const Ff1String chunk = {.numerals = symbols->numerals + start,
                                 .radixes = symbols->radixes + start,
                                 .n = length,
                                 .tweak = digest,
                                 .tweak_length = DIGEST_TWEAK};

        digest_others(symbols, first, start, length, digest);
        ff1_encrypt(symbols->ff1, &chunk, 1);
    }
}

/* For FF1; false: it is not for symbols so few, or so many, and they are permuted. */
static bool
make_ff1_string(MaskSymbols *symbols, size_t first, Ff1String *string)
{
    uint64_t size = mask_symbols_count(symbols, first);

    if (symbols->n == first)
        return false;
    *string = (Ff1String){.numerals = symbols->numerals + first,
                          .radixes = symbols->radixes + first,
                          .n = symbols->n - first,
                          .tweak = symbols->tweak,
                          .tweak_length = symbols->tweak_length};
    if (size >= MASK_SYMBOLS_SMALL && string->n <= FF1_MOST)
        return true;
    if (size < MASK_SYMBOLS_SMALL)
        permute_number(symbols, first, size);
    else
        permute_chunks(symbols, first);
    return false;
}

void
mask_symbols_permute(MaskSymbols *symbols, size_t first)
{
    Ff1String string;

    if (make_ff1_string(symbols, first, &string))
        ff1_encrypt(symbols->ff1, &string, 1);
}

void
mask_symbols_permute_all(MaskSymbols *symbols, size_t n)
{
    Ff1String strings[MASK_SYMBOLS_TOGETHER];
    size_t n_strings = 0;

    for (size_t i = 0; i < n; i++)
        n_strings += make_ff1_string(&symbols[i], 0, &strings[n_strings]) ? 1 : 0;
    ff1_encrypt(symbols->ff1, strings, n_strings);
}

/* ---- results */

char
mask_symbols_get(const MaskSymbols *symbols, size_t i)
{
    return (char)(symbols->bases[i] + symbols->numerals[i]);
}

void
mask_symbols_write(const MaskSymbols *symbols, char *text)
{
    for (size_t i = 0; i < symbols->n; i++)
        text[symbols->offsets[i]] = mask_symbols_get(symbols, i);
}
