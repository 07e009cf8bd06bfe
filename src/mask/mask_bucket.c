/*
 * "bucket" generalises: a number becomes the largest multiple of a width that is not
 * above it, a date the first day of its span of days, weeks, months or years. Where a
 * negative number would leave its type so, it becomes the multiple towards 0.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "mask/mask_decimal.h"
#include "mask/mask_kinds.h"
#include "mask/mask_time.h"

enum
{
    MOST_WIDTH_DIGITS = 12,
    MOST_COUNT = 10000 /* of days, months ... */
};

typedef enum BucketUnit
{
    BUCKET_NUMBER,
    BUCKET_DAY,
    BUCKET_WEEK,
    BUCKET_MONTH,
    BUCKET_YEAR
} BucketUnit;

typedef struct Bucket
{
    BucketUnit unit;
    uint64_t width; /* of numbers: divided by 10^scale */
    size_t scale;
} Bucket;

/* ---- arguments */

/* Digits and at most one point, from the word's beginning; returns what follows. */
static const char *
read_width(const char *word, Bucket *bucket)
{
    bool is_fraction = false;
    int n_digits = 0;

    for (; n_digits <= MOST_WIDTH_DIGITS; word++)
    {
        if (*word == '.' && !is_fraction)
            is_fraction = true;
        else if (*word >= '0' && *word <= '9')
        {
            bucket->width = bucket->width * 10 + (uint64_t)(*word - '0');
            bucket->scale += is_fraction;
            n_digits++;
        }
        else
            break;
    }
    return n_digits > 0 && n_digits <= MOST_WIDTH_DIGITS ? word : NULL;
}

static bool
read_bucket_unit(const char *word, BucketUnit *unit)
{
    static const char *const names[] = {"", "d", "w", "mon", "y"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
    {
        if (strcmp(word, names[i]) != 0)
            continue;
        *unit = (BucketUnit)i;
        return true;
    }
    return false;
}

static bool
read_bucket(const char *word, Bucket *bucket)
{
    const char *unit = read_width(word, bucket);

    if (unit == NULL || !read_bucket_unit(unit, &bucket->unit) || bucket->width == 0)
        return false;
    return bucket->unit == BUCKET_NUMBER ||
           (bucket->scale == 0 && bucket->width <= MOST_COUNT);
}

/* 0.50 and 0.5 are one function. */
static void
trim_width(Bucket *bucket)
{
    while (bucket->scale > 0 && bucket->width % 10 == 0)
    {
        bucket->width /= 10;
        bucket->scale--;
    }
}

static bool
parse_bucket(MaskSpec *spec, Arena *arena, const MaskWords *words, Diag *diag)
{
    Bucket *bucket = ARENA_ARRAY(arena, 1, Bucket);
    MaskWords rest = {words->words + 1, words->is_quoted + 1, words->n - 1};
    char text[64];

    spec->arguments = bucket;
    if (words->n == 0 || !read_bucket(words->words[0], bucket))
    {
        mask_words_reject(spec, words, diag);
        diag_set_hint(diag, "Write \"bucket 1000\" or \"bucket 0.5\" for numbers, and "
                            "\"bucket 5y\", \"3mon\", \"2w\" or \"10d\" for dates.");
        return false;
    }
    trim_width(bucket);
    snprintf(text, sizeof(text), "%" PRIu64 " %zu %d", bucket->width, bucket->scale,
             (int)bucket->unit);
    spec->function = arena_copy_string(arena, text);
    return words->n == 1 || mask_words_reject(spec, &rest, diag);
}

static bool
prepare_bucket(Masker *masker, Arena *arena, Diag *diag)
{
    const Bucket *bucket = masker->spec->arguments;
    MaskType type = masker->target.type;
    bool is_time = type == MASK_TYPE_DATE || type == MASK_TYPE_TIMESTAMP;

    (void)arena;
    if (is_time != (bucket->unit != BUCKET_NUMBER))
        diag_set_message(diag, is_time ? "mask \"bucket\" of dates lacks a unit"
                                       : "mask \"bucket\" of numbers has a unit");
    else if (type == MASK_TYPE_INTEGER && bucket->scale > 0)
        diag_set_message(diag, "mask \"bucket\" of whole numbers has a fraction");
    else
        return true;
    diag_set_hint(diag, "Write \"bucket 1000\" for numbers, \"bucket 5y\" for dates.");
    return false;
}

/* ---- dates */

static int64_t
floor_to(int64_t number, int64_t width)
{
    int64_t remainder = number % width;

    return number - remainder - (remainder < 0 ? width : 0);
}

/* Day 0, 0001-01-01, is a Monday. */
static int64_t
find_first_day(const Bucket *bucket, int64_t day)
{
    int64_t width = (int64_t)bucket->width;
    int month;
    int day_of_month;
    int64_t year = mask_time_get_year(day, &month, &day_of_month);
    int64_t n_months;

    switch (bucket->unit)
    {
        case BUCKET_WEEK:
            return floor_to(day, 7 * width);
        case BUCKET_MONTH:
            n_months = floor_to(year * 12 + month - 1, width);
            year = floor_to(n_months, 12) / 12;
            return mask_time_make_day(year, (int)(n_months - year * 12) + 1, 1);
        case BUCKET_YEAR:
            return mask_time_make_day(floor_to(year, width), 1, 1);
        case BUCKET_DAY:
        case BUCKET_NUMBER:
            break;
    }
    return floor_to(day, width);
}

static MaskResult
apply_to_time(const Bucket *bucket, MaskValue text, PQExpBuffer out, const char **problem)
{
    MaskTime time;

    if (!mask_time_read(text, &time))
    {
        *problem = "is neither a date nor a timestamp as the server writes it";
        return MASK_REFUSED;
    }
    if (time.is_infinite)
    {
        appendBinaryPQExpBuffer(out, text.text, text.length);
        return MASK_DONE;
    }
    time.day = find_first_day(bucket, time.day);
    if (time.day < mask_time_first_day())
        time.day = mask_time_first_day();
    time.second = 0;
    time.n_fraction = 0;
    mask_time_append(out, &time);
    return MASK_DONE;
}

/* ---- numbers */

static bool
floor_text(Masker *masker, MaskValue text, bool is_toward_zero, MaskDecimal *decimal)
{
    const Bucket *bucket = masker->spec->arguments;

    if (!mask_decimal_read(decimal, text, &masker->scratch))
        return false;
    if (decimal->is_special)
        return true;
    mask_decimal_expand(decimal);
    if (masker->target.type == MASK_TYPE_FLOAT && decimal->scale > bucket->scale)
    {
        mask_decimal_floor(decimal, bucket->width, bucket->scale, is_toward_zero);
        decimal->digits->len -= decimal->scale - bucket->scale;
        decimal->digits->data[decimal->digits->len] = '\0';
        decimal->scale = bucket->scale;
    }
    else
        mask_decimal_floor(decimal, bucket->width, bucket->scale, is_toward_zero);
    return true;
}

static MaskResult
apply_to_number(Masker *masker, MaskValue text, PQExpBuffer out, const char **problem)
{
    MaskDecimal decimal;
    bool is_number = floor_text(masker, text, false, &decimal);

    if (is_number && !decimal.is_special && !mask_decimal_fits(&decimal, &masker->target))
        is_number = floor_text(masker, text, true, &decimal);
    if (!is_number)
    {
        *problem = "is no number as the server writes it";
        return MASK_REFUSED;
    }
    if (decimal.is_special)
        appendBinaryPQExpBuffer(out, text.text, text.length);
    else
        mask_decimal_append(out, &decimal);
    return MASK_DONE;
}

static MaskResult
apply_bucket(Masker *masker, const MaskInput *input, PQExpBuffer out,
             const char **problem)
{
    const Bucket *bucket = masker->spec->arguments;

    if (bucket->unit == BUCKET_NUMBER)
        return apply_to_number(masker, input->value, out, problem);
    return apply_to_time(bucket, input->value, out, problem);
}

const MaskKind mask_bucket_bucket = {
    .name = "bucket",
    .arguments = "WIDTH",
    .description = "The multiple of a width below a number, or the first day of a span: "
                   "\"5y\", \"3mon\", \"2w\", \"10d\"",
    .example = "4711",
    .example_rule = "bucket 1000",
    .types = MASK_TYPE_BIT(MASK_TYPE_INTEGER) | MASK_TYPE_BIT(MASK_TYPE_NUMERIC) |
             MASK_TYPE_BIT(MASK_TYPE_FLOAT) | MASK_TYPE_BIT(MASK_TYPE_DATE) |
             MASK_TYPE_BIT(MASK_TYPE_TIMESTAMP),
    .uniqueness = MASK_NOT_UNIQUE,
    .generalises = true,
    .keeps_some = true,
    .parse = parse_bucket,
    .prepare = prepare_bucket,
    .apply = apply_bucket,
};
