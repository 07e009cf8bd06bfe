/*
 * Dates and timestamps as the server writes them with datestyle ISO: "2024-02-29",
 * "2024-02-29 23:59:59.5+00", "0044-03-15 BC", "infinity". Days are counted in the
 * Gregorian calendar, which the server extends into all of the past; 1 BC is year 0.
 *
 * Pure: no server, no output.
 */
#ifndef MASK_MASK_TIME_H
#define MASK_MASK_TIME_H

#include "mask/mask.h"

enum
{
    MASK_TIME_MOST_ZONE = 16,
    MASK_TIME_DAY_SECONDS = 24 * 60 * 60
};

typedef struct MaskTime
{
    bool is_infinite; /* or -infinity: the other members mean nothing */
    int64_t day;      /* 0 is 0001-01-01 */
    bool has_time;
    int second;                     /* of the day */
    int n_fraction;                 /* digits behind the second */
    int fraction;                   /* as a number of that many digits */
    char zone[MASK_TIME_MOST_ZONE]; /* "+00", or empty */
} MaskTime;

/* False if the text is neither date nor timestamp. */
bool mask_time_read(MaskValue text, MaskTime *time);
void mask_time_append(PQExpBuffer out, const MaskTime *time);

/* The day of the calendar; months from 1. */
int64_t mask_time_make_day(int64_t year, int month, int day);
/* Year and month of a day. */
int64_t mask_time_get_year(int64_t day, int *month, int *day_of_month);

/* The first and last day that the type has. */
int64_t mask_time_first_day(void);
int64_t mask_time_last_day(MaskType type);

#endif
