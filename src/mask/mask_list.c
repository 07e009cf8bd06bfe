/* --mask-list: the table of kinds, each with an example that is computed. */
#include <string.h>

#include "mask/mask_kind.h"

/* Of a column that each example fits. */
static MaskTarget
make_target(const MaskKind *kind)
{
    MaskTarget target = {.type = MASK_TYPE_TEXT,
                         .size = 8,
                         .is_nullable = true,
                         .maximum = 9999};

    while (kind->types != 0 && (kind->types & MASK_TYPE_BIT(target.type)) == 0)
        target.type = (MaskType)((target.type + 1) % 32);
    if (target.type == MASK_TYPE_MACADDR)
        target.size = 6;
    return target;
}

static void
append_masked(PQExpBuffer text, Masker *masker, const MaskKind *kind)
{
    MaskValue value = {kind->example, strlen(kind->example)};
    MaskInput input = {.value = value, .canonical = value};
    const char *problem = "";

    appendPQExpBuffer(text, "%s -> ", kind->example);
    if (masker_apply(masker, &input, text, &problem) == MASK_NULL)
        appendPQExpBufferStr(text, "NULL");
}

/* "phone: +49 171 1234567 -> +49 108 7736103", by a key that is no secret. */
static void
append_example(PQExpBuffer text, const MaskKind *kind, MaskKey *key)
{
    const char *rule = kind->example_rule != NULL ? kind->example_rule : kind->name;
    Arena *arena = arena_new();
    MaskTarget target = make_target(kind);
    MaskSpec spec;
    Masker *masker = NULL;
    Diag diag = {0};

    appendPQExpBuffer(text, "      %s: ", rule);
    if (mask_spec_parse(&spec, arena, rule, &diag))
        masker = masker_new(arena, &spec, &target, key, &diag);
    if (masker != NULL && spec.sql == NULL)
        append_masked(text, masker, kind);
    else
        appendPQExpBufferStr(text, spec.sql != NULL ? "by the server" : diag.message);
    appendPQExpBufferChar(text, '\n');
    masker_free(masker);
    diag_free(&diag);
    arena_free(arena);
}

static void
append_kind(PQExpBuffer text, const MaskKind *kind)
{
    static const char *const kept[] = {"", "; different values stay different",
                                       "; different values stay different"};

    appendPQExpBuffer(text, "%s%s%s\n      %s%s.\n      For ", kind->name,
                      *kind->arguments != '\0' && *kind->arguments != '(' ? " " : "",
                      kind->arguments, kind->description, kept[kind->uniqueness]);
    mask_kinds_append_types(text, kind);
    appendPQExpBufferStr(text, ".\n");
}

void
mask_list_append(PQExpBuffer text)
{
    static const char example_key[] = "the key of examples";
    MaskKey *key = mask_key_new(example_key, strlen(example_key));
    const MaskKind *const *kinds;
    size_t n;

    kinds = mask_kinds_get(&n);
    for (size_t i = 0; i < n; i++)
    {
        append_kind(text, kinds[i]);
        append_example(text, kinds[i], key);
    }
    mask_key_free(key);
}
