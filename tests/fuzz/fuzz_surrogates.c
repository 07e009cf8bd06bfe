/*
 * A string of JSON whose bytes pass the check is decoded by yajl as by the simple decoder
 * here: nothing becomes "?", and the result is UTF-8. What is refused cannot be decoded
 * by this one either.
 */
#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_parse.h>

#include "base/mem.h"
#include "fuzz.h"
#include "load/source/json_bytes.h"

/* Sets what the digits at text mean; false if these are not four. */
static bool
decode_unit(const char *text, size_t length, unsigned *unit)
{
    char digits[5] = {0};

    if (length < 6 || text[0] != '\\' || text[1] != 'u')
        return false;
    memcpy(digits, text + 2, 4);
    *unit = (unsigned)strtoul(digits, NULL, 16);
    return strspn(digits, "0123456789abcdefABCDEF") == 4;
}

static void
append_code(PQExpBuffer out, unsigned code)
{
    const unsigned first[] = {0, 0, 0xC0, 0xE0, 0xF0};
    int n = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;

    appendPQExpBufferChar(out, (char)(n == 1 ? code : first[n] | code >> (6 * (n - 1))));
    while (--n > 0)
        appendPQExpBufferChar(out, (char)(0x80 | (code >> (6 * (n - 1)) & 0x3F)));
}

/* Decodes the escape; returns its length, or 0: it is none, or no character. */
static size_t
decode_escape(const char *text, size_t length, PQExpBuffer out)
{
    static const char letters[] = "\"\\/bfnrt";
    static const char values[] = "\"\\/\b\f\n\r\t";
    unsigned unit;
    unsigned low;
    const char *letter;

    if (length < 2)
        return 0;
    letter = text[1] != '\0' ? strchr(letters, text[1]) : NULL;
    if (letter != NULL)
    {
        appendPQExpBufferChar(out, values[letter - letters]);
        return 2;
    }
    if (!decode_unit(text, length, &unit) || unit == 0 || unit >> 10 == 0xDC00 >> 10)
        return 0;
    if (unit >> 10 != 0xD800 >> 10)
    {
        append_code(out, unit);
        return 6;
    }
    if (!decode_unit(text + 6, length - 6, &low) || low >> 10 != 0xDC00 >> 10)
        return 0;
    append_code(out, 0x10000 + ((unit & 0x3FF) << 10) + (low & 0x3FF));
    return 12;
}

/* Copies the character, by encoding again what it means. */
static size_t
decode_char(const char *text, size_t length, PQExpBuffer out)
{
    unsigned first = (unsigned char)text[0];
    size_t n = first < 0x80 ? 1 : first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    unsigned code = n == 1 ? first : first & (0x7F >> n);
    size_t before = out->len;

    if (first < 0x20 || first == '"' || n > length)
        return 0;
    for (size_t i = 1; i < n; i++)
        code = code << 6 | ((unsigned char)text[i] & 0x3F);
    if (code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF))
        return 0;
    append_code(out, code);
    return out->len - before == n && memcmp(out->data + before, text, n) == 0 ? n : 0;
}

static bool
decode(const char *text, size_t length, PQExpBuffer out)
{
    size_t n = 1;

    for (size_t at = 0; at < length && n > 0; at += n)
        n = (text[at] == '\\' ? decode_escape : decode_char)(text + at, length - at, out);
    return n > 0;
}

typedef struct Decoded
{
    yajl_handle yajl;
    PQExpBuffer out;
    size_t end; /* of the string */
} Decoded;

static int
take_string(void *context, const unsigned char *text, size_t length)
{
    Decoded *decoded = context;

    appendBinaryPQExpBuffer(decoded->out, (const char *)text, length);
    decoded->end = yajl_get_bytes_consumed(decoded->yajl);
    return 1;
}

/* The text with its quotes; behind it yajl overlooks a string that is not closed. */
static bool
decode_by_yajl(const char *text, size_t length, PQExpBuffer out)
{
    const yajl_callbacks callbacks = {.yajl_string = take_string};
    Decoded decoded = {.out = out};
    bool is_good;

    decoded.yajl = yajl_alloc(&callbacks, NULL, &decoded);
    yajl_config(decoded.yajl, yajl_dont_validate_strings, 1);
    is_good =
        yajl_parse(decoded.yajl, (const unsigned char *)text, length) == yajl_status_ok &&
        decoded.end == length;
    yajl_free(decoded.yajl);
    return is_good;
}

int
fuzz_surrogates(const uint8_t *data, size_t size)
{
    char *text = mem_alloc(size + 2); /* no more, for the sanitizer */
    size_t offset = 0;
    PQExpBufferData expected;
    PQExpBufferData found;
    bool is_good;

    text[0] = '"';
    memcpy(text + 1, data, size);
    text[size + 1] = '"';
    initPQExpBuffer(&expected);
    initPQExpBuffer(&found);
    is_good = decode(text + 1, size, &expected);
    if (json_bytes_check(text, size + 2, &offset) != NULL)
        fuzz_expect(!is_good, "what can be decoded passes");
    else if (decode_by_yajl(text, size + 2, &found))
        fuzz_expect(is_good && expected.len == found.len &&
                        memcmp(expected.data, found.data, found.len) == 0,
                    "what passes is decoded as it should");
    else
        fuzz_expect(!is_good, "what is good is decoded");
    termPQExpBuffer(&expected);
    termPQExpBuffer(&found);
    free(text);
    return 0;
}
