#include "load/source/json_bytes.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum
{
    ESCAPE_LENGTH = 6 /* \u0000 */
};

static const uint64_t ONES = 0x0101010101010101;
static const uint64_t HIGHS = 0x8080808080808080;

/* Some byte is less than the limit, which is at most 128; never if none is. */
static uint64_t
find_less(uint64_t word, uint64_t limit)
{
    return (word - ONES * limit) & ~word & HIGHS;
}

/* How many bytes are of no interest; there may be more. */
static size_t
count_plain(const char *text, size_t length)
{
    size_t n = 0;

    for (; length - n >= sizeof(uint64_t); n += sizeof(uint64_t))
    {
        uint64_t word;

        memcpy(&word, text + n, sizeof(word));
        if (((word & HIGHS) | find_less(word, ' ') |
             find_less(word ^ (ONES * '\\'), 1)) != 0)
            break;
    }
    return n;
}

/* ---- escapes */

/* The code unit of an escape \uXXXX, or -1: it is none. */
static int
read_unit(const char *text, size_t length)
{
    int unit = 0;

    if (length < ESCAPE_LENGTH || text[0] != '\\' || text[1] != 'u')
        return -1;
    for (int i = 2; i < ESCAPE_LENGTH; i++)
    {
        char c = text[i];
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;

        if (digit < 0)
            return -1;
        unit = unit * 16 + digit;
    }
    return unit;
}

static bool
is_between(int value, int low, int high)
{
    return value >= low && value <= high;
}

/* Sets how long the escape is. One that is none in JSON is left to yajl. */
static const char *
check_escape(const char *text, size_t length, size_t *n)
{
    int unit = read_unit(text, length);

    *n = unit >= 0 ? ESCAPE_LENGTH : length > 1 ? 2 : 1;
    if (unit == 0)
        return "\\u0000 cannot be converted to text";
    if (is_between(unit, 0xDC00, 0xDFFF))
        return "low surrogate without a high surrogate before it";
    if (!is_between(unit, 0xD800, 0xDBFF))
        return NULL;
    if (!is_between(read_unit(text + ESCAPE_LENGTH, length - ESCAPE_LENGTH), 0xDC00,
                    0xDFFF))
        return "high surrogate without a low surrogate behind it";
    *n = 2 * (size_t)ESCAPE_LENGTH;
    return NULL;
}

/* ---- UTF-8 */

/* The length of the character; 0: it is none. See RFC 3629. */
static size_t
find_char_length(const char *text, size_t length)
{
    const unsigned char *c = (const unsigned char *)text;
    size_t n = is_between(c[0], 0xC2, 0xDF)   ? 2
               : is_between(c[0], 0xE0, 0xEF) ? 3
               : is_between(c[0], 0xF0, 0xF4) ? 4
                                              : 0;
    int low = c[0] == 0xE0 ? 0xA0 : c[0] == 0xF0 ? 0x90 : 0x80;
    int high = c[0] == 0xED ? 0x9F : c[0] == 0xF4 ? 0x8F : 0xBF;

    if (n == 0 || n > length || !is_between(c[1], low, high))
        return 0;
    for (size_t i = 2; i < n; i++)
    {
        if (!is_between(c[i], 0x80, 0xBF))
            return 0;
    }
    return n;
}

/* ---- all bytes */

static const char *
check_next(const char *text, size_t length, size_t *n)
{
    *n = 1;
    if (*text == '\\')
        return check_escape(text, length, n);
    if (*text == '\0')
        return "NUL byte";
    if ((*text & 0x80) == 0)
        return *text >= ' ' || memchr("\t\n\r", *text, 3) != NULL ? NULL
                                                                  : "control character";
    *n = find_char_length(text, length);
    return *n == 0 ? "invalid UTF-8" : NULL;
}

const char *
json_bytes_check(const char *text, size_t length, size_t *offset)
{
    const char *problem = NULL;
    size_t at = 0;

    while (at < length && problem == NULL)
    {
        size_t n = count_plain(text + at, length - at);

        *offset = at += n;
        if (at == length)
            break;
        problem = check_next(text + at, length - at, &n);
        at += n;
    }
    return problem;
}
