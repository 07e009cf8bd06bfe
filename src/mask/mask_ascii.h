/*
 * Characters of ASCII, whatever the locale, and what masks do with texts of them.
 *
 * Pure: no server, no output.
 */
#ifndef MASK_MASK_ASCII_H
#define MASK_MASK_ASCII_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline bool
mask_ascii_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline bool
mask_ascii_is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static inline bool
mask_ascii_is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || mask_ascii_is_upper(c);
}

static inline bool
mask_ascii_is_alnum(char c)
{
    return mask_ascii_is_letter(c) || mask_ascii_is_digit(c);
}

static inline bool
mask_ascii_is_hex(char c)
{
    return mask_ascii_is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static inline bool
mask_ascii_is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static inline char
mask_ascii_to_lower(char c)
{
    return mask_ascii_is_upper(c) ? (char)(c + 32) : c;
}

static inline char
mask_ascii_to_upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 32) : c;
}

/* Without zeros at the end of a fraction, and without its point if nothing is left. */
static inline void
mask_ascii_trim_fraction(const char *text, size_t *length)
{
    if (memchr(text, '.', *length) == NULL || memchr(text, 'e', *length) != NULL ||
        memchr(text, 'E', *length) != NULL)
        return;
    while (text[*length - 1] == '0')
        (*length)--;
    if (text[*length - 1] == '.')
        (*length)--;
}

/* Two bytes of a mac as a number. */
static inline unsigned
mask_ascii_get_bits(const uint8_t *bytes)
{
    return (unsigned)bytes[0] << 8 | bytes[1];
}

#endif
