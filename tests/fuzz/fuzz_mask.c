/*
 * Masks of values with parts. The first byte says which, and whether characters are
 * stepped over; the others are the value, in memory that ends where it ends. What is
 * masked twice is the same; what another reader takes for json is masked, and is json
 * afterwards; an array keeps its braces.
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "fuzz.h"
#include "mask/content.h"
#include "mask/mask.h"
#include "mask/mask_label.h"

static const char key_text[] = "a key that is no secret at all";

/* The masks, by the first byte. */
static const struct
{
    const char *rule;
    MaskTarget target;
} cases[] = {
    {"json all", {.type = MASK_TYPE_JSON}},
    {NULL, {.type = MASK_TYPE_JSON}},
    {NULL, {.type = MASK_TYPE_HSTORE}},
    {"email", {.type = MASK_TYPE_TEXT, .is_array = true}},
    {"words", {.type = MASK_TYPE_TEXT, .max_length = 20}},
    {"words", {.type = MASK_TYPE_XML}},
    {"scrub", {.type = MASK_TYPE_TEXT}},
    {"name", {.type = MASK_TYPE_TEXT}},
};

enum
{
    N_CASES = sizeof(cases) / sizeof(cases[0]),
    STEPS = 0x80 /* bit of the first byte */
};

static int
get_pair_length(const char *text, int encoding)
{
    (void)encoding;
    return (unsigned char)*text >= 0x80 ? 2 : 1;
}

static const CopyEncoding pairs = {.char_length = get_pair_length};

static const struct
{
    const char *path;
    const char *rule;
} paths[] = {
    {"$.a.b", "keep"},           {"$..email", "email"},  {"$.a[*].c", "hash"},
    {"$.\"a \\u00e4\"", "name"}, {"$..b..[1]", "scrub"}, {"$.n", "noise 10%"},
};

enum
{
    N_PATHS = sizeof(paths) / sizeof(paths[0])
};

static Masker *
make_paths_masker(Arena *arena, const MaskTarget *target, MaskKey *key, Diag *diag)
{
    MaskSpec *specs = ARENA_ARRAY(arena, N_PATHS, MaskSpec);
    MaskJsonRule *rules = ARENA_ARRAY(arena, N_PATHS, MaskJsonRule);

    for (int i = 0; i < N_PATHS; i++)
    {
        fuzz_expect(mask_spec_parse(&specs[i], arena, paths[i].rule, diag), "a mask");
        rules[i] = (MaskJsonRule){paths[i].path, &specs[i]};
    }
    return masker_new_json(arena, rules, N_PATHS, NULL, target, key, diag);
}

static Masker *
make_case_masker(Arena *arena, const char *rule, const MaskTarget *target, MaskKey *key,
                 Diag *diag)
{
    MaskSpec *spec = ARENA_ARRAY(arena, 1, MaskSpec);

    if (rule == NULL)
        return make_paths_masker(arena, target, key, diag);
    fuzz_expect(mask_spec_parse(spec, arena, rule, diag), "a mask");
    return masker_new(arena, spec, target, key, diag);
}

/* The other reader would take a NUL behind a number for the end. */
static bool
is_json(const char *text, size_t length)
{
    json_error_t error;
    json_t *root = json_loadb(text, length, JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);

    json_decref(root);
    return root != NULL && memchr(text, '\0', length) == NULL;
}

static size_t
count_byte(const char *text, size_t length, char byte)
{
    size_t n = 0;

    for (size_t i = 0; i < length; i++)
        n += text[i] == byte;
    return n;
}

static void
check_masked(const MaskTarget *target, MaskResult result, const MaskValue *value,
             const PQExpBufferData *out)
{
    if (result == MASK_REFUSED)
        fuzz_expect(out->len == 0, "nothing is written of what is refused");
    if (target->type == MASK_TYPE_JSON && target->encoding == NULL &&
        is_json(value->text, value->length))
    {
        fuzz_expect(result == MASK_DONE, "json is masked");
        fuzz_expect(is_json(out->data, out->len), "masked json is json");
    }
    if (target->is_array && result == MASK_DONE)
        fuzz_expect(count_byte(out->data, out->len, '{') <=
                        count_byte(value->text, value->length, '{'),
                    "an array gets no braces");
    if (target->max_length > 0)
        fuzz_expect(out->len <= (size_t)target->max_length, "it is no longer than that");
}

static void
mask_twice(const char *rule, const MaskTarget *target, const char *text, size_t length)
{
    Arena *arena = arena_new();
    MaskKey *key = mask_key_new(key_text, strlen(key_text));
    Diag diag = {0};
    Masker *masker = make_case_masker(arena, rule, target, key, &diag);
    MaskInput input = {.value = {text, length}, .canonical = {text, length}};
    const char *problem;
    PQExpBufferData out;
    PQExpBufferData again;
    MaskResult result;

    fuzz_expect(masker != NULL, "a masker");
    initPQExpBuffer(&out);
    initPQExpBuffer(&again);
    result = masker_apply(masker, &input, &out, &problem);
    check_masked(target, result, &input.value, &out);
    fuzz_expect(masker_apply(masker, &input, &again, &problem) == result &&
                    out.len == again.len && memcmp(out.data, again.data, out.len) == 0,
                "the mask is the same");
    termPQExpBuffer(&out);
    termPQExpBuffer(&again);
    masker_free(masker);
    mask_key_free(key);
    diag_free(&diag);
    arena_free(arena);
}

static void
read_label(const uint8_t *data, size_t size)
{
    char *label = fuzz_copy_text(data, size);
    PQExpBufferData mask;
    Diag diag = {0};

    initPQExpBuffer(&mask);
    if (!mask_label_translate(&mask, label, &diag))
        fuzz_expect(diag.message != NULL && mask.len == 0, "a label without counterpart");
    termPQExpBuffer(&mask);
    diag_free(&diag);
    free(label);
}

int
fuzz_mask(const uint8_t *data, size_t size)
{
    MaskTarget target;
    char *text;
    int i;

    if (size == 0)
        return 0;
    i = (data[0] & ~STEPS) % (N_CASES + 1);
    if (i == N_CASES)
    {
        read_label(data + 1, size - 1);
        return 0;
    }
    target = cases[i].target;
    target.encoding = (data[0] & STEPS) != 0 ? &pairs : NULL;
    text = mem_alloc(size > 1 ? size - 1 : 1);
    memcpy(text, data + 1, size - 1);
    (void)content_classify(text, size - 1);
    mask_twice(cases[i].rule, &target, text, size - 1);
    free(text);
    return 0;
}
