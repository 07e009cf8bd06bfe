#include "mask_syntax.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mask_values.h"

/* The same form: digits for digits, letters for letters, all else as it was. */
bool
mask_syntax_has_form(const char *value, const char *masked)
{
    for (; *value != '\0' && *masked != '\0'; value++, masked++)
    {
        bool is_digit = *value >= '0' && *value <= '9';
        bool is_small = *value >= 'a' && *value <= 'z';
        bool is_large = *value >= 'A' && *value <= 'Z';

        if (is_digit != (*masked >= '0' && *masked <= '9') ||
            is_small != (*masked >= 'a' && *masked <= 'z') ||
            is_large != (*masked >= 'A' && *masked <= 'Z'))
            return false;
        if (!is_digit && !is_small && !is_large && *value != *masked)
            return false;
    }
    return *value == *masked;
}

static bool
is_whole(const char *masked, const char *lowest, const char *highest)
{
    bool is_negative = *masked == '-';
    const char *limit = is_negative ? lowest : highest;
    const char *digits = masked + is_negative;
    size_t n = strspn(digits, "0123456789");

    if (n == 0 || digits[n] != '\0' || (*digits == '0' && (n > 1 || is_negative)))
        return false;
    return n < strlen(limit) || (n == strlen(limit) && strcmp(digits, limit) <= 0);
}

bool
mask_syntax_is_int2(const char *value, const char *masked)
{
    (void)value;
    return is_whole(masked, "32768", "32767");
}

bool
mask_syntax_is_int4(const char *value, const char *masked)
{
    (void)value;
    return is_whole(masked, "2147483648", "2147483647");
}

bool
mask_syntax_is_int8(const char *value, const char *masked)
{
    (void)value;
    return is_whole(masked, "9223372036854775808", "9223372036854775807");
}

/* Digits, and a point with as many digits behind it as before. */
bool
mask_syntax_is_numeric(const char *value, const char *masked)
{
    const char *point = strchr(value, '.');
    const char *other = strchr(masked, '.');
    const char *digits = masked + (*masked == '-');

    if (strcmp(value, masked) == 0)
        return true;
    if ((point == NULL) != (other == NULL) ||
        strspn(digits, "0123456789.") != strlen(digits) || *digits == '.')
        return false;
    return point == NULL || strlen(point) == strlen(other);
}

bool
mask_syntax_is_amount(const char *value, const char *masked)
{
    return mask_syntax_is_numeric(value, masked) &&
           strlen(masked + (*masked == '-')) <= 9;
}

static bool
is_float(const char *value, const char *masked, double largest, double smallest)
{
    char *end;
    double number = strtod(masked, &end);

    if (strchr(value, 'N') != NULL || strchr(value, 'I') != NULL)
        return strcmp(value, masked) == 0;
    if (*end != '\0' || strspn(masked, "0123456789.e+-") != strlen(masked))
        return false;
    number = number < 0 ? -number : number;
    return number <= largest && (number >= smallest || strtod(value, NULL) == 0);
}

bool
mask_syntax_is_float8(const char *value, const char *masked)
{
    return is_float(value, masked, 1.7976931348623157e308, 4.9e-324);
}

bool
mask_syntax_is_float4(const char *value, const char *masked)
{
    return is_float(value, masked, 3.4028235e38, 7.0065e-46);
}

/* A multiple that is not above; of floats of any size. */
bool
mask_syntax_is_bucket(const char *value, const char *masked)
{
    double raw = strtod(value, NULL);
    double floor = strtod(masked, NULL);

    if (strchr(value, 'N') != NULL || strchr(value, 'I') != NULL)
        return strcmp(value, masked) == 0;
    return floor <= raw + (raw < 0 ? -raw : raw) * 1e-12;
}

bool
mask_syntax_is_inet(const char *value, const char *masked)
{
    char copy[64];
    uint8_t bytes[16];
    char *slash;

    (void)value;
    snprintf(copy, sizeof(copy), "%s", masked);
    slash = strchr(copy, '/');
    if ((slash != NULL) != (strchr(value, '/') != NULL))
        return false;
    if (slash != NULL && strcmp(slash, strchr(value, '/')) != 0)
        return false;
    if (slash != NULL)
        *slash = '\0';
    return inet_pton(strchr(value, ':') != NULL ? AF_INET6 : AF_INET, copy, bytes) == 1;
}

bool
mask_syntax_is_cidr(const char *value, const char *masked)
{
    const char *end = strchr(masked, '/');

    return mask_syntax_is_inet(value, masked) && end != NULL &&
           strncmp(end - 2, ".0/24", 5) == 0;
}

bool
mask_syntax_is_macaddr(const char *value, const char *masked)
{
    static const char hex[] = "0123456789abcdef";

    if (strlen(value) != strlen(masked))
        return false;
    for (size_t i = 0; masked[i] != '\0'; i++)
        if (i % 3 == 2 ? masked[i] != ':' : strchr(hex, masked[i]) == NULL)
            return false;
    return ((strchr(hex, masked[1]) - hex) & 2) != 0;
}

/* Reads a date by the C library, which knows the calendar without BC. */
bool
mask_syntax_is_date(const char *value, const char *masked)
{
    long year;
    char *end;
    int month;
    int day;

    if (strstr(value, "infinity") != NULL)
        return strcmp(value, masked) == 0;
    year = strtol(masked, &end, 10);
    if (end - masked < 4 || year < 1 || *end != '-')
        return false;
    month = (int)strtol(end + 1, &end, 10);
    if (*end != '-' || month < 1 || month > 12)
        return false;
    day = (int)strtol(end + 1, &end, 10);
    if (strstr(masked, " BC") != NULL)
        year = 1 - year;
    if (day < 1 || day > mask_values_count_days((int)year, month))
        return false;
    return year > -4713 || (year == -4713 && month * 31 + day >= 11 * 31 + 24);
}

bool
mask_syntax_is_timestamp(const char *value, const char *masked)
{
    const char *time = strchr(value, ' ');
    const char *other = strchr(masked, ' ');

    if (strstr(value, "infinity") != NULL)
        return strcmp(value, masked) == 0;
    if (!mask_syntax_is_date(value, masked) || strtol(masked, NULL, 10) > 294276 ||
        other == NULL)
        return false;
    return strcspn(time, "+-B") == strcspn(other, "+-B") &&
           strcmp(time + strcspn(time, "+-B"), other + strcspn(other, "+-B")) == 0 &&
           strncmp(other, " 24", 3) < 0;
}

bool
mask_syntax_is_date_only(const char *value, const char *masked)
{
    return mask_syntax_is_date(value, masked) &&
           (strstr(masked, "infinity") != NULL ||
            strspn(masked, "0123456789-") == strcspn(masked, " "));
}

/* The same year, and for a bucket of 5 years the first day of one. */
bool
mask_syntax_is_in_year(const char *value, const char *masked)
{
    return mask_syntax_is_date_only(value, masked) &&
           strncmp(value, masked, strcspn(value, "-")) == 0 &&
           (strstr(value, " BC") == NULL) == (strstr(masked, " BC") == NULL);
}

bool
mask_syntax_is_in_month(const char *value, const char *masked)
{
    size_t year = strcspn(value, "-");

    if (strstr(value, "infinity") != NULL)
        return strcmp(value, masked) == 0;
    return mask_syntax_is_timestamp(value, masked) &&
           strncmp(value, masked, year + 3) == 0;
}

bool
mask_syntax_is_uuid(const char *value, const char *masked)
{
    static const char form[] = "xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx";

    (void)value;
    for (size_t i = 0; i < sizeof(form) - 1; i++)
    {
        const char *allowed = "0123456789abcdef";

        if (form[i] != 'x')
            allowed = form[i] == '-' ? "-" : form[i] == '4' ? "4" : "89ab";
        if (masked[i] == '\0' || strchr(allowed, masked[i]) == NULL)
            return false;
    }
    return masked[sizeof(form) - 1] == '\0';
}

bool
mask_syntax_is_hex_bytes(const char *value, const char *masked)
{
    (void)value;
    return strncmp(masked, "\\x", 2) == 0 &&
           strspn(masked + 2, "0123456789abcdef") == 16 && masked[18] == '\0';
}

bool
mask_syntax_is_short_hex(const char *value, const char *masked)
{
    (void)value;
    return strspn(masked, "0123456789abcdef") == 12 && masked[12] == '\0';
}

bool
mask_syntax_is_boolean(const char *value, const char *masked)
{
    (void)value;
    return strcmp(masked, "t") == 0 || strcmp(masked, "f") == 0;
}

bool
mask_syntax_is_label(const char *value, const char *masked)
{
    (void)value;
    return strcmp(masked, "new") == 0 || strcmp(masked, "very old") == 0 ||
           strcmp(masked, "gone") == 0;
}

bool
mask_syntax_is_luhn_kept(const char *value, const char *masked)
{
    int sums[2] = {0, 0};
    const char *texts[2] = {value, masked};

    for (int t = 0; t < 2; t++)
    {
        bool is_doubled = false;

        for (size_t i = strlen(texts[t]); i-- > 0; is_doubled = !is_doubled)
        {
            int digit = texts[t][i] - '0';

            sums[t] += is_doubled ? digit * 2 % 10 + digit / 5 : digit;
        }
    }
    return mask_syntax_has_form(value, masked) &&
           (strlen(value) != 16 ||
            (sums[0] % 10 == sums[1] % 10 && strncmp(value, masked, 6) == 0));
}
