#include "sample/masked/leak_words.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

typedef enum ByteClass
{
    BYTE_ENDS_WORD,
    BYTE_WITHIN, /* a word, but not at its ends */
    BYTE_STRONG
} ByteClass;

static unsigned char byte_classes[256];

static void
classify_bytes(void)
{
    if (byte_classes['a'] != BYTE_ENDS_WORD)
        return;
    for (int c = 0; c < 256; c++)
    {
        if ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
            c >= 0x80)
            byte_classes[c] = BYTE_STRONG;
        else if (c != 0 && strchr("@._%'", c) != NULL)
            byte_classes[c] = BYTE_WITHIN;
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

/* ---- the hash of a word, eight bytes at a time */

/* Repeated in each byte. */
#define EACH_BYTE(byte) (UINT64_C(0x0101010101010101) * (byte))

/* Capitals of ASCII become small letters: what is above 'Z' or below 'A' has no carry. */
static inline uint64_t
fold_bytes(uint64_t bytes)
{
    uint64_t low = bytes & EACH_BYTE(0x7f);
    uint64_t from_a = low + EACH_BYTE(0x80 - 'A');
    uint64_t behind_z = low + EACH_BYTE(0x80 - 'Z' - 1);
    uint64_t is_capital = from_a & ~behind_z & ~bytes & EACH_BYTE(0x80);

    return bytes | is_capital >> 2;
}

/* The first n bytes, up to eight, of a text that goes on up to end. */
static inline uint64_t
load_bytes(const unsigned char *text, size_t n, const unsigned char *end)
{
    uint64_t bytes = 0;

    if (end - text < (ptrdiff_t)sizeof(bytes))
    {
        memcpy(&bytes, text, n);
        return bytes;
    }
    memcpy(&bytes, text, sizeof(bytes));
    if (n == sizeof(bytes))
        return bytes;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return bytes & ((UINT64_C(1) << 8 * n) - 1);
#else
    return bytes & ~(UINT64_MAX >> 8 * n);
#endif
}

static inline uint64_t
mix_word(uint64_t hash)
{
    hash ^= hash >> 32;
    hash *= UINT64_C(0xd6e8feb86659fd93);
    return hash ^ hash >> 32;
}

static uint64_t
hash_word(uint64_t seed, const unsigned char *word, size_t length,
          const unsigned char *end)
{
    uint64_t hash = mix_word(seed + length);

    for (; length > sizeof(hash); length -= sizeof(hash), word += sizeof(hash))
        hash = mix_word(hash ^ fold_bytes(load_bytes(word, sizeof(hash), end)));
    return mix_word(hash ^ fold_bytes(load_bytes(word, length, end)));
}

/* ---- words */

void
leak_words_split(LeakWords *words, const char *text, size_t length)
{
    const unsigned char *next = (const unsigned char *)text;
    const unsigned char *end = next + length;

    words->n = 0;
    while (next < end)
    {
        const unsigned char *word;
        const unsigned char *last; /* behind it */

        while (next < end && byte_classes[*next] != BYTE_STRONG)
            next++;
        if (next == end)
            break;
        word = next;
        while (next < end && byte_classes[*next] != BYTE_ENDS_WORD)
            next++;
        last = next;
        while (byte_classes[last[-1]] != BYTE_STRONG)
            last--;
        MEM_GROW(words->words, words->capacity, words->n);
        words->words[words->n++] =
            hash_word(words->seed, word, (size_t)(last - word), end);
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
