/*
 * Single values: examples of card numbers and IBANs, prefixes of addresses, the ends of
 * types, values that are shorter than what is kept, encodings, and what masks refuse.
 */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "mask_syntax.h"
#include "mask_tester.h"
#include "mask_values.h"
#include "tap.h"

static const MaskTarget text_target = {.type = MASK_TYPE_TEXT};
static const MaskTarget unique_text = {.type = MASK_TYPE_TEXT, .is_unique = true};
static const MaskTarget date_target = {.type = MASK_TYPE_DATE};
static const MaskTarget timestamp_target = {.type = MASK_TYPE_TIMESTAMP};

/* ---- cards, IBANs */

static int
get_luhn(const char *text)
{
    int sum = 0;
    int n = 0;

    for (size_t i = strlen(text); i-- > 0;)
    {
        int digit = text[i] - '0';

        if (digit < 0 || digit > 9)
            continue;
        sum += n++ % 2 == 0 ? digit : digit * 2 / 10 + digit * 2 % 10;
    }
    return sum % 10;
}

static void
check_cards(void)
{
    static const char *const cards[] = {"4111 1111 1111 1111", "5555-5555-5555-4444",
                                        "378282246310005",     "6011111111111117",
                                        "3530111333300000",    "4222222222222"};
    MaskTester *tester = mask_tester_new("card", &unique_text, "a key");

    for (size_t i = 0; i < sizeof(cards) / sizeof(cards[0]); i++)
    {
        const char *masked = mask_tester_apply(tester, cards[i]);

        is_int(get_luhn(cards[i]), 0, "%s is right", cards[i]);
        is_int(get_luhn(masked), 0, "%s, its mask, too", masked);
        ok(strcmp(masked, cards[i]) != 0 && strncmp(masked, cards[i], 6) == 0 &&
               mask_syntax_has_form(cards[i], masked),
           "of the same issuer and form");
    }
    is_int(get_luhn(mask_tester_apply(tester, "4111111111111112")), 1, "wrong as before");
    is_str(mask_tester_apply(tester, ""), "", "nothing stays nothing");
    ok(strcmp(mask_tester_apply(tester, "none: 12"), "none: 12") != 0, "no card");
    mask_tester_free(tester);
}

static int
get_mod_97(const char *iban)
{
    char turned[80];
    size_t n = 0;
    int remainder = 0;

    for (const char *c = iban; *c != '\0'; c++)
        if (*c != ' ')
            turned[n++] = *c;
    for (size_t i = 0; i < n; i++)
    {
        char c = turned[(i + 4) % n];

        if (c >= '0' && c <= '9')
            remainder = (remainder * 10 + c - '0') % 97;
        else
            remainder = (remainder * 100 + (c | 32) - 'a' + 10) % 97;
    }
    return remainder;
}

static void
check_ibans(void)
{
    static const char *const ibans[] = {"GB29 NWBK 6016 1331 9268 19",
                                        "DE89370400440532013000",
                                        "FR14 2004 1010 0505 0001 3M02 606",
                                        "MT84MALT011000012345MTLCAST001S",
                                        "NO9386011117947",
                                        "de89370400440532013000"};
    MaskTester *tester = mask_tester_new("iban", &unique_text, "a key");

    for (size_t i = 0; i < sizeof(ibans) / sizeof(ibans[0]); i++)
    {
        const char *masked = mask_tester_apply(tester, ibans[i]);

        is_int(get_mod_97(ibans[i]), 1, "%s is right", ibans[i]);
        is_int(get_mod_97(masked), 1, "%s, its mask, too", masked);
        ok(strcmp(masked, ibans[i]) != 0 && strncmp(masked, ibans[i], 2) == 0 &&
               mask_syntax_has_form(ibans[i], masked),
           "of the same country and form");
    }
    ok(get_mod_97(mask_tester_apply(tester, "GB29NWBK60161331926818")) != 1,
       "what is wrong stays wrong");
    mask_tester_free(tester);
}

/* ---- addresses */

static int
count_common_bits(const uint8_t *a, const uint8_t *b, int n_bits)
{
    for (int i = 0; i < n_bits; i++)
        if (((a[i / 8] ^ b[i / 8]) & 0x80 >> i % 8) != 0)
            return i;
    return n_bits;
}

static void
mask_bytes(MaskTester *tester, int family, const uint8_t *bytes, uint8_t *masked)
{
    char text[64];

    inet_ntop(family, bytes, text, sizeof(text));
    if (inet_pton(family, mask_tester_apply(tester, text), masked) != 1)
        abort();
}

/* Pairs that have one bit after the other in common. */
static void
check_prefixes(int family, int n_bits)
{
    static const MaskTarget target = {.type = MASK_TYPE_INET, .is_unique = true};
    MaskTester *tester = mask_tester_new("ip prefix", &target, "a key");
    int n_wrong = 0;

    for (int i = 0; i < 10000; i++)
    {
        uint8_t pair[2][16];
        uint8_t masked[2][16];
        int n_common = i % n_bits;

        for (int j = 0; j < 16; j++)
            pair[0][j] = (uint8_t)((i + 1) * (j + 7) * 7919 >> 4);
        memcpy(pair[1], pair[0], 16);
        pair[1][n_common / 8] ^= (uint8_t)(0x80 >> n_common % 8);
        for (int j = n_common / 8 + 1; j < 16; j++)
            pair[1][j] ^= (uint8_t)(i * j);
        mask_bytes(tester, family, pair[0], masked[0]);
        mask_bytes(tester, family, pair[1], masked[1]);
        n_wrong += count_common_bits(masked[0], masked[1], n_bits) != n_common;
    }
    is_int(n_wrong, 0, "addresses of %d bits have as many in common as before", n_bits);
    mask_tester_free(tester);
}

static void
check_special_addresses(void)
{
    static const char *const special[] = {"127.0.0.1", "0.0.0.0", "::", "::1", ""};
    MaskTester *tester = mask_tester_new("ip", &text_target, "a key");

    for (size_t i = 0; i < sizeof(special) / sizeof(special[0]); i++)
        is_str(mask_tester_apply(tester, special[i]), special[i], "\"%s\" stays",
               special[i]);
    ok(strncmp(mask_tester_apply(tester, "172.31.4.5/24"), "172.31.", 7) == 0 &&
           strstr(tester->out.data, "/24") != NULL,
       "a private network stays one: %s", tester->out.data);
    ok(strncmp(mask_tester_apply(tester, "::ffff:10.1.2.3"), "::ffff:10.1.", 12) == 0,
       "a mapped address, too: %s", tester->out.data);
    ok(strncmp(mask_tester_apply(tester, "host.example.org"), "10.", 3) == 0,
       "no address becomes one");
    mask_tester_free(tester);
}

/* ---- dates */

static void
check_dates(void)
{
    MaskTester *tester = mask_tester_new("date", &date_target, "a key");

    is_str(mask_tester_apply(tester, "infinity"), "infinity", "infinity stays");
    is_str(mask_tester_apply(tester, "-infinity"), "-infinity", "-infinity, too");
    ok(strncmp(mask_tester_apply(tester, "4714-12-01 BC"), "4714-1", 6) == 0,
       "the first year begins in November: %s", tester->out.data);
    ok(strncmp(mask_tester_apply(tester, "5874897-01-01"), "5874897-", 8) == 0,
       "the last year");
    ok(mask_tester_apply(tester, "2023-02-29") == NULL, "no date is refused");
    ok(mask_tester_apply(tester, "yesterday") == NULL, "no text either");
    mask_tester_free(tester);
    tester = mask_tester_new("date month", &timestamp_target, "a key");
    ok(strncmp(mask_tester_apply(tester, "2024-02-29 00:00:00"), "2024-02-", 8) == 0 &&
           strstr(tester->out.data, " 00:00:00") != NULL,
       "midnight stays");
    mask_tester_free(tester);
}

static void
check_shifts(void)
{
    static const char *const ends[] = {"4714-11-24 00:00:00 BC",
                                       "294276-12-31 23:59:59.999999"};
    MaskTester *tester = mask_tester_new("shift 100y", &timestamp_target, "a key");

    for (size_t i = 0; i < 2; i++)
        ok(mask_syntax_is_timestamp(ends[i], mask_tester_apply(tester, ends[i])),
           "%s stays in range: %s", ends[i], tester->out.data);
    mask_tester_free(tester);
    tester = mask_tester_new("shift 1d", &date_target, "a key");
    ok(strcmp(mask_tester_apply(tester, "2000-03-01"), "2000-02-29") == 0 ||
           strcmp(tester->out.data, "2000-03-02") == 0,
       "a day earlier or later: %s", tester->out.data);
    mask_tester_free(tester);
}

static const char *
apply_by(MaskTester *tester, const char *value, const char *by)
{
    MaskInput input = {.value = {value, strlen(value)},
                       .canonical = {value, strlen(value)},
                       .by = {by, by != NULL ? strlen(by) : 0}};

    resetPQExpBuffer(&tester->out);
    if (masker_apply(tester->masker, &input, &tester->out, &tester->problem) != MASK_DONE)
        return NULL;
    return tester->out.data;
}

/* Shifted by somebody's number, a date and a timestamp keep their distance. */
static void
check_shifts_by(void)
{
    MaskTester *dates = mask_tester_new("shift 30d by id", &date_target, "a key");
    MaskTester *times =
        mask_tester_new("shift 30d by customer_id", &timestamp_target, "a key");
    int n_apart = 0;

    for (int i = 0; i < 100; i++)
    {
        char by[8];

        by[0] = (char)('1' + i % 9);
        by[1] = (char)('0' + i / 9 % 10);
        by[2] = '\0';
        n_apart += strncmp(apply_by(dates, "2024-02-29", by),
                           apply_by(times, "2024-02-29 12:34:56.7+00", by), 10) != 0;
    }
    is_int(n_apart, 0, "equal shifts of dates and timestamps");
    ok(strstr(times->out.data, " 12:34:56.7+00") != NULL, "the time stays");
    ok(apply_by(dates, "2024-02-29", NULL) != NULL, "NULL shifts, too");
    mask_tester_free(dates);
    mask_tester_free(times);
}

/* ---- numbers */

static void
check_limits(const char *rule, MaskTarget target, const char *value,
             bool (*is_right)(const char *value, const char *masked))
{
    int n_wrong = 0;

    for (char key[] = "key A"; key[4] <= 'Z'; key[4]++)
    {
        MaskTester *tester = mask_tester_new(rule, &target, key);

        n_wrong += !is_right(value, mask_tester_apply(tester, value));
        mask_tester_free(tester);
    }
    is_int(n_wrong, 0, "[%s] of %s stays within the type", rule, value);
}

static bool
is_below_ten(const char *value, const char *masked)
{
    return mask_syntax_is_numeric(value, masked) && strlen(masked) == 4;
}

static bool
is_positive(const char *value, const char *masked)
{
    return mask_syntax_is_numeric(value, masked) && strtod(masked, NULL) > 0;
}

static bool
is_equal(const char *value, const char *masked)
{
    return strcmp(value, masked) == 0;
}

static void
check_numbers(void)
{
    const MaskTarget small = {.type = MASK_TYPE_INTEGER, .size = 2};
    const MaskTarget large = {.type = MASK_TYPE_INTEGER, .size = 8};
    const MaskTarget amount = {.type = MASK_TYPE_NUMERIC, .precision = 3, .scale = 2};
    const MaskTarget any = {.type = MASK_TYPE_NUMERIC};
    const MaskTarget real = {.type = MASK_TYPE_FLOAT, .size = 8};

    check_limits("noise 100%", small, "32767", mask_syntax_is_int2);
    check_limits("noise 100%", small, "-32768", mask_syntax_is_int2);
    check_limits("noise 100%", large, "9223372036854775807", mask_syntax_is_int8);
    check_limits("noise 100%", large, "-9223372036854775808", mask_syntax_is_int8);
    check_limits("noise 100%", amount, "9.99", is_below_ten);
    check_limits("noise 100%", any, "0.01", is_positive);
    check_limits("noise 100%", any, "NaN", is_equal);
    check_limits("noise 100%", any, "0.000", is_equal);
    check_limits("noise 100%", real, "1.7976931348623157e+308", mask_syntax_is_float8);
    check_limits("noise 100%", real, "5e-324", mask_syntax_is_float8);
    check_limits("noise 100%", real, "-Infinity", is_equal);
    check_limits("noise 100%", real, "-0", is_equal);
    check_limits("bucket 1000", small, "-32768", mask_syntax_is_int2);
    check_limits("phone keep 0", small, "-32768", mask_syntax_is_int2);
    check_limits("phone keep 0", large, "-9223372036854775808", mask_syntax_is_int8);
}

static void
check_bucket(const char *rule, MaskType type, const char *value, const char *expected)
{
    MaskTarget target = {.type = type, .size = 8};
    MaskTester *tester = mask_tester_new(rule, &target, "a key");

    is_str(mask_tester_apply(tester, value), expected, "[%s] of %s", rule, value);
    mask_tester_free(tester);
}

static void
check_buckets(void)
{
    check_bucket("bucket 1000", MASK_TYPE_INTEGER, "1999", "1000");
    check_bucket("bucket 1000", MASK_TYPE_INTEGER, "-1", "-1000");
    check_bucket("bucket 1000", MASK_TYPE_INTEGER, "-1000", "-1000");
    check_bucket("bucket 7", MASK_TYPE_INTEGER, "9223372036854775807",
                 "9223372036854775807");
    check_bucket("bucket 0.50", MASK_TYPE_NUMERIC, "3.749", "3.500");
    check_bucket("bucket 0.5", MASK_TYPE_NUMERIC, "-0.001", "-0.500");
    check_bucket("bucket 10", MASK_TYPE_NUMERIC, "9.99", "0.00");
    check_bucket("bucket 10", MASK_TYPE_NUMERIC, "-10.00", "-10.00");
    check_bucket("bucket 10", MASK_TYPE_FLOAT, "1.2345e+05", "123450");
    check_bucket("bucket 10", MASK_TYPE_FLOAT, "-1e-05", "-10");
    check_bucket("bucket 10", MASK_TYPE_FLOAT, "12.5", "10");
    check_bucket("bucket 5y", MASK_TYPE_DATE, "1989-12-31", "1985-01-01");
    check_bucket("bucket 5y", MASK_TYPE_DATE, "0001-01-01 BC", "0001-01-01 BC");
    check_bucket("bucket 5y", MASK_TYPE_DATE, "0002-01-01 BC", "0006-01-01 BC");
    check_bucket("bucket 3mon", MASK_TYPE_DATE, "2024-02-29", "2024-01-01");
    check_bucket("bucket 1w", MASK_TYPE_DATE, "2024-02-29", "2024-02-26");
    check_bucket("bucket 1y", MASK_TYPE_TIMESTAMP, "2024-02-29 12:34:56.789+00",
                 "2024-01-01 00:00:00+00");
    check_bucket("bucket 5y", MASK_TYPE_DATE, "4714-12-01 BC", "4714-11-24 BC");
}

/* ---- texts */

static void
check_kept(const char *rule, const char *value, const char *kept)
{
    MaskTester *tester = mask_tester_new(rule, &unique_text, "a key of kept ones");
    const char *masked = mask_tester_apply(tester, value);

    ok(masked != NULL && strncmp(masked, kept, strlen(kept)) == 0 &&
           strcmp(masked, value) != 0 && mask_syntax_has_form(value, masked),
       "[%s] of %s keeps \"%s\": %s", rule, value, kept, masked);
    mask_tester_free(tester);
}

static void
check_texts(void)
{
    static char long_text[300];
    MaskTester *tester = mask_tester_new("phone", &text_target, "a key");

    check_kept("phone", "+49 171 5550123", "+49 1");
    check_kept("phone keep 5", "+49 171 5550123", "+49 171");
    check_kept("phone", "110", "");
    check_kept("phone keep 2", "+49 171 5550123 ext", "+49 ");
    check_kept("pattern keep 3", "SKU-48113/b", "SKU-");
    check_kept("postcode", "SW1A 1AA", "SW");
    check_kept("pattern", "caf\xc3\xa9-1234", "");
    is_str(mask_tester_apply(tester, ""), "", "an empty text stays");
    is_str(mask_tester_apply(tester, "+ () -"), "+ () -", "marks alone stay");
    ok(mask_tester_apply(tester, "\xd0\x90\xd0\xbd\xd0\xbd\xd0\xb0") == NULL,
       "a name in other letters is refused");
    is_str(tester->problem, "has neither a digit nor a letter of ASCII", "and why");
    memset(long_text, '7', sizeof(long_text) - 1);
    ok(strcmp(mask_tester_apply(tester, long_text), long_text) != 0 &&
           strncmp(tester->out.data, "777", 3) == 0,
       "300 digits");
    mask_tester_free(tester);
}

static int
measure_sjis(const char *text, int encoding)
{
    (void)encoding;
    return (unsigned char)*text >= 0x81 && text[1] != '\0' ? 2 : 1;
}

/* In client-only encodings the second byte of a letter can look like one of ASCII. */
static void
check_encoding(void)
{
    static const CopyEncoding sjis = {measure_sjis, 0};
    static const char kana[] = "\x83\x41\x83\x5c 1234567 A";
    const MaskTarget target = {.type = MASK_TYPE_TEXT, .encoding = &sjis};
    MaskTester *tester = mask_tester_new("pattern", &target, "a key");
    const char *masked = mask_tester_apply(tester, kana);

    ok(strncmp(masked, kana, 5) == 0, "bytes of letters stay");
    ok(strcmp(masked + 5, kana + 5) != 0, "digits do not");
    mask_tester_free(tester);
}

static void
check_canonical(const char *rule, MaskTarget target, const char *a, const char *b,
                const char *canonical)
{
    MaskTester *tester = mask_tester_new(rule, &target, "a key");
    MaskInput input = {.value = {a, strlen(a)},
                       .canonical = {canonical, strlen(canonical)}};
    PQExpBufferData first;

    initPQExpBuffer(&first);
    resetPQExpBuffer(&tester->out);
    ok(masker_apply(tester->masker, &input, &first, &tester->problem) == MASK_DONE,
       "[%s] of \"%s\"", rule, a);
    input.value = (MaskValue){b, strlen(b)};
    ok(masker_apply(tester->masker, &input, &tester->out, &tester->problem) == MASK_DONE,
       "[%s] of \"%s\"", rule, b);
    is_str(tester->out.data, first.data, "are equal, as the values are");
    termPQExpBuffer(&first);
    mask_tester_free(tester);
}

static void
check_equal_values(void)
{
    static const char *const rules[] = {"phone", "pattern", "postcode",
                                        "card",  "iban",    "hash",
                                        "uuid",  "ip",      "pick a|b|c"};
    const MaskTarget key = {.type = MASK_TYPE_NUMERIC, .maximum = 1000};

    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
    {
        check_canonical(rules[i], text_target, "AbC-12345", "aBc-12345", "abc-12345");
        check_canonical(rules[i], text_target, "abc-1  ", "abc-1    ", "abc-1");
    }
    check_canonical("key", key, "12.0", "12.00", "12");
}

/* ---- what is refused */

static void
check_value_refused(const char *rule, MaskTarget target, const char *value,
                    const char *problem)
{
    MaskTester *tester = mask_tester_new(rule, &target, "a key");

    ok(mask_tester_apply(tester, value) == NULL, "[%s] of %s is refused", rule, value);
    is_str(tester->problem, problem, "with a reason");
    is_int((intmax_t)tester->out.len, 0, "and nothing appended");
    mask_tester_free(tester);
}

static void
check_refusals(void)
{
    static const char no_key[] = "mask \"key\" takes whole numbers that have room in all "
                                 "columns of keys and references";
    const MaskTarget number = {.type = MASK_TYPE_INTEGER, .size = 4};
    const MaskTarget card = {.type = MASK_TYPE_MACADDR, .size = 6, .is_unique = true};
    const MaskTarget narrow = {.type = MASK_TYPE_TEXT, .max_length = 10};
    const MaskTarget bytes = {.type = MASK_TYPE_BYTEA};

    check_value_refused("key 100", number, "2147483648", no_key);
    check_value_refused("key 100", number, "12.5", no_key);
    check_value_refused("key 100", number, "", no_key);
    check_value_refused("ip prefix", unique_text, "::0",
                        "is no IP address as the server would write it");
    check_value_refused("mac", card, "0a:00:2b:01:02:03",
                        "is locally administered, so its mask could be that of another "
                        "value");
    mask_tester_check_refused("key", &number,
                              "mask \"key\" does not know the largest key",
                              "Write \"key N\", where N is at least the largest key.");
    mask_tester_check_refused("key 3000000000", &number,
                              "maximum 3000000000 of mask \"key\" is too large for the "
                              "type",
                              NULL);
    mask_tester_check_refused("null", &number,
                              "mask \"null\" is not for a column that is NOT NULL", NULL);
    mask_tester_check_refused("uuid", &narrow,
                              "mask \"uuid\" is longer than 10 characters", NULL);
    mask_tester_check_refused("hash 11", &narrow,
                              "mask \"hash\" with 11 digits is longer than 10 characters",
                              NULL);
    mask_tester_check_refused("hash 15", &bytes,
                              "mask \"hash\" of bytes needs an even number of digits",
                              NULL);
    mask_tester_check_refused("pick x|yyyyyyyyyyy", &narrow,
                              "value \"yyyyyyyyyyy\" of mask \"pick\" does not fit the "
                              "column",
                              NULL);
    mask_tester_check_refused("fixed yyyyyyyyyyy", &narrow,
                              "value of mask \"fixed\" is longer than 10 characters",
                              NULL);
    mask_tester_check_refused("phone", &date_target,
                              "mask \"phone\" does not take columns of this type",
                              "It takes: text, integer.");
}

int
main(void)
{
    check_cards();
    check_ibans();
    check_prefixes(AF_INET, 32);
    check_prefixes(AF_INET6, 128);
    check_special_addresses();
    check_dates();
    check_shifts();
    check_shifts_by();
    check_numbers();
    check_buckets();
    check_texts();
    check_encoding();
    check_equal_values();
    check_refusals();
    return done_testing();
}
