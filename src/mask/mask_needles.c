#include "mask/mask_needles.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "mask/mask_ascii.h"
#include "mask/mask_first_names.h"

enum
{
    SHORTEST_WORD = 4, /* bytes; three, if it is a first name, or has a capital */
    SHORTEST_NUMBER = 5,
    MOST_WORDS = 8
};

struct MaskNeedles
{
    MaskReplacement *items;
    size_t n;
    size_t capacity;
    bool begins[256]; /* can one begin with this byte? */
};

MaskNeedles *
mask_needles_new(void)
{
    return mem_alloc_zero(1, sizeof(MaskNeedles));
}

void
mask_needles_free(MaskNeedles *needles)
{
    if (needles == NULL)
        return;
    free(needles->items);
    free(needles);
}

/* ---- which */

/* Is it more than what any text has in it? */
static bool
is_telling(const MaskValue *value)
{
    size_t n_letters = 0;
    size_t n_digits = 0;
    bool has_capital = false;

    for (size_t i = 0; i < value->length; i++)
    {
        char c = value->text[i];

        n_letters += mask_ascii_is_letter(c) || (unsigned char)c >= 0x80;
        n_digits += mask_ascii_is_digit(c);
        has_capital = has_capital || mask_ascii_is_upper(c) || (unsigned char)c >= 0x80;
    }
    if (n_letters == 0)
        return n_digits >= SHORTEST_NUMBER;
    return value->length >= SHORTEST_WORD || (value->length == 3 && has_capital);
}

static void
add_needle(MaskNeedles *needles, const MaskValue *raw, const MaskValue *masked)
{
    unsigned char first = (unsigned char)raw->text[0];

    MEM_GROW(needles->items, needles->capacity, needles->n);
    needles->items[needles->n++] = (MaskReplacement){.raw = *raw, .masked = *masked};
    needles->begins[first] = true;
    needles->begins[(unsigned char)mask_ascii_to_lower((char)first)] = true;
    needles->begins[(unsigned char)mask_ascii_to_upper((char)first)] = true;
}

/* Cuts at blanks, without commas and points behind words; MOST_WORDS + 1: too many. */
static size_t
cut_into_words(const MaskValue *value, MaskValue words[MOST_WORDS])
{
    size_t n = 0;
    size_t i = 0;

    while (i < value->length)
    {
        size_t start;

        while (i < value->length && mask_ascii_is_blank(value->text[i]))
            i++;
        start = i;
        while (i < value->length && !mask_ascii_is_blank(value->text[i]))
            i++;
        if (i == start)
            break;
        if (n == MOST_WORDS)
            return MOST_WORDS + 1;
        words[n] = (MaskValue){value->text + start, i - start};
        while (words[n].length > 1 && strchr(",.;", words[n].text[words[n].length - 1]))
            words[n].length--;
        n++;
    }
    return n;
}

/* The words of a value whose mask has as many: names, mostly. */
static void
add_words(MaskNeedles *needles, const MaskReplacement *other)
{
    MaskValue raw[MOST_WORDS];
    MaskValue masked[MOST_WORDS];
    size_t n = cut_into_words(&other->raw, raw);

    if (n < 2 || n > MOST_WORDS || cut_into_words(&other->masked, masked) != n)
        return;
    for (size_t i = 0; i < n; i++)
    {
        if (is_telling(&raw[i]) && (raw[i].length >= SHORTEST_WORD ||
                                    mask_first_names_contain(raw[i].text, raw[i].length)))
            add_needle(needles, &raw[i], &masked[i]);
    }
}

void
mask_needles_set(MaskNeedles *needles, const MaskReplacement *others, size_t n_others)
{
    needles->n = 0;
    memset(needles->begins, 0, sizeof(needles->begins));
    for (size_t i = 0; i < n_others; i++)
    {
        if (others[i].raw.text == NULL || others[i].masked.text == NULL ||
            !is_telling(&others[i].raw))
            continue;
        add_needle(needles, &others[i].raw, &others[i].masked);
        add_words(needles, &others[i]);
    }
}

/* ---- where */

static bool
is_same_as_raw(const MaskValue *raw, const char *text)
{
    bool is_exact = raw->length < SHORTEST_WORD;

    for (size_t i = 0; i < raw->length; i++)
    {
        if (raw->text[i] != text[i] && (is_exact || mask_ascii_to_lower(raw->text[i]) !=
                                                        mask_ascii_to_lower(text[i])))
            return false;
    }
    return true;
}

static bool
is_high_byte(char c)
{
    return (unsigned char)c >= 0x80;
}

/* Do no letters or digits go on from the one byte to the other? */
static bool
is_word_end(char inner, char outer, bool is_aligned)
{
    if (is_high_byte(inner) || is_high_byte(outer))
        return is_aligned ? is_high_byte(inner) || !mask_ascii_is_alnum(inner)
                          : !is_high_byte(outer);
    return !mask_ascii_is_alnum(inner) || !mask_ascii_is_alnum(outer);
}

const MaskReplacement *
mask_needles_find(const MaskNeedles *needles, const char *text, size_t length, size_t at,
                  bool is_aligned)
{
    const MaskReplacement *longest = NULL;

    if (!needles->begins[(unsigned char)text[at]])
        return NULL;
    for (size_t i = 0; i < needles->n; i++)
    {
        const MaskReplacement *item = &needles->items[i];
        size_t end = at + item->raw.length;

        if (item->raw.length > length - at ||
            (longest != NULL && longest->raw.length >= item->raw.length) ||
            !is_same_as_raw(&item->raw, text + at))
            continue;
        if ((at == 0 || is_word_end(text[at], text[at - 1], is_aligned)) &&
            (end == length || is_word_end(text[end - 1], text[end], is_aligned)))
            longest = item;
    }
    return longest;
}
