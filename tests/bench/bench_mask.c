/*
 * Prints the CPU time of masks: nanoseconds for a value, without reading and writing it.
 *
 *     make tests/bench/bench_mask && tests/bench/bench_mask [RULE ...]
 *
 * Values are 1,000 different ones that fit, masked at once, again and again; the fastest
 * of five runs counts.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "mask/mask_kind.h"

enum
{
    N_VALUES = 1000,
    N_PASSES = 100,
    N_RUNS = 5
};

typedef struct BenchRow
{
    const char *rule;
    MaskType type;
    int size;
    const char *format; /* of the values, from a number of up to 7 digits */
} BenchRow;

static const BenchRow rows[] = {
    {"keep", MASK_TYPE_TEXT, 0, "user.%d@example.net"},
    {"email", MASK_TYPE_TEXT, 0, "user.%d@example.net"},
    {"user_name", MASK_TYPE_TEXT, 0, "user%d"},
    {"first_name", MASK_TYPE_TEXT, 0, "Anna%d"},
    {"last_name", MASK_TYPE_TEXT, 0, "Miller%d"},
    {"name", MASK_TYPE_TEXT, 0, "Anna Miller%d"},
    {"street", MASK_TYPE_TEXT, 0, "High Street %d"},
    {"city", MASK_TYPE_TEXT, 0, "Springfield%d"},
    {"company", MASK_TYPE_TEXT, 0, "Acme %d Ltd"},
    {"words", MASK_TYPE_TEXT, 0, "a note of %d words or so, which is short"},
    {"scrub", MASK_TYPE_TEXT, 0, "call +49 171 %d or write to a.b@example.net"},
    {"json all", MASK_TYPE_JSON, 0, "{\"name\": \"Anna\", \"id\": %d}"},
    {"key 10000000", MASK_TYPE_INTEGER, 8, "%d"},
    {"phone", MASK_TYPE_TEXT, 0, "+49 171 %07d"},
    {"phone", MASK_TYPE_INTEGER, 8, "49171%07d"},
    {"pattern", MASK_TYPE_TEXT, 0, "SKU-%07d/b"},
    {"postcode", MASK_TYPE_TEXT, 0, "8%.4d"},
    {"card", MASK_TYPE_TEXT, 0, "4111 1111 1%07d"},
    {"iban", MASK_TYPE_TEXT, 0, "DE89 3704 0044 0%07d 00"},
    {"ip", MASK_TYPE_INET, 0, "192.168.17.%.2d"},
    {"ip prefix", MASK_TYPE_INET, 0, "192.168.17.%.2d"},
    {"ip prefix", MASK_TYPE_INET, 0, "2001:db8::%.4d"},
    {"mac", MASK_TYPE_MACADDR, 6, "08:00:2b:01:02:%.2d"},
    {"uuid", MASK_TYPE_UUID, 0, "018f3b6e-5f0a-7c31-9a2b-4d5e%08d"},
    {"hash", MASK_TYPE_TEXT, 0, "A-%d"},
    {"date", MASK_TYPE_DATE, 0, "1987-06-%.2d"},
    {"date month", MASK_TYPE_TIMESTAMP, 0, "2024-02-11 12:34:%.2d.123456+00"},
    {"shift 30d", MASK_TYPE_DATE, 0, "1987-06-%.2d"},
    {"noise 10%", MASK_TYPE_NUMERIC, 0, "%d.50"},
    {"noise 10%", MASK_TYPE_FLOAT, 8, "%d.625"},
    {"bucket 1000", MASK_TYPE_INTEGER, 4, "%d"},
    {"bucket 5y", MASK_TYPE_DATE, 0, "1987-06-%.2d"},
    {"pick a|b|c", MASK_TYPE_TEXT, 0, "value %d"},
    {"fixed x", MASK_TYPE_TEXT, 0, "value %d"},
};

static char values[N_VALUES][80];

/* Numbers of as many digits as the format says, of those of a month and a minute too. */
static void
fill_values(const BenchRow *row)
{
    bool has_two = strstr(row->format, "%.2d") != NULL;
    bool has_four = strstr(row->format, "%.4d") != NULL;

    for (int i = 0; i < N_VALUES; i++)
    {
        int number = 1000000 + i * 7919 % 9000000;

        if (has_two)
            number = 10 + i % 18;
        else if (has_four)
            number = 1000 + i;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        snprintf(values[i], sizeof(values[i]), row->format, number);
#pragma GCC diagnostic pop
    }
}

static double
read_clock(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static double
run_passes(Masker *masker, PQExpBuffer out)
{
    static MaskInput inputs[N_VALUES];
    static MaskOutput outputs[N_VALUES];
    double start = read_clock();

    for (int i = 0; i < N_VALUES; i++)
        inputs[i].value = inputs[i].canonical = (MaskValue){values[i], strlen(values[i])};
    for (int pass = 0; pass < N_PASSES; pass++)
    {
        const char *problem;

        resetPQExpBuffer(out);
        if (!masker_apply_all(masker, inputs, N_VALUES, out, outputs, &problem))
        {
            fprintf(stderr, "a value %s\n", problem);
            exit(1);
        }
    }
    memmove(out->data, out->data + outputs[N_VALUES - 2].end,
            outputs[N_VALUES - 1].end - outputs[N_VALUES - 2].end + 1);
    return (read_clock() - start) / N_PASSES / N_VALUES;
}

static void
run_row(const BenchRow *row)
{
    MaskTarget target = {.type = row->type, .size = row->size, .is_nullable = true};
    MaskKey *key = mask_key_new("the key of benchmarks", 21);
    Arena *arena = arena_new();
    Masker *masker = NULL;
    double least = 1e9;
    PQExpBufferData out;
    MaskSpec spec;
    Diag diag = {0};

    initPQExpBuffer(&out);
    fill_values(row);
    if (mask_spec_parse(&spec, arena, row->rule, &diag))
        masker = masker_new(arena, &spec, &target, key, &diag);
    for (int i = 0; i < N_RUNS && masker != NULL; i++)
    {
        double time = run_passes(masker, &out);

        least = time < least ? time : least;
    }
    if (masker != NULL)
        printf("%-14s %5.0f   %s -> %s\n", row->rule, least, values[N_VALUES - 1],
               out.data);
    else
        printf("%-14s     -   %s\n", row->rule, diag.message);
    masker_free(masker);
    diag_free(&diag);
    termPQExpBuffer(&out);
    mask_key_free(key);
    arena_free(arena);
}

int
main(int argc, char **argv)
{
    printf("mask              ns   example\n");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
    {
        bool is_wanted = argc == 1;

        for (int j = 1; j < argc; j++)
            is_wanted |= strcmp(argv[j], rows[i].rule) == 0;
        if (is_wanted)
            run_row(&rows[i]);
    }
    return 0;
}
