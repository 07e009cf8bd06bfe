#include "mask/mask_time.h"

#include <string.h>

#include "mask/mask_decimal.h"

enum
{
    FIRST_YEAR = -4713, /* 4714 BC, where Julian days begin */
    FIRST_MONTH = 11,
    FIRST_DAY = 24,
    LAST_DATE_YEAR = 5874897,
    LAST_TIMESTAMP_YEAR = 294276,
    MOST_FRACTION = 6,
    MOST_YEAR = 9999999,
    MOST_TEXT = 128 /* characters of a timestamp, seven numbers at most */
};

/* ---- the calendar */

static bool
is_leap_year(int64_t year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* Rounds down. */
static int64_t
divide_down(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* Days of the year before the month, which is 1 to 13. */
static int
get_days_before(int64_t year, int month)
{
    static const int days[] = {0,   31,  59,  90,  120, 151, 181,
                               212, 243, 273, 304, 334, 365};

    return days[month - 1] + (month > 2 && is_leap_year(year));
}

/* Day 0 is the first one of year 1. */
static int64_t
get_first_of_year(int64_t year)
{
    int64_t before = year - 1;

    return before * 365 + divide_down(before, 4) - divide_down(before, 100) +
           divide_down(before, 400);
}

int64_t
mask_time_make_day(int64_t year, int month, int day)
{
    return get_first_of_year(year) + get_days_before(year, month) + day - 1;
}

/* 400 years have 146,097 days; so the estimate is off by one at most. */
int64_t
mask_time_get_year(int64_t day, int *month, int *day_of_month)
{
    int64_t year = divide_down(day * 400, 146097) + 1;
    int rest;

    while (get_first_of_year(year) > day)
        year--;
    while (get_first_of_year(year + 1) <= day)
        year++;
    rest = (int)(day - get_first_of_year(year));
    *month = rest / 31 + 1; /* or one or two behind it */
    while (get_days_before(year, *month + 1) <= rest)
        (*month)++;
    *day_of_month = rest - get_days_before(year, *month) + 1;
    return year;
}

int64_t
mask_time_first_day(void)
{
    return mask_time_make_day(FIRST_YEAR, FIRST_MONTH, FIRST_DAY);
}

int64_t
mask_time_last_day(MaskType type)
{
    return mask_time_make_day(type == MASK_TYPE_DATE ? LAST_DATE_YEAR
                                                     : LAST_TIMESTAMP_YEAR,
                              12, 31);
}

/* ---- reading */

typedef struct TimeReader
{
    const char *next;
    const char *end;
} TimeReader;

static bool
take_time_text(TimeReader *reader, const char *text)
{
    size_t length = strlen(text);

    if ((size_t)(reader->end - reader->next) < length ||
        memcmp(reader->next, text, length) != 0)
        return false;
    reader->next += length;
    return true;
}

/* Takes as many digits as there are; returns how many, up to 7. */
static int
take_time_number(TimeReader *reader, int64_t *number)
{
    int n = 0;

    *number = 0;
    for (; n < 8 && reader->next < reader->end; n++)
    {
        char c = *reader->next;

        if (c < '0' || c > '9')
            break;
        *number = *number * 10 + (c - '0');
        reader->next++;
    }
    return n < 8 ? n : 0;
}

static bool
take_pair(TimeReader *reader, int most, int *number)
{
    int64_t value;

    if (take_time_number(reader, &value) != 2 || value > most)
        return false;
    *number = (int)value;
    return true;
}

static bool
take_calendar_date(TimeReader *reader, int64_t *year, int *month, int *day)
{
    if (take_time_number(reader, year) < 4 || *year < 1 || *year > MOST_YEAR)
        return false;
    if (!take_time_text(reader, "-") || !take_pair(reader, 12, month) || *month < 1)
        return false;
    return take_time_text(reader, "-") && take_pair(reader, 31, day) && *day >= 1;
}

static bool
take_clock(TimeReader *reader, MaskTime *time)
{
    int64_t fraction;
    int hour;
    int minute;
    int second;

    if (!take_pair(reader, 23, &hour) || !take_time_text(reader, ":") ||
        !take_pair(reader, 59, &minute) || !take_time_text(reader, ":") ||
        !take_pair(reader, 59, &second))
        return false;
    time->has_time = true;
    time->second = (hour * 60 + minute) * 60 + second;
    if (take_time_text(reader, "."))
    {
        time->n_fraction = take_time_number(reader, &fraction);
        time->fraction = (int)fraction;
        return time->n_fraction > 0 && time->n_fraction <= MOST_FRACTION;
    }
    return true;
}

/* "+05:30" and the like. */
static bool
take_zone(TimeReader *reader, MaskTime *time)
{
    size_t n = 0;

    if (reader->next == reader->end || (*reader->next != '+' && *reader->next != '-'))
        return true;
    while (reader->next < reader->end && *reader->next != ' ')
    {
        char c = *reader->next++;

        if (n + 1 >= sizeof(time->zone) || ((c < '0' || c > ':') && n > 0))
            return false;
        time->zone[n++] = c;
    }
    return n >= 3;
}

static bool
take_infinity(TimeReader *reader)
{
    (void)take_time_text(reader, "-");
    return take_time_text(reader, "infinity") && reader->next == reader->end;
}

/* Does the month have the day? */
static bool
is_day(int64_t year, int month, int day)
{
    return day <= get_days_before(year, month + 1) - get_days_before(year, month);
}

bool
mask_time_read(MaskValue text, MaskTime *time)
{
    TimeReader reader = {text.text, text.text + text.length};
    int64_t year;
    int month;
    int day;

    *time = (MaskTime){0};
    time->is_infinite = take_infinity(&reader);
    if (time->is_infinite)
        return true;
    reader.next = text.text;
    if (!take_calendar_date(&reader, &year, &month, &day))
        return false;
    if (take_time_text(&reader, " BC"))
        year = 1 - year;
    else if (take_time_text(&reader, " ") &&
             (!take_clock(&reader, time) || !take_zone(&reader, time)))
        return false;
    if (time->has_time && take_time_text(&reader, " BC"))
        year = 1 - year;
    if (reader.next != reader.end || !is_day(year, month, day))
        return false;
    time->day = mask_time_make_day(year, month, day);
    return true;
}

/* ---- writing */

static char *
put_time_part(char *out, char separator, int number, int n_digits)
{
    *out = separator;
    return mask_decimal_put_number(out + 1, (uint64_t)number, n_digits);
}

void
mask_time_append(PQExpBuffer out, const MaskTime *time)
{
    int month;
    int day;
    int64_t year = mask_time_get_year(time->day, &month, &day);
    char text[MOST_TEXT];
    char *end = mask_decimal_put_number(text, (uint64_t)(year > 0 ? year : 1 - year), 4);

    end = put_time_part(end, '-', month, 2);
    end = put_time_part(end, '-', day, 2);
    if (time->has_time)
    {
        end = put_time_part(end, ' ', time->second / 3600, 2);
        end = put_time_part(end, ':', time->second / 60 % 60, 2);
        end = put_time_part(end, ':', time->second % 60, 2);
    }
    if (time->n_fraction > 0)
        end = put_time_part(end, '.', time->fraction, time->n_fraction);
    appendBinaryPQExpBuffer(out, text, (size_t)(end - text));
    if (time->zone[0] != '\0')
        appendPQExpBufferStr(out, time->zone);
    if (year <= 0)
        appendPQExpBufferStr(out, " BC");
}
