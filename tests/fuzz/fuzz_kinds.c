/*
 * Each kind of masks, for each type that it takes: the first byte says which kind, the
 * second one which type, and the others are the value, in memory that ends where it ends.
 * A value has the same mask again, or is refused with a reason, and nothing is written.
 */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "fuzz.h"
#include "mask/mask_kind.h"

static const char key_text[] = "a key that is no secret at all";

static const char *const labels[] = {"calm", "storm", "fog"};

static MaskTarget
make_target(const MaskKind *kind, uint8_t choice)
{
    MaskTarget target = {.type = (MaskType)(choice % (MASK_TYPE_POINT + 1)),
                         .size = 8,
                         .is_nullable = true,
                         .maximum = 9999,
                         .labels = labels,
                         .n_labels = sizeof(labels) / sizeof(labels[0])};

    while (kind->types != 0 && (kind->types & MASK_TYPE_BIT(target.type)) == 0)
        target.type = (MaskType)((target.type + 1) % (MASK_TYPE_POINT + 1));
    if (target.type == MASK_TYPE_MACADDR)
        target.size = 6;
    target.is_cidr = (choice & 0x80) != 0;
    target.has_time_zone = (choice & 0x80) != 0;
    target.is_lowered = (choice & 0x40) != 0;
    target.max_length = (choice & 0x20) != 0 && target.type == MASK_TYPE_TEXT ? 40 : 0;
    return target;
}

static void
apply_twice(Masker *masker, const MaskTarget *target, const char *text, size_t length)
{
    const MaskReplacement other = {{"Smith", 5}, {"Jones", 5}};
    MaskInput input = {.value = {text, length},
                       .canonical = {text, length},
                       .by = {"7", 1},
                       .others = &other,
                       .n_others = 1};
    const char *problem = NULL;
    PQExpBufferData out;
    PQExpBufferData again;
    MaskResult result;

    initPQExpBuffer(&out);
    initPQExpBuffer(&again);
    result = masker_apply(masker, &input, &out, &problem);
    fuzz_expect(result != MASK_REFUSED || (out.len == 0 && problem != NULL),
                "what is refused has a reason, and no mask");
    fuzz_expect(target->max_length == 0 || length > (size_t)target->max_length ||
                    out.len <= (size_t)target->max_length,
                "there is room for the mask");
    fuzz_expect(masker_apply(masker, &input, &again, &problem) == result &&
                    out.len == again.len && memcmp(out.data, again.data, out.len) == 0,
                "the mask is the same");
    termPQExpBuffer(&out);
    termPQExpBuffer(&again);
}

static void
mask_kind(const MaskKind *kind, uint8_t choice, const char *text, size_t length)
{
    const char *rule = kind->example_rule != NULL ? kind->example_rule : kind->name;
    MaskTarget target = make_target(kind, choice);
    Arena *arena = arena_new();
    MaskKey *key = mask_key_new(key_text, strlen(key_text));
    Masker *masker = NULL;
    MaskSpec spec;
    Diag diag = {0};

    fuzz_expect(mask_spec_parse(&spec, arena, rule, &diag), "an example is a mask");
    if (spec.sql == NULL)
        masker = masker_new(arena, &spec, &target, key, &diag);
    fuzz_expect(masker != NULL || spec.sql != NULL || diag.message != NULL,
                "what is refused has a message");
    if (masker != NULL)
        apply_twice(masker, &target, text, length);
    masker_free(masker);
    mask_key_free(key);
    diag_free(&diag);
    arena_free(arena);
}

int
fuzz_kinds(const uint8_t *data, size_t size)
{
    const MaskKind *const *kinds;
    size_t n;
    char *text;

    if (size < 2)
        return 0;
    kinds = mask_kinds_get(&n);
    text = mem_alloc(size > 2 ? size - 2 : 1);
    memcpy(text, data + 2, size - 2);
    mask_kind(kinds[data[0] % n], data[1], text, size - 2);
    free(text);
    return 0;
}
