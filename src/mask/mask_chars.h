/*
 * Characters of encodings. The encoding of a value is known by its CopyEncoding alone,
 * which says little: how to step over characters where a byte of them can look like
 * ASCII. Elsewhere bytes of ASCII only ever mean themselves, and whether a text is UTF-8
 * is seen by its bytes.
 *
 * Pure: no server, no output.
 */
#ifndef MASK_MASK_CHARS_H
#define MASK_MASK_CHARS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/copyencoding.h"

/*
 * Bytes of the character at text, which is before end; never beyond it, and at least 1.
 * Where bytes of ASCII only mean themselves it is 1: no character need be stepped over.
 */
static inline size_t
mask_chars_step(const CopyEncoding *encoding, const char *text, const char *end)
{
    int length;

    if (encoding == NULL || encoding->char_length == NULL)
        return 1;
    length = encoding->char_length(text, encoding->encoding);
    if (length < 1)
        return 1;
    return length > end - text ? (size_t)(end - text) : (size_t)length;
}

/* Is it UTF-8? */
bool mask_chars_is_utf8(const char *text, size_t length);

/*
 * How many bytes the first characters of the text have, up to n of them. Where it cannot
 * be known where characters end, fewer: it ends behind a character of ASCII.
 */
size_t mask_chars_cut(const CopyEncoding *encoding, const char *text, size_t length,
                      size_t n);

#endif
