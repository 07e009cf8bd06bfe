#include "mask_values.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* ---- random numbers: a sequence for each value */

static uint64_t seed;

void
mask_values_start(uint64_t number)
{
    seed = number * 1000003;
}

static uint64_t
draw_bits(void)
{
    uint64_t z = seed += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static int
draw_below(int n)
{
    return (int)(draw_bits() % (uint64_t)n);
}

/* ---- values */

static void
make_digits(char *text, int n)
{
    for (int i = 0; i < n; i++)
        text[i] = (char)('0' + draw_below(10));
    text[n] = '\0';
}

void
mask_values_phone(char *text)
{
    static const char other[] = " -/()+.x";
    int n = draw_below(24);

    for (int i = 0; i < n; i++)
        text[i] = (char)(draw_below(4) > 0 ? '0' + draw_below(10)
                                           : other[draw_below((int)sizeof(other) - 1)]);
    text[n] = '\0';
}

void
mask_values_code(char *text)
{
    static const char some[] = "abcxyzABCXYZ0123456789-_/. \xc3\xa4";
    int n = 1 + draw_below(60);

    for (int i = 0; i < n; i++)
        text[i] = some[draw_below((int)sizeof(some) - 3)];
    snprintf(text + n, 8, "%s",
             draw_below(4) == 0 ? "\xc3\xa4"
                                  "7"
                                : "");
}

void
mask_values_card(char *text)
{
    make_digits(text, draw_below(4) == 0 ? draw_below(25) : 16);
}

void
mask_values_iban(char *text)
{
    static const char *const forms[] = {"DE89370400440532013000",
                                        "GB29NWBK60161331926819", "NO9386011117947",
                                        "de89370400440532013000"};
    int form = draw_below(4);
    size_t length = strlen(forms[form]);

    snprintf(text, MASK_VALUES_SIZE, "%s", forms[form]);
    for (size_t i = 4; i < length; i++)
        if (text[i] <= '9')
            text[i] = (char)('0' + draw_below(10));
}

static int64_t
draw_integer(int size)
{
    int n_bits = 1 + draw_below(8 * size - 1);
    int64_t number = (int64_t)(draw_bits() >> (64 - n_bits));

    if (draw_below(100) == 0)
        number = (int64_t)(UINT64_MAX >> (65 - 8 * size));
    return draw_below(3) == 0 ? -number - (draw_below(100) == 0) : number;
}

void
mask_values_int2(char *text)
{
    snprintf(text, MASK_VALUES_SIZE, "%" PRId64, draw_integer(2));
}

void
mask_values_int4(char *text)
{
    snprintf(text, MASK_VALUES_SIZE, "%" PRId64, draw_integer(4));
}

void
mask_values_int8(char *text)
{
    snprintf(text, MASK_VALUES_SIZE, "%" PRId64, draw_integer(8));
}

void
mask_values_key(char *text)
{
    snprintf(text, MASK_VALUES_SIZE, "%d", 1 + draw_below(1000000));
}

/* Of numeric(8, 2) */
void
mask_values_amount(char *text)
{
    snprintf(text, MASK_VALUES_SIZE, "%s%d.%02d", draw_below(3) == 0 ? "-" : "",
             draw_below(draw_below(2) == 0 ? 1000000 : 100), draw_below(100));
}

void
mask_values_numeric(char *text)
{
    static const char *const special[] = {"NaN", "Infinity", "-Infinity", "0", "0.00"};
    int n = 1 + draw_below(60);
    int point = draw_below(n);

    if (draw_below(50) == 0)
    {
        snprintf(text, MASK_VALUES_SIZE, "%s", special[draw_below(5)]);
        return;
    }
    make_digits(text, n);
    text[0] = (char)('1' + draw_below(9));
    if (point > 0)
        text[point] = '.';
    if (point == n - 1)
        text[point] = '5';
}

void
mask_values_float8(char *text)
{
    union
    {
        uint64_t bits;
        double number;
    } any = {.bits = draw_bits()};

    if (draw_below(2) == 0)
        any.number = (double)draw_below(1000000) / 64;
    snprintf(text, MASK_VALUES_SIZE, "%.17g", any.number);
    if (strstr(text, "nan") != NULL)
        snprintf(text, MASK_VALUES_SIZE, "NaN");
    else if (strstr(text, "inf") != NULL)
        snprintf(text, MASK_VALUES_SIZE, "%sInfinity", *text == '-' ? "-" : "");
}

void
mask_values_float4(char *text)
{
    union
    {
        uint32_t bits;
        float number;
    } any = {.bits = (uint32_t)draw_bits()};

    snprintf(text, MASK_VALUES_SIZE, "%.9g", (double)any.number);
    if (strstr(text, "nan") != NULL)
        snprintf(text, MASK_VALUES_SIZE, "NaN");
    else if (strstr(text, "inf") != NULL)
        snprintf(text, MASK_VALUES_SIZE, "%sInfinity", *text == '-' ? "-" : "");
}

void
mask_values_inet(char *text)
{
    char address[64];
    uint8_t bytes[16];
    bool is_v6 = draw_below(2) == 0;

    for (int i = 0; i < 16; i++)
        bytes[i] = (uint8_t)(draw_below(3) == 0 ? 0 : draw_below(256));
    if (is_v6 && draw_below(8) == 0)
        memcpy(bytes, "\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);
    inet_ntop(is_v6 ? AF_INET6 : AF_INET, bytes, address, sizeof(address));
    snprintf(text, MASK_VALUES_SIZE, "%s", address);
    if (draw_below(3) == 0)
        snprintf(text, MASK_VALUES_SIZE, "%s/%d", address, draw_below(is_v6 ? 128 : 32));
}

/* Networks have no bits behind their masks. */
void
mask_values_cidr(char *text)
{
    snprintf(text, MASK_VALUES_SIZE, "%d.%d.%d.0/24", draw_below(256), draw_below(256),
             draw_below(256));
}

void
mask_values_macaddr(char *text)
{
    snprintf(text, MASK_VALUES_SIZE, "%02x:%02x:%02x:%02x:%02x:%02x", draw_below(64) * 4,
             draw_below(256), draw_below(256), draw_below(256), draw_below(256),
             draw_below(256));
}

void
mask_values_macaddr8(char *text)
{
    mask_values_macaddr(text);
    snprintf(text + 17, 8, ":%02x:%02x", draw_below(256), draw_below(256));
}

int
mask_values_count_days(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    return days[month - 1] +
           (month == 2 && (year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)));
}

static void
make_date_before(char *text, int most_year)
{
    int year = 1900 + draw_below(200);
    bool is_bc = false;
    int month = 1 + draw_below(12);

    if (draw_below(10) == 0)
        year = 1 + draw_below(most_year);
    if (draw_below(20) == 0)
    {
        year = 1 + draw_below(4713);
        is_bc = true;
    }
    snprintf(text, MASK_VALUES_SIZE, "%04d-%02d-%02d%s", year, month,
             1 + draw_below(mask_values_count_days(is_bc ? 1 - year : year, month)),
             is_bc ? " BC" : "");
    if (draw_below(100) == 0)
        snprintf(text, MASK_VALUES_SIZE, "%sinfinity", draw_below(2) == 0 ? "-" : "");
}

void
mask_values_date(char *text)
{
    make_date_before(text, 5874897);
}

void
mask_values_timestamp(char *text)
{
    static const char *const zones[] = {"", "+00", "+05:30", "-11:59:30"};
    char date[64];
    char fraction[16] = "";
    const char *bc;

    make_date_before(date, 294276);
    bc = strstr(date, " BC");
    if (strstr(date, "infinity") != NULL)
    {
        snprintf(text, MASK_VALUES_SIZE, "%s", date);
        return;
    }
    if (draw_below(2) == 0)
        snprintf(fraction, sizeof(fraction), ".%0*d", 3, draw_below(1000));
    snprintf(text, MASK_VALUES_SIZE, "%.*s %02d:%02d:%02d%s%s%s",
             (int)(bc != NULL ? (size_t)(bc - date) : strlen(date)), date, draw_below(24),
             draw_below(60), draw_below(60), fraction, zones[draw_below(4)],
             bc != NULL ? " BC" : "");
}

void
mask_values_uuid(char *text)
{
    snprintf(text, MASK_VALUES_SIZE, "%08" PRIx32 "-%04x-7%03x-9%03x-%012" PRIx64,
             (uint32_t)draw_bits(), draw_below(65536), draw_below(4096), draw_below(4096),
             draw_bits() >> 16);
}

void
mask_values_bytes(char *text)
{
    snprintf(text, MASK_VALUES_SIZE, "\\x%016" PRIx64, draw_bits());
}

void
mask_values_boolean(char *text)
{
    snprintf(text, MASK_VALUES_SIZE, "%s", draw_below(2) == 0 ? "t" : "f");
}

void
mask_values_label(char *text)
{
    static const char *const labels[] = {"new", "very old", "gone"};

    snprintf(text, MASK_VALUES_SIZE, "%s", labels[draw_below(3)]);
}
