#include "sample/masked/leak_words.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* Of a byte: what it is like within a word; 0: it ends one. */
static unsigned char folded_bytes[256];
/* Is it one with which words begin and end? */
static bool is_strong_byte[256];

static void
classify_bytes(void)
{
    if (folded_bytes['a'] != 0)
        return;
    for (int c = 0; c < 256; c++)
    {
        bool is_large = c >= 'A' && c <= 'Z';

        is_strong_byte[c] =
            is_large || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c >= 0x80;
        if (is_strong_byte[c] || (c != 0 && strchr("@._%'", c) != NULL))
            folded_bytes[c] = (unsigned char)(is_large ? c - 'A' + 'a' : c);
    }
}

void
leak_words_init(LeakWords *words, uint64_t seed)
{
    classify_bytes();
    *words = (LeakWords){.seed = seed};
}

void
leak_words_free(LeakWords *words)
{
    free(words->words);
}

static uint64_t
mix_word(uint64_t hash)
{
    hash ^= hash >> 32;
    hash *= UINT64_C(0xd6e8feb86659fd93);
    return hash ^ hash >> 32;
}

void
leak_words_split(LeakWords *words, const char *text, size_t length)
{
    const unsigned char *next = (const unsigned char *)text;
    const unsigned char *end = next + length;

    words->n = 0;
    while (next < end)
    {
        uint64_t hash = words->seed;
        uint64_t at_strong;

        while (next < end && !is_strong_byte[*next])
            next++;
        if (next == end)
            break;
        at_strong = hash;
        for (; next < end && folded_bytes[*next] != 0; next++)
        {
            hash = (hash ^ folded_bytes[*next]) * UINT64_C(0x100000001b3);
            hash ^= hash >> 47;
            if (is_strong_byte[*next])
                at_strong = hash;
        }
        MEM_GROW(words->words, words->capacity, words->n);
        words->words[words->n++] = mix_word(at_strong);
    }
}

/* ---- escapes */

static int
get_hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The code unit of "uXXXX", or -1. */
static int32_t
read_code_unit(const char *text, const char *end)
{
    int32_t unit = 0;

    if (end - text < 5 || text[0] != 'u')
        return -1;
    for (int i = 1; i <= 4; i++)
    {
        int digit = get_hex_value(text[i]);

        if (digit < 0)
            return -1;
        unit = unit * 16 + digit;
    }
    return unit;
}

/* Writes UTF-8; half of a surrogate pair becomes a character of its own. */
static char *
write_code_unit(char *out, int32_t unit)
{
    if (unit < 0x80)
        *out++ = (char)unit;
    else if (unit < 0x800)
    {
        *out++ = (char)(0xc0 | unit >> 6);
        *out++ = (char)(0x80 | (unit & 0x3f));
    }
    else
    {
        *out++ = (char)(0xe0 | unit >> 12);
        *out++ = (char)(0x80 | (unit >> 6 & 0x3f));
        *out++ = (char)(0x80 | (unit & 0x3f));
    }
    return out;
}

void
leak_words_resolve(char *text, size_t *length)
{
    const char *next = text;
    const char *end = text + *length;
    char *out = text;

    while (next < end)
    {
        int32_t unit;

        if (*next != '\\' || next + 1 == end)
        {
            *out++ = *next++;
            continue;
        }
        unit = read_code_unit(next + 1, end);
        if (unit >= 0)
            out = write_code_unit(out, unit);
        else
            *out++ = strchr("bfnrt\\", next[1]) != NULL ? ' ' : next[1];
        next += unit >= 0 ? 6 : 2;
    }
    *length = (size_t)(out - text);
}
