/*
 * What holds for each mask of numbers, codes, addresses and dates, whatever the value is:
 * 10,000 random values of each type that it takes. The same value is masked alike,
 * another key gives other masks, what comes out is of the type and fits the column, and
 * different values stay different where the mask promises it. The order of values counts
 * nothing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mask/mask_kind.h"
#include "mask_syntax.h"
#include "mask_tester.h"
#include "mask_values.h"
#include "tap.h"

enum
{
    N_VALUES = 10000
};

typedef struct Property
{
    const char *rule;
    MaskTarget target;
    void (*make)(char *text);
    bool (*is_right)(const char *value, const char *masked);
    int most_same; /* percent that another key may mask alike */
} Property;

static const char *const test_labels[] = {"new", "very old", "gone"};

#define TEXT .type = MASK_TYPE_TEXT
#define INTEGER(n) .type = MASK_TYPE_INTEGER, .size = (n)
#define FLOAT(n) .type = MASK_TYPE_FLOAT, .size = (n)
#define ENUM .type = MASK_TYPE_ENUM, .labels = test_labels, .n_labels = 3

static const Property properties[] = {
    {"phone", {TEXT}, mask_values_phone, mask_syntax_has_form, 45},
    {"phone keep 0", {TEXT}, mask_values_phone, mask_syntax_has_form, 20},
    {"phone", {INTEGER(8)}, mask_values_int8, mask_syntax_is_int8, 10},
    {"phone keep 0", {INTEGER(4)}, mask_values_int4, mask_syntax_is_int4, 20},
    {"pattern", {TEXT}, mask_values_code, mask_syntax_has_form, 2},
    {"pattern keep 4 in x", {TEXT}, mask_values_code, mask_syntax_has_form, 5},
    {"postcode", {TEXT, .max_length = 80}, mask_values_code, mask_syntax_has_form, 3},
    {"card", {TEXT}, mask_values_card, mask_syntax_is_luhn_kept, 3},
    {"iban", {TEXT}, mask_values_iban, mask_syntax_has_form, 1},
    {"key 1000000", {INTEGER(4)}, mask_values_key, mask_syntax_is_int4, 1},
    {"key",
     {INTEGER(8), .maximum = INT64_C(1) << 62},
     mask_values_key,
     mask_syntax_is_int8,
     1},
    {"key",
     {.type = MASK_TYPE_NUMERIC, .maximum = 1000000},
     mask_values_key,
     mask_syntax_is_int4,
     1},
    {"key 70123", {INTEGER(4)}, mask_values_int4, mask_syntax_is_int4, 10},
    {"ip", {.type = MASK_TYPE_INET}, mask_values_inet, mask_syntax_is_inet, 1},
    {"ip",
     {.type = MASK_TYPE_INET, .is_cidr = true},
     mask_values_cidr,
     mask_syntax_is_cidr,
     1},
    {"ip prefix", {.type = MASK_TYPE_INET}, mask_values_inet, mask_syntax_is_inet, 1},
    {"ip prefix",
     {.type = MASK_TYPE_INET, .is_cidr = true},
     mask_values_cidr,
     mask_syntax_is_cidr,
     1},
    {"ip prefix", {TEXT}, mask_values_inet, mask_syntax_is_inet, 1},
    {"mac",
     {.type = MASK_TYPE_MACADDR, .size = 6},
     mask_values_macaddr,
     mask_syntax_is_macaddr,
     1},
    {"mac",
     {.type = MASK_TYPE_MACADDR, .size = 8},
     mask_values_macaddr8,
     mask_syntax_is_macaddr,
     1},
    {"uuid", {.type = MASK_TYPE_UUID}, mask_values_uuid, mask_syntax_is_uuid, 1},
    {"uuid", {TEXT, .max_length = 36}, mask_values_code, mask_syntax_is_uuid, 1},
    {"hash", {TEXT, .max_length = 12}, mask_values_code, mask_syntax_is_short_hex, 1},
    {"hash", {.type = MASK_TYPE_BYTEA}, mask_values_bytes, mask_syntax_is_hex_bytes, 1},
    {"date", {.type = MASK_TYPE_DATE}, mask_values_date, mask_syntax_is_in_year, 2},
    {"date",
     {.type = MASK_TYPE_TIMESTAMP},
     mask_values_timestamp,
     mask_syntax_is_timestamp,
     2},
    {"date month",
     {.type = MASK_TYPE_TIMESTAMP},
     mask_values_timestamp,
     mask_syntax_is_in_month,
     2},
    {"shift 30d",
     {.type = MASK_TYPE_DATE},
     mask_values_date,
     mask_syntax_is_date_only,
     3},
    {"shift 1y",
     {.type = MASK_TYPE_TIMESTAMP},
     mask_values_timestamp,
     mask_syntax_is_timestamp,
     2},
    {"noise 10%", {INTEGER(2)}, mask_values_int2, mask_syntax_is_int2, 60},
    {"noise 50%", {INTEGER(4)}, mask_values_int4, mask_syntax_is_int4, 30},
    {"noise 10%", {INTEGER(8)}, mask_values_int8, mask_syntax_is_int8, 20},
    {"noise 10%",
     {.type = MASK_TYPE_NUMERIC, .precision = 8, .scale = 2},
     mask_values_amount,
     mask_syntax_is_amount,
     10},
    {"noise 0.5%",
     {.type = MASK_TYPE_NUMERIC},
     mask_values_numeric,
     mask_syntax_is_numeric,
     15},
    {"noise 99%", {FLOAT(8)}, mask_values_float8, mask_syntax_is_float8, 2},
    {"noise 99%", {FLOAT(4)}, mask_values_float4, mask_syntax_is_float4, 2},
    {"bucket 1000", {INTEGER(2)}, mask_values_int2, mask_syntax_is_int2, 100},
    {"bucket 5", {INTEGER(8)}, mask_values_int8, mask_syntax_is_bucket, 100},
    {"bucket 0.5",
     {.type = MASK_TYPE_NUMERIC},
     mask_values_numeric,
     mask_syntax_is_bucket,
     100},
    {"bucket 1000", {FLOAT(8)}, mask_values_float8, mask_syntax_is_bucket, 100},
    {"bucket 5y",
     {.type = MASK_TYPE_DATE},
     mask_values_date,
     mask_syntax_is_date_only,
     100},
    {"bucket 2w",
     {.type = MASK_TYPE_TIMESTAMP},
     mask_values_timestamp,
     mask_syntax_is_date,
     100},
    {"pick t|f",
     {.type = MASK_TYPE_BOOLEAN},
     mask_values_boolean,
     mask_syntax_is_boolean,
     100},
    {"pick", {ENUM}, mask_values_label, mask_syntax_is_label, 100},
    {"pick new|'very old'|gone",
     {TEXT, .max_length = 8},
     mask_values_code,
     mask_syntax_is_label,
     40},
};

typedef struct Findings
{
    int n_values;
    int n_unstable;
    int n_wrong;
    int n_same;
    char example[2 * MASK_VALUES_SIZE + 16];
} Findings;

static char raw[N_VALUES][MASK_VALUES_SIZE];
static char masked[N_VALUES][MASK_VALUES_SIZE];

static void
make_values(const Property *property)
{
    for (int i = 0; i < N_VALUES; i++)
    {
        mask_values_start((uint64_t)i);
        property->make(raw[i]);
    }
}

static void
mask_values(const Property *property, MaskTester *tester, Findings *found)
{
    for (int i = 0; i < N_VALUES; i++)
    {
        const char *text = mask_tester_apply(tester, raw[i]);

        snprintf(masked[i], MASK_VALUES_SIZE, "%s", text != NULL ? text : "(refused)");
        found->n_values += text != NULL;
        if (text != NULL && property->is_right(raw[i], masked[i]))
            continue;
        found->n_wrong++;
        snprintf(found->example, sizeof(found->example), "%.399s -> %.399s", raw[i],
                 masked[i]);
    }
}

/* In the other direction, by a masker of its own, and by another key. */
static void
mask_again(MaskTester *again, MaskTester *other, Findings *found)
{
    for (int i = N_VALUES - 1; i >= 0; i--)
    {
        const char *text = mask_tester_apply(again, raw[i]);

        found->n_unstable += text == NULL || strcmp(text, masked[i]) != 0;
        text = mask_tester_apply(other, raw[i]);
        found->n_same += text != NULL && strcmp(text, masked[i]) == 0;
    }
}

/* Many at once, more and more of them. */
static int
count_unlike_together(MaskTester *tester)
{
    static MaskInput inputs[N_VALUES];
    static MaskOutput outputs[N_VALUES];
    int n_unlike = 0;

    for (int i = 0; i < N_VALUES; i++)
        inputs[i].value = inputs[i].canonical = (MaskValue){raw[i], strlen(raw[i])};
    for (size_t start = 0, n = 1; start < N_VALUES; start += n, n += 7)
    {
        size_t at = 0;

        n = n < N_VALUES - start ? n : N_VALUES - start;
        resetPQExpBuffer(&tester->out);
        if (!masker_apply_all(tester->masker, inputs + start, n, &tester->out, outputs,
                              &tester->problem))
            return N_VALUES;
        for (size_t i = 0; i < n; at = outputs[i++].end)
            n_unlike += strlen(masked[start + i]) != outputs[i].end - at ||
                        memcmp(masked[start + i], tester->out.data + at,
                               outputs[i].end - at) != 0;
    }
    return n_unlike;
}

static const char **
list_masked(void)
{
    static const char *pairs[N_VALUES];

    for (int i = 0; i < N_VALUES; i++)
        pairs[i] = masked[i];
    return pairs;
}

static int
compare_pairs(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Equal masks of values that are not equal. */
static int
count_clashes(void)
{
    const char **pairs = list_masked();
    int n = 0;

    qsort(pairs, N_VALUES, sizeof(*pairs), compare_pairs);
    for (int i = 1; i < N_VALUES; i++)
    {
        size_t a = (size_t)((pairs[i - 1] - masked[0]) / MASK_VALUES_SIZE);
        size_t b = (size_t)((pairs[i] - masked[0]) / MASK_VALUES_SIZE);

        n += strcmp(masked[a], masked[b]) == 0 && strcmp(raw[a], raw[b]) != 0;
    }
    return n;
}

static void
check_property(const Property *property)
{
    MaskTester *tester =
        mask_tester_new(property->rule, &property->target, "the first key of the test");
    MaskTester *again =
        mask_tester_new(property->rule, &property->target, "the first key of the test");
    MaskTester *other =
        mask_tester_new(property->rule, &property->target, "another key of the test");
    Findings found = {0};

    make_values(property);
    mask_values(property, tester, &found);
    mask_again(again, other, &found);
    is_int(found.n_values, N_VALUES, "[%s] of type %d: all are masked", property->rule,
           (int)property->target.type);
    ok(found.n_wrong == 0, "%d are wrong: %s", found.n_wrong, found.example);
    is_int(found.n_unstable, 0, "alike in any order");
    is_int(count_unlike_together(again), 0, "and alike when many are masked at once");
    ok(found.n_same <= N_VALUES / 100 * property->most_same,
       "another key masks %d of %d alike, at most %d %%", found.n_same, N_VALUES,
       property->most_same);
    if (mask_spec_get_uniqueness(&tester->spec, &property->target) != MASK_NOT_UNIQUE)
        is_int(count_clashes(), 0, "different values stay different");
    mask_tester_free(tester);
    mask_tester_free(again);
    mask_tester_free(other);
}

int
main(void)
{
    for (size_t i = 0; i < sizeof(properties) / sizeof(properties[0]); i++)
        check_property(&properties[i]);
    return done_testing();
}
