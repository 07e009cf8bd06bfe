#include "mask/mask_decimal.h"

#include <stdlib.h>
#include <string.h>

enum
{
    FACTOR_DIGITS = 6, /* of the denominator */
    MOST_EXPONENT = 400,
    MOST_EXPONENT_DIGITS = 3
};

/* ---- reading */

static bool
is_decimal_digit(char c)
{
    return c >= '0' && c <= '9';
}

static size_t
skip_decimal_digits(MaskValue text, size_t i)
{
    while (i < text.length && is_decimal_digit(text.text[i]))
        i++;
    return i;
}

static bool
is_special_number(MaskValue text)
{
    static const char *const names[] = {"NaN", "Infinity", "-Infinity"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (text.length == strlen(names[i]) &&
            memcmp(text.text, names[i], text.length) == 0)
            return true;
    return false;
}

/* "e+10", in json "E5" as well, from i on to the end. */
static bool
read_exponent(MaskDecimal *decimal, MaskValue text, size_t i)
{
    size_t start = i;
    bool is_negative = false;
    size_t end;

    decimal->exponent = text.text + start;
    decimal->exponent_length = text.length - start;
    if (i == text.length)
        return true;
    if (text.text[i] != 'e' && text.text[i] != 'E')
        return false;
    i++;
    if (i < text.length && (text.text[i] == '+' || text.text[i] == '-'))
        is_negative = text.text[i++] == '-';
    end = skip_decimal_digits(text, i);
    if (end == i || end < text.length || end - i > MOST_EXPONENT_DIGITS)
        return false;
    for (; i < end; i++)
        decimal->exponent_value = decimal->exponent_value * 10 + (text.text[i] - '0');
    if (is_negative)
        decimal->exponent_value = -decimal->exponent_value;
    return decimal->exponent_value <= MOST_EXPONENT &&
           decimal->exponent_value >= -MOST_EXPONENT;
}

bool
mask_decimal_read(MaskDecimal *decimal, MaskValue text, PQExpBuffer digits)
{
    size_t start;
    size_t end;

    *decimal = (MaskDecimal){.digits = digits, .is_special = is_special_number(text)};
    resetPQExpBuffer(digits);
    if (decimal->is_special)
        return true;
    decimal->is_negative = text.length > 0 && *text.text == '-';
    start = decimal->is_negative;
    end = skip_decimal_digits(text, start);
    if (end == start)
        return false;
    appendBinaryPQExpBuffer(digits, text.text + start, end - start);
    if (end < text.length && text.text[end] == '.')
    {
        start = end + 1;
        end = skip_decimal_digits(text, start);
        decimal->scale = end - start;
        appendBinaryPQExpBuffer(digits, text.text + start, end - start);
    }
    return read_exponent(decimal, text, end);
}

/* ---- writing */

bool
mask_decimal_is_zero(const MaskDecimal *decimal)
{
    return mask_decimal_count_significant(decimal) == 0;
}

size_t
mask_decimal_count_significant(const MaskDecimal *decimal)
{
    size_t n_zeros = strspn(decimal->digits->data, "0");

    return decimal->digits->len - n_zeros;
}

char *
mask_decimal_put_number(char *out, uint64_t number, int n_digits)
{
    uint64_t rest = number;
    int n = 0;
    char *end;

    do
    {
        rest /= 10;
        n++;
    } while (rest > 0);
    end = out + (n > n_digits ? n : n_digits);
    for (char *c = end; c > out; number /= 10)
        *--c = (char)('0' + number % 10);
    return end;
}

void
mask_decimal_append_number(PQExpBuffer out, uint64_t number, int n_digits)
{
    char digits[MASK_DECIMAL_MOST_DIGITS];
    char *end = mask_decimal_put_number(digits, number, n_digits);

    appendBinaryPQExpBuffer(out, digits, (size_t)(end - digits));
}

/* Zeros in front, so that at least n digits are there. */
static void
pad_left(PQExpBuffer digits, size_t n)
{
    size_t length = digits->len;

    while (digits->len < n)
        appendPQExpBufferChar(digits, '0');
    memmove(digits->data + (digits->len - length), digits->data, length);
    memset(digits->data, '0', digits->len - length);
}

void
mask_decimal_append(PQExpBuffer out, const MaskDecimal *decimal)
{
    PQExpBuffer digits = decimal->digits;
    size_t n_integer;
    size_t first = 0;

    pad_left(digits, decimal->scale + 1);
    n_integer = digits->len - decimal->scale;
    while (first + 1 < n_integer && digits->data[first] == '0')
        first++;
    if (decimal->is_negative && !mask_decimal_is_zero(decimal))
        appendPQExpBufferChar(out, '-');
    appendBinaryPQExpBuffer(out, digits->data + first, n_integer - first);
    if (decimal->scale > 0)
    {
        appendPQExpBufferChar(out, '.');
        appendBinaryPQExpBuffer(out, digits->data + n_integer, decimal->scale);
    }
    appendBinaryPQExpBuffer(out, decimal->exponent, decimal->exponent_length);
}

/* ---- arithmetic */

/* Cuts the last n digits; those that are left are at least one. */
static void
cut_digits(PQExpBuffer digits, size_t n)
{
    if (n >= digits->len)
    {
        resetPQExpBuffer(digits);
        appendPQExpBufferChar(digits, '0');
        return;
    }
    digits->len -= n;
    digits->data[digits->len] = '\0';
}

/* Adds a number to the digits as a whole one. */
static void
add_number(PQExpBuffer digits, uint64_t number)
{
    pad_left(digits, (digits->len < MASK_DECIMAL_MOST_DIGITS ? MASK_DECIMAL_MOST_DIGITS
                                                             : digits->len) +
                         1);
    for (size_t i = digits->len; i-- > 0 && number > 0;)
    {
        number += (uint64_t)(digits->data[i] - '0');
        digits->data[i] = (char)('0' + number % 10);
        number /= 10;
    }
}

/* Subtracts one that is not larger. */
static void
subtract_number(PQExpBuffer digits, uint64_t number)
{
    for (size_t i = digits->len; i-- > 0 && number > 0;)
    {
        uint64_t digit = (uint64_t)(digits->data[i] - '0');
        uint64_t last = number % 10;

        number = number / 10 + (last > digit);
        digits->data[i] = (char)('0' + (digit + 10 - last) % 10);
    }
}

void
mask_decimal_multiply(MaskDecimal *decimal, uint64_t factor)
{
    PQExpBuffer digits = decimal->digits;
    uint64_t carry = 0;
    bool is_up;

    pad_left(digits, digits->len + FACTOR_DIGITS + 1);
    for (size_t i = digits->len; i-- > 0;)
    {
        carry += (uint64_t)(digits->data[i] - '0') * factor;
        digits->data[i] = (char)('0' + carry % 10);
        carry /= 10;
    }
    is_up = digits->data[digits->len - FACTOR_DIGITS] >= '5';
    cut_digits(digits, FACTOR_DIGITS);
    if (is_up)
        add_number(digits, 1);
}

void
mask_decimal_round(MaskDecimal *decimal, size_t n)
{
    PQExpBuffer digits = decimal->digits;
    size_t n_significant = mask_decimal_count_significant(decimal);
    size_t n_cut;
    bool is_up;

    if (n_significant <= n)
        return;
    n_cut = n_significant - n;
    is_up = digits->data[digits->len - n_cut] >= '5';
    cut_digits(digits, n_cut);
    if (is_up)
        add_number(digits, 1);
    for (; n_cut > decimal->scale; n_cut--)
        appendPQExpBufferChar(digits, '0');
    decimal->scale -= n_cut;
}

void
mask_decimal_expand(MaskDecimal *decimal)
{
    PQExpBuffer digits = decimal->digits;
    int exponent = decimal->exponent_value;

    for (; exponent > 0 && decimal->scale > 0; exponent--)
        decimal->scale--;
    for (; exponent > 0; exponent--)
        appendPQExpBufferChar(digits, '0');
    for (; exponent < 0; exponent++)
        decimal->scale++;
    pad_left(digits, decimal->scale + 1);
    decimal->exponent_value = 0;
    decimal->exponent_length = 0;
}

/* ---- multiples */

/* Leaves scale digits behind the point; true if others than zeros went. */
static bool
set_scale(MaskDecimal *decimal, size_t scale)
{
    PQExpBuffer digits = decimal->digits;
    bool is_inexact = false;

    pad_left(digits, decimal->scale + 1);
    while (decimal->scale > scale)
    {
        is_inexact |= digits->data[digits->len - 1] != '0';
        cut_digits(digits, 1);
        decimal->scale--;
    }
    for (; decimal->scale < scale; decimal->scale++)
        appendPQExpBufferChar(digits, '0');
    return is_inexact;
}

static uint64_t
get_remainder(PQExpBuffer digits, uint64_t width)
{
    uint64_t remainder = 0;

    for (size_t i = 0; i < digits->len; i++)
        remainder = (remainder * 10 + (uint64_t)(digits->data[i] - '0')) % width;
    return remainder;
}

void
mask_decimal_floor(MaskDecimal *decimal, uint64_t width, size_t scale,
                   bool is_toward_zero)
{
    size_t scale_before = decimal->scale;
    bool is_inexact = set_scale(decimal, scale);
    uint64_t remainder = get_remainder(decimal->digits, width);

    subtract_number(decimal->digits, remainder);
    if (decimal->is_negative && !is_toward_zero && (remainder > 0 || is_inexact))
        add_number(decimal->digits, width);
    if (scale_before > scale)
        (void)set_scale(decimal, scale_before);
}

/* ---- limits */

static bool
fits_integer(const MaskDecimal *decimal, int size)
{
    const char *limit =
        decimal->is_negative ? "9223372036854775808" : "9223372036854775807";
    size_t n = mask_decimal_count_significant(decimal);
    const char *digits = decimal->digits->data + (decimal->digits->len - n);

    if (size == 4)
        limit = decimal->is_negative ? "2147483648" : "2147483647";
    else if (size == 2)
        limit = decimal->is_negative ? "32768" : "32767";
    return n < strlen(limit) || (n == strlen(limit) && memcmp(digits, limit, n) <= 0);
}

bool
mask_decimal_fits(const MaskDecimal *decimal, const MaskTarget *target)
{
    int n_integer;

    if (target->type == MASK_TYPE_INTEGER)
        return fits_integer(decimal, target->size);
    if (target->type != MASK_TYPE_NUMERIC || target->precision == 0)
        return true;
    n_integer = (int)mask_decimal_count_significant(decimal) - (int)decimal->scale;
    return n_integer <= target->precision - target->scale;
}
