#include "mask_tester.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "mask/mask_chars.h"
#include "tap.h"

enum
{
    N_VALUES = 10000,
    LONGEST_VALUE = 60, /* characters */
    NUMBER_LENGTH = 6,  /* of what makes values different */
    VALUE_SIZE = 4 * LONGEST_VALUE + NUMBER_LENGTH
};

MaskTester *
mask_tester_new(const char *rule, const MaskTarget *target, const char *key)
{
    MaskTester *tester = mem_alloc_zero(1, sizeof(*tester));
    Diag diag = {0};

    tester->arena = arena_new();
    tester->key = mask_key_new(key, strlen(key));
    initPQExpBuffer(&tester->out);
    if (mask_spec_parse(&tester->spec, tester->arena, rule, &diag))
        tester->masker =
            masker_new(tester->arena, &tester->spec, target, tester->key, &diag);
    if (tester->masker == NULL)
    {
        ok(false, "[%s] is a mask: %s", rule, diag.message);
        abort();
    }
    return tester;
}

void
mask_tester_free(MaskTester *tester)
{
    masker_free(tester->masker);
    mask_key_free(tester->key);
    termPQExpBuffer(&tester->out);
    arena_free(tester->arena);
    free(tester);
}

const char *
mask_tester_apply_bytes(MaskTester *tester, const char *value, size_t length)
{
    MaskInput input = {.value = {value, length}, .canonical = {value, length}};
    MaskResult result;

    resetPQExpBuffer(&tester->out);
    tester->problem = NULL;
    result = masker_apply(tester->masker, &input, &tester->out, &tester->problem);
    return result == MASK_DONE ? tester->out.data : NULL;
}

const char *
mask_tester_apply(MaskTester *tester, const char *value)
{
    return mask_tester_apply_bytes(tester, value, strlen(value));
}

void
mask_tester_check_refused(const char *rule, const MaskTarget *target, const char *message,
                          const char *hint)
{
    Arena *arena = arena_new();
    MaskKey *key = mask_key_new("key", 3);
    Masker *masker = NULL;
    MaskSpec spec;
    Diag diag = {0};

    if (mask_spec_parse(&spec, arena, rule, &diag))
        masker = masker_new(arena, &spec, target, key, &diag);
    ok(masker == NULL, "[%s] is refused", rule);
    is_str(diag.message, message, "its message");
    is_str(diag.hint, hint, "its hint");
    masker_free(masker);
    mask_key_free(key);
    diag_free(&diag);
    arena_free(arena);
}

/* ---- random values */

/* Numbers of a sequence that begins with seed; SplitMix64. */
static uint64_t
draw(uint64_t *seed)
{
    uint64_t z = *seed += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static size_t
make_value(char *text, unsigned number, size_t most, const char *const *others,
           size_t n_others)
{
    static const char ascii[] =
        "abcdefghijklmnopqrstuvwxyzABCXYZ0123456789   .,-@_'\"\\{}";
    uint64_t seed = number;
    size_t n_chars = 1 + draw(&seed) % (most - NUMBER_LENGTH);
    size_t length = 0;

    for (size_t i = 0; i < n_chars; i++)
    {
        uint64_t bits = draw(&seed);

        if (bits % 8 == 0)
        {
            const char *other = others[bits / 8 % n_others];

            memcpy(text + length, other, strlen(other));
            length += strlen(other);
        }
        else
            text[length++] = ascii[bits / 8 % (sizeof(ascii) - 1)];
    }
    length += (size_t)snprintf(text + length, NUMBER_LENGTH + 1, "/%05u", number);
    return length;
}

size_t
mask_tester_make_utf8(char *text, unsigned number, size_t most)
{
    static const char *const others[] = {"\xc3\xa4", "\xc3\x9f", "\xd0\x96",
                                         "\xe6\x97\xa5", "\xf0\x9f\x90\x98"};

    return make_value(text, number, most, others, sizeof(others) / sizeof(others[0]));
}

size_t
mask_tester_make_euc(char *text, unsigned number, size_t most)
{
    static const char *const others[] = {"\xc6\xfc", "\xa4\xa2", "\x8e\xb1",
                                         "\x8f\xb0\xa1"};

    return make_value(text, number, most, others, sizeof(others) / sizeof(others[0]));
}

/* ---- properties */

static int
compare_texts(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static int
count_duplicates(char **texts, size_t n)
{
    int n_duplicates = 0;

    qsort(texts, n, sizeof(*texts), compare_texts);
    for (size_t i = 1; i < n; i++)
        n_duplicates += strcmp(texts[i - 1], texts[i]) == 0;
    return n_duplicates;
}

/* The next character of EUC_JP, or 0 when it is none. */
static size_t
get_euc_length(const unsigned char *text)
{
    size_t length = *text < 0x80 ? 1 : *text == 0x8f ? 3 : 2;

    for (size_t i = 1; i < length; i++)
    {
        if (text[i] < 0xa1)
            return 0;
    }
    return length;
}

/* How many characters it has, or -1 when it is not valid. */
static int
count_chars(const char *text, bool is_utf8)
{
    int n = 0;

    if (is_utf8 && !mask_chars_is_utf8(text, strlen(text)))
        return -1;
    while (*text != '\0')
    {
        size_t length = is_utf8 ? 1 : get_euc_length((const unsigned char *)text);

        if (length == 0)
            return -1;
        text += length;
        while (is_utf8 && ((unsigned char)*text & 0xc0) == 0x80)
            text++;
        n++;
    }
    return n;
}

typedef struct Counts
{
    int n_masked;
    int n_unstable;
    int n_same; /* with another key, or as the value */
    int n_bad;  /* too long or not valid */
} Counts;

static char *
check_value(MaskTester *tester, MaskTester *other, MaskTesterMake make, unsigned number,
            Counts *counts)
{
    char value[VALUE_SIZE + 1];
    size_t length = make(value, number, LONGEST_VALUE);
    char *masked = mem_copy_or_null(mask_tester_apply_bytes(tester, value, length));
    const char *again = mask_tester_apply_bytes(tester, value, length);
    const char *by_other = mask_tester_apply_bytes(other, value, length);

    value[length] = '\0';
    if (masked == NULL || again == NULL || by_other == NULL)
    {
        free(masked);
        return NULL;
    }
    counts->n_masked++;
    counts->n_unstable += strcmp(masked, again) != 0;
    counts->n_same += strcmp(masked, by_other) == 0 || strcmp(masked, value) == 0;
    return masked;
}

static void
check_length(const char *masked, const MaskTarget *target, bool is_utf8, Counts *counts)
{
    int n_chars = count_chars(masked, is_utf8);

    counts->n_bad +=
        n_chars < 0 || (target->max_length > 0 && n_chars > target->max_length);
}

static void
check_values(const char *rule, const MaskTarget *target, MaskTesterMake make,
             bool changes_all)
{
    MaskTester *tester =
        mask_tester_new(rule, target, "0123456789abcdef0123456789abcdef");
    MaskTester *other =
        mask_tester_new(rule, target, "another key of more than 32 bytes");
    char **texts = mem_alloc(N_VALUES * sizeof(*texts));
    Counts counts = {0};

    for (unsigned i = 0; i < N_VALUES; i++)
    {
        char *masked = check_value(tester, other, make, i, &counts);

        if (masked == NULL)
            continue;
        check_length(masked, target, make != mask_tester_make_euc, &counts);
        texts[counts.n_masked - 1] = masked;
    }
    is_int(counts.n_masked, N_VALUES, "[%s] of %d characters: all are masked", rule,
           target->max_length);
    is_int(counts.n_unstable, 0, "always alike");
    if (changes_all)
        ok(counts.n_same <= N_VALUES / 100, "by the key: %d are the same", counts.n_same);
    is_int(counts.n_bad, 0, "fits, and is valid in its encoding");
    if (mask_spec_get_uniqueness(&tester->spec, target) != MASK_NOT_UNIQUE)
        is_int(count_duplicates(texts, (size_t)counts.n_masked), 0, "all are different");
    for (int i = 0; i < counts.n_masked; i++)
        free(texts[i]);
    free(texts);
    mask_tester_free(tester);
    mask_tester_free(other);
}

void
mask_tester_check(const char *rule, const MaskTarget *target, MaskTesterMake make)
{
    check_values(rule, target, make, true);
}

void
mask_tester_check_valid(const char *rule, const MaskTarget *target, MaskTesterMake make)
{
    check_values(rule, target, make, false);
}
