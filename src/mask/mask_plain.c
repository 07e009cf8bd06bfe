/* Masks that have nothing to do with the value: keep, null, fixed, empty, sql. */
#include <string.h>

#include "base/copytext.h"
#include "mask/mask_kinds.h"

/* ---- keep, null */

static MaskResult
apply_keep(Masker *masker, const MaskInput *input, PQExpBuffer out, const char **problem)
{
    (void)masker;
    (void)problem;
    appendBinaryPQExpBuffer(out, input->value.text, input->value.length);
    return MASK_DONE;
}

const MaskKind mask_plain_keep = {
    .name = "keep",
    .arguments = "",
    .description = "The value as it is: it is not personal",
    .example = "red",
    .uniqueness = MASK_INJECTIVE,
    .keeps_some = true,
    .apply = apply_keep,
};

static bool
prepare_null(Masker *masker, Arena *arena, Diag *diag)
{
    (void)arena;
    if (masker->target.is_nullable)
        return true;
    diag_set_message(diag, "mask \"null\" is not for a column that is NOT NULL");
    return false;
}

static MaskResult
apply_null(Masker *masker, const MaskInput *input, PQExpBuffer out, const char **problem)
{
    (void)masker;
    (void)input;
    (void)out;
    (void)problem;
    return MASK_NULL;
}

const MaskKind mask_plain_null = {
    .name = "null",
    .arguments = "",
    .description = "NULL",
    .example = "red",
    .uniqueness = MASK_NOT_UNIQUE,
    .prepare = prepare_null,
    .apply = apply_null,
};

/* ---- fixed: the text is its state */

static bool
parse_fixed(MaskSpec *spec, Arena *arena, const MaskWords *words, Diag *diag)
{
    MaskWords rest = {words->words + 1, words->is_quoted + 1, words->n - 1};

    if (words->n != 1)
        return mask_words_reject(spec, words->n == 0 ? words : &rest, diag);
    spec->arguments = arena_copy_string(arena, words->words[0]);
    return true;
}

/* The server checks more: the value is cast to the type when the run is planned. */
static bool
prepare_fixed(Masker *masker, Arena *arena, Diag *diag)
{
    const char *value = masker->spec->arguments;
    size_t most = (size_t)masker->target.max_length;

    (void)arena;
    if (most == 0 || strlen(value) <= most || !copytext_is_ascii(value))
        return true;
    diag_set_message(diag, "value of mask \"fixed\" is longer than %zu characters", most);
    return false;
}

static MaskResult
apply_fixed(Masker *masker, const MaskInput *input, PQExpBuffer out, const char **problem)
{
    const char *value = masker->spec->arguments;

    (void)input;
    (void)problem;
    appendPQExpBufferStr(out, value);
    return MASK_DONE;
}

static const char *const *
get_fixed_constants(const MaskSpec *spec, int *n)
{
    *n = 1;
    return (const char *const *)&spec->arguments;
}

const MaskKind mask_plain_fixed = {
    .name = "fixed",
    .arguments = "VALUE",
    .description = "The same value for all",
    .example = "Anna",
    .example_rule = "fixed 'X'",
    .uniqueness = MASK_NOT_UNIQUE,
    .parse = parse_fixed,
    .get_constants = get_fixed_constants,
    .prepare = prepare_fixed,
    .apply = apply_fixed,
};

/* ---- empty */

static MaskResult
apply_empty(Masker *masker, const MaskInput *input, PQExpBuffer out, const char **problem)
{
    (void)input;
    (void)problem;
    if (masker->target.type == MASK_TYPE_BYTEA)
        appendPQExpBufferStr(out, "\\x");
    return MASK_DONE;
}

const MaskKind mask_plain_empty = {
    .name = "empty",
    .arguments = "",
    .description = "An empty text, no bytes, no words",
    .example = "red",
    .types = MASK_TYPE_BIT(MASK_TYPE_TEXT) | MASK_TYPE_BIT(MASK_TYPE_BYTEA) |
             MASK_TYPE_BIT(MASK_TYPE_TSVECTOR) | MASK_TYPE_BIT(MASK_TYPE_HSTORE),
    .uniqueness = MASK_NOT_UNIQUE,
    .apply = apply_empty,
};

/* ---- sql: mask_spec.c reads the expression */

static MaskResult
apply_sql(Masker *masker, const MaskInput *input, PQExpBuffer out, const char **problem)
{
    (void)masker;
    (void)input;
    (void)out;
    *problem = "is masked by the server alone";
    return MASK_REFUSED;
}

const MaskKind mask_plain_sql = {
    .name = "sql",
    .arguments = "(EXPRESSION)",
    .description = "What the server makes of the row by an SQL expression; it is checked "
                   "before a row is read",
    .example = "Anna",
    .example_rule = "sql(upper(name))",
    .uniqueness = MASK_NOT_UNIQUE,
    .keeps_some = true,
    .apply = apply_sql,
};
