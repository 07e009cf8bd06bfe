#include "mask/mask_chars.h"

#include <stdint.h>

/* By the first byte of a UTF-8 character; 0: none begins with it. */
static size_t
get_length_by_lead(unsigned char lead)
{
    if (lead < 0x80)
        return 1;
    if (lead < 0xc2 || lead > 0xf4)
        return 0;
    return lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

/* Is it in the shortest form, and none of the surrogates of UTF-16? */
static bool
is_code_point(uint32_t code, size_t length)
{
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};

    return code >= smallest[length] && code <= 0x10ffff &&
           (code < 0xd800 || code >= 0xe000);
}

/* Bytes of the UTF-8 character at text, or 0 when there is none. */
static size_t
get_utf8_length(const unsigned char *text, size_t left)
{
    size_t length = get_length_by_lead(text[0]);
    uint32_t code = text[0] & (0xffU >> (length + 1));

    if (length <= 1)
        return length;
    if (length > left)
        return 0;
    for (size_t i = 1; i < length; i++)
    {
        if ((text[i] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (text[i] & 0x3fU);
    }
    return is_code_point(code, length) ? length : 0;
}

bool
mask_chars_is_utf8(const char *text, size_t length)
{
    size_t i = 0;

    while (i < length)
    {
        size_t step = get_utf8_length((const unsigned char *)text + i, length - i);

        if (step == 0)
            return false;
        i += step;
    }
    return true;
}

/* Of characters whose ends are not known, those before the last one of ASCII. */
static size_t
cut_behind_ascii(const char *text, size_t n)
{
    while (n > 0 && (unsigned char)text[n - 1] >= 0x80)
        n--;
    return n;
}

size_t
mask_chars_cut(const CopyEncoding *encoding, const char *text, size_t length, size_t n)
{
    const char *end = text + length;
    bool steps = encoding != NULL && encoding->char_length != NULL;
    size_t at = 0;

    if (length <= n)
        return length;
    if (!steps && !mask_chars_is_utf8(text, length))
        return cut_behind_ascii(text, n);
    while (at < length && n-- > 0)
        at += steps ? mask_chars_step(encoding, text + at, end)
                    : get_utf8_length((const unsigned char *)text + at, length - at);
    return at;
}
