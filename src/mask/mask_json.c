/* The mask json, of json, jsonb and hstore: "json all", and rules for paths. */
#include <string.h>

#include "base/mem.h"
#include "mask/mask_hstore.h"
#include "mask/mask_json_walk.h"
#include "mask/mask_kinds.h"

typedef struct JsonState
{
    MaskJsonRules rules;
    MaskJsonWalk *walk;
} JsonState;

static bool
parse_json(MaskSpec *spec, Arena *arena, const MaskWords *words, Diag *diag)
{
    (void)arena;
    return (words->n == 1 && strcmp(words->words[0], "all") == 0) ||
           mask_words_reject(spec, words, diag);
}

/* Without arguments it is "json all". */
static bool
prepare_json(Masker *masker, Arena *arena, Diag *diag)
{
    const CopyEncoding *encoding = masker->target.encoding;
    const MaskJsonArguments all = {.all = masker->spec};
    const MaskJsonArguments *arguments = masker->spec->arguments;
    JsonState *state = arena_alloc(arena, sizeof(*state));

    masker->state = state;
    if (!mask_json_rules_prepare(&state->rules, arena,
                                 arguments != NULL ? arguments : &all, masker->key,
                                 encoding, diag))
        return false;
    state->walk = mask_json_walk_new(&state->rules, encoding);
    return true;
}

static MaskResult
apply_json(Masker *masker, const MaskInput *input, PQExpBuffer out, const char **problem)
{
    JsonState *state = masker->state;

    if (masker->target.type == MASK_TYPE_HSTORE)
        return mask_hstore_apply(&state->rules, input, masker->target.encoding, out,
                                 problem);
    return mask_json_walk_apply(state->walk, input, out, problem);
}

static void
release_json(Masker *masker)
{
    JsonState *state = masker->state;

    mask_json_walk_free(state->walk);
    mask_json_rules_free(&state->rules);
}

bool
mask_json_has_led(const Masker *masker, size_t rule)
{
    const JsonState *state = masker->state;

    return state->rules.have_led[rule];
}

const MaskKind mask_json_json = {
    .name = "json",
    .arguments = "all",
    .description =
        "All strings and numbers of a json value, by what they look like; rules "
        "for paths into it, such as \"$.a.b = email\", come first",
    .example = "{\"email\": \"ann@company.com\", \"age\": 42}",
    .example_rule = "json all",
    .types = MASK_TYPE_BIT(MASK_TYPE_JSON) | MASK_TYPE_BIT(MASK_TYPE_HSTORE),
    .uniqueness = MASK_NOT_UNIQUE,
    .keeps_some = true,
    .parse = parse_json,
    .prepare = prepare_json,
    .apply = apply_json,
    .release = release_json,
};
