/* --mask-list: the table of kinds, each with an example that is computed. */
#include <string.h>

#include "mask/mask_kind.h"

enum
{
    LINE_WIDTH = 78,
    INDENT = 4
};

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

    size_t start;

    appendPQExpBuffer(text, "%s -> ", kind->example);
    start = text->len;
    if (masker_apply(masker, &input, text, &problem) == MASK_NULL)
        appendPQExpBufferStr(text, "NULL");
    else if (text->len == start)
        appendPQExpBufferStr(text, "''");
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

    appendPQExpBuffer(text, "    %s: ", rule);
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

/* Sentences, indented, in lines of the width of a terminal. */
static void
append_wrapped(PQExpBuffer text, const char *sentences)
{
    size_t column = LINE_WIDTH;

    while (*sentences != '\0')
    {
        size_t length = strcspn(sentences, " ");
        bool is_full = column + 1 + length > LINE_WIDTH;

        appendPQExpBufferStr(text, is_full ? "\n    " : " ");
        column = (is_full ? INDENT : column + 1) + length;
        appendBinaryPQExpBuffer(text, sentences, length);
        sentences += length;
        sentences += strspn(sentences, " ");
    }
}

static void
append_kind(PQExpBuffer text, const MaskKind *kind)
{
    static const char kept[] = " Different values stay different.";
    PQExpBufferData sentences;

    initPQExpBuffer(&sentences);
    appendPQExpBuffer(&sentences, "%s.%s For ", kind->description,
                      kind->uniqueness != MASK_NOT_UNIQUE ? kept : "");
    mask_kinds_append_types(&sentences, kind);
    appendPQExpBufferChar(&sentences, '.');
    appendPQExpBuffer(text, "%s%s%s", kind->name,
                      *kind->arguments != '\0' && *kind->arguments != '(' ? " " : "",
                      kind->arguments);
    append_wrapped(text, sentences.data);
    appendPQExpBufferChar(text, '\n');
    termPQExpBuffer(&sentences);
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
