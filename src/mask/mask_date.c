/*
 * Dates and timestamps. "date" takes another day of the same year or month; "shift" moves
 * by a number of days that the mac decides on, of the value, or of the column of "by":
 * then all dates of one person move alike, and their order and distances stay.
 *
 * A time of day is personal, too: "date" replaces it, and leaves midnight, at which dates
 * are stored that are timestamps. "shift" keeps it, since order within a day depends on
 * it. Infinity is no date, and stays.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "mask/mask_bits.h"
#include "mask/mask_kinds.h"
#include "mask/mask_time.h"

enum
{
    MOST_SHIFT = 36525 /* days: a century */
};

static const char no_time[] = "is neither a date nor a timestamp as the server writes it";

/* ---- date */

static bool
parse_date(MaskSpec *spec, Arena *arena, const MaskWords *words, Diag *diag)
{
    bool *is_month = ARENA_ARRAY(arena, 1, bool);
    MaskWords rest = {words->words + 1, words->is_quoted + 1, words->n - 1};

    spec->arguments = is_month;
    spec->function = "year";
    if (words->n == 0)
        return true;
    *is_month = strcmp(words->words[0], "month") == 0;
    if (!*is_month && strcmp(words->words[0], "year") != 0)
        return mask_words_reject(spec, words, diag);
    if (*is_month)
        spec->function = "month";
    return words->n == 1 || mask_words_reject(spec, &rest, diag);
}

static int64_t
limit_day(int64_t day, MaskType type)
{
    if (day < mask_time_first_day())
        return mask_time_first_day();
    return day > mask_time_last_day(type) ? mask_time_last_day(type) : day;
}

static int64_t
choose_day(int64_t day, bool is_month, MaskType type, const uint8_t *bits)
{
    int month;
    int day_of_month;
    int64_t year = mask_time_get_year(day, &month, &day_of_month);
    int64_t first = mask_time_make_day(year, is_month ? month : 1, 1);
    int64_t last = is_month && month < 12 ? mask_time_make_day(year, month + 1, 1) - 1
                                          : mask_time_make_day(year + 1, 1, 1) - 1;

    first = limit_day(first, type);
    last = limit_day(last, type);
    return first + (int64_t)mask_bits_choose(bits, (uint64_t)(last - first) + 1);
}

static void
choose_time(MaskTime *time, const uint8_t *bits)
{
    uint64_t most = 1;

    if (time->second == 0 && time->n_fraction == 0)
        return;
    time->second = (int)mask_bits_choose(bits, MASK_TIME_DAY_SECONDS);
    for (int i = 0; i < time->n_fraction; i++)
        most *= 10;
    time->fraction = (int)mask_bits_choose(bits + 8, most);
}

static MaskResult
apply_date(Masker *masker, const MaskInput *input, PQExpBuffer out, const char **problem)
{
    bool is_month = *(const bool *)masker->spec->arguments;
    MaskValue text = input->canonical;
    uint8_t mac[MASK_MAC_SIZE];
    MaskTime time;

    if (!mask_time_read(text, &time))
    {
        *problem = no_time;
        return MASK_REFUSED;
    }
    if (time.is_infinite)
    {
        appendBinaryPQExpBuffer(out, text.text, text.length);
        return MASK_DONE;
    }
    mask_mac_compute(masker->mac, text.text, text.length, mac);
    time.day = choose_day(time.day, is_month, masker->target.type, mac);
    choose_time(&time, mac + 8);
    mask_time_append(out, &time);
    return MASK_DONE;
}

const MaskKind mask_date_date = {
    .name = "date",
    .arguments = "[year|month]",
    .description = "Another day of the same year, or month, at another time",
    .example = "1987-06-05",
    .types = MASK_TYPE_BIT(MASK_TYPE_DATE) | MASK_TYPE_BIT(MASK_TYPE_TIMESTAMP),
    .uniqueness = MASK_NOT_UNIQUE,
    .parse = parse_date,
    .apply = apply_date,
};

/* ---- shift */

/* "30d", "4w" or "1y" as days; false if it is none of these. */
static bool
read_span(const char *word, int64_t *days)
{
    char digits[16];
    size_t length = strlen(word);
    int factor;

    if (length < 2 || length > sizeof(digits))
        return false;
    memcpy(digits, word, length - 1);
    digits[length - 1] = '\0';
    switch (word[length - 1])
    {
        case 'd':
            factor = 1;
            break;
        case 'w':
            factor = 7;
            break;
        case 'y':
            factor = 365;
            break;
        default:
            return false;
    }
    if (!mask_words_read_number(digits, MOST_SHIFT / factor, days) || *days == 0)
        return false;
    *days *= factor;
    return true;
}

static bool
parse_shift(MaskSpec *spec, Arena *arena, const MaskWords *words, Diag *diag)
{
    int64_t *days = ARENA_ARRAY(arena, 1, int64_t);
    MaskWords rest = {words->words + 1, words->is_quoted + 1, words->n - 1};
    char text[32];

    spec->arguments = days;
    if (words->n == 0 || !read_span(words->words[0], days))
    {
        mask_words_reject(spec, words, diag);
        diag_set_hint(diag, "Write \"shift 30d\", \"shift 4w\" or \"shift 1y\", up to a "
                            "century, and \"by COLUMN\" to shift equally.");
        return false;
    }
    snprintf(text, sizeof(text), "%" PRId64 "d", *days);
    spec->function = arena_copy_string(arena, text);
    return words->n == 1 || mask_words_reject(spec, &rest, diag);
}

/* From -most to most, but not 0. */
static int64_t
choose_shift(const uint8_t *bits, int64_t most)
{
    int64_t choice = (int64_t)mask_bits_choose(bits, 2 * (uint64_t)most);

    return choice < most ? choice - most : choice - most + 1;
}

/* Near the ends of time the other way. */
static int64_t
shift_day(int64_t day, int64_t shift, MaskType type)
{
    return limit_day(day + shift, type) == day + shift ? day + shift : day - shift;
}

static MaskResult
apply_shift(Masker *masker, const MaskInput *input, PQExpBuffer out, const char **problem)
{
    const int64_t *most = masker->spec->arguments;
    MaskValue text = input->canonical;
    bool has_by = masker->spec->by_column != NULL && input->by.text != NULL;
    MaskValue decisive = has_by ? input->by : text;
    uint8_t mac[MASK_MAC_SIZE];
    MaskTime time;

    if (!mask_time_read(text, &time))
    {
        *problem = no_time;
        return MASK_REFUSED;
    }
    if (time.is_infinite)
    {
        appendBinaryPQExpBuffer(out, text.text, text.length);
        return MASK_DONE;
    }
    mask_mac_compute(masker->mac, decisive.text, decisive.length, mac);
    time.day = shift_day(time.day, choose_shift(mac, *most), masker->target.type);
    mask_time_append(out, &time);
    return MASK_DONE;
}

const MaskKind mask_date_shift = {
    .name = "shift",
    .arguments = "DAYSd [by COLUMN]",
    .description = "Up to so many days earlier or later; with \"by\" equally for equal "
                   "values of the column, so that order and distances stay",
    .example = "2024-02-29 12:34:56",
    .example_rule = "shift 30d",
    .types = MASK_TYPE_BIT(MASK_TYPE_DATE) | MASK_TYPE_BIT(MASK_TYPE_TIMESTAMP),
    .uniqueness = MASK_NOT_UNIQUE,
    .takes_by = true,
    .parse = parse_shift,
    .apply = apply_shift,
};
