/*
 * Numbers as the server writes them, computed with digit by digit, so that nothing
 * depends on floating point: "-12.50" is the digits 1250 with 2 of them behind the point;
 * "1.5e-10" has an exponent besides, which floats have.
 *
 * Pure: no server, no output.
 */
#ifndef MASK_MASK_DECIMAL_H
#define MASK_MASK_DECIMAL_H

#include "mask/mask.h"

enum
{
    MASK_DECIMAL_MOST_DIGITS = 20 /* of a whole number of 64 bits */
};

/*
 * Writes a whole number, with zeros before it up to so many digits, which are at most
 * MASK_DECIMAL_MOST_DIGITS; returns where it ends.
 */
char *mask_decimal_put_number(char *out, uint64_t number, int n_digits);
/* Appends it. */
void mask_decimal_append_number(PQExpBuffer out, uint64_t number, int n_digits);

typedef struct MaskDecimal
{
    bool is_special; /* NaN, Infinity: there are no digits */
    bool is_negative;
    PQExpBuffer digits;   /* '0' to '9' */
    size_t scale;         /* how many of them are behind the point */
    const char *exponent; /* in the text: "e-10"; or empty */
    size_t exponent_length;
    int exponent_value;
} MaskDecimal;

/* Reads into the buffer, which is emptied. False if the text is no number. */
bool mask_decimal_read(MaskDecimal *decimal, MaskValue text, PQExpBuffer digits);

/* Without a sign if it is 0, and without zeros where a number begins. */
void mask_decimal_append(PQExpBuffer out, const MaskDecimal *decimal);

bool mask_decimal_is_zero(const MaskDecimal *decimal);
/* Digits from the first one that is not 0. */
size_t mask_decimal_count_significant(const MaskDecimal *decimal);

/* Times factor / 10^6, rounded half up to as many digits behind the point as before. */
void mask_decimal_multiply(MaskDecimal *decimal, uint64_t factor);

/* Rounds to n significant digits at most; others become 0, or go if behind the point. */
void mask_decimal_round(MaskDecimal *decimal, size_t n);

/* Has an exponent no more, but the digits that it stands for. */
void mask_decimal_expand(MaskDecimal *decimal);

/*
 * The largest multiple of width / 10^scale that is not above, or with is_toward_zero not
 * further from 0. The width is at most 10^12, and there must be no exponent.
 */
void mask_decimal_floor(MaskDecimal *decimal, uint64_t width, size_t scale,
                        bool is_toward_zero);

/* Is it within the limits of an integer, or has it the digits of a numeric(p, s)? */
bool mask_decimal_fits(const MaskDecimal *decimal, const MaskTarget *target);

#endif
