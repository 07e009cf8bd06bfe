/*
 * What masks put names together from: lists whose sizes are powers of two, so that an
 * index is a few bits of the mac. First names are common ones; all others are made of
 * syllables, so that they are hardly anybody's.
 *
 * The lists are frozen: a change would give every value another mask. Who changes one
 * makes another MASK_LISTS_VERSION of it, which the header of a dump tells.
 *
 *     last names   64 x 64   Halbenko, Norvessen
 *     streets      64 x 16   Juniper Lane
 *     cities       64 x 16   Calbridge
 *     companies    64 x 8    Veldovia, with one of 16 lines of business behind
 *     words        16 of each length up to 9, 8 of 10 to 12 letters
 *
 * Each mask_lists_put_...() writes at most MASK_LISTS_MAX characters, without a zero
 * behind them, and returns how many. All are ASCII.
 *
 * Pure: no server, no output.
 */
#ifndef MASK_MASK_LISTS_H
#define MASK_MASK_LISTS_H

#include <stddef.h>
#include <stdint.h>

enum
{
    MASK_LISTS_VERSION = 1,
    MASK_LISTS_MAX = 32,         /* characters */
    MASK_LISTS_LONGEST_WORD = 12 /* letters */
};

size_t mask_lists_put_first_name(char *out, unsigned bits); /* 10 bits */
size_t mask_lists_put_last_name(char *out, unsigned bits);  /* 12 bits */
size_t mask_lists_put_street(char *out, unsigned bits);     /* 10 bits */
size_t mask_lists_put_city(char *out, unsigned bits);       /* 10 bits */
size_t mask_lists_put_company(char *out, unsigned bits);    /* 13 bits */

/* A lower-case word of so many letters, from 1 to MASK_LISTS_LONGEST_WORD; 4 bits. */
const char *mask_lists_get_word(size_t length, unsigned bits);

/*
 * Writes n characters, each of 5 bits of the bytes; letters and digits without vowels
 * but e, so that they form no words. Reads n * 5 / 8 bytes, rounded up.
 */
void mask_lists_put_code(char *out, const uint8_t *bytes, size_t n);

#endif
