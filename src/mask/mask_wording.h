/*
 * Texts with other words: as many, about as long, with the same punctuation, capitals and
 * digits' places. Which words depends on the mac of the value as a whole, through a
 * sequence of pseudorandom numbers that begins with 64 bits of it; so a word does not
 * always become the same one, and cannot be found by counting.
 *
 * Pure: no server, no output.
 */
#ifndef MASK_MASK_WORDING_H
#define MASK_MASK_WORDING_H

#include <stddef.h>
#include <stdint.h>

#include "base/copyencoding.h"
#include "base/strbuf.h"

/* Where the sequence of numbers is. */
typedef struct MaskWording
{
    uint64_t seed;
    const CopyEncoding *encoding;
} MaskWording;

/* Begins with eight bytes of a mac. */
MaskWording mask_wording_begin(const uint8_t *mac, const CopyEncoding *encoding);

/* The next number. */
uint64_t mask_wording_draw(MaskWording *wording);

/* Appends the text with other words; all of it is ASCII. */
void mask_wording_append(MaskWording *wording, PQExpBuffer out, const char *text,
                         size_t length);

#endif
