#include "mask/mask_json_rules.h"

static bool
prepare_rule(MaskJsonRules *rules, Arena *arena, const MaskJsonRule *rule, MaskKey *key,
             const CopyEncoding *encoding, Diag *diag)
{
    size_t i = rules->n_paths;

    if (!mask_json_path_parse(&rules->paths[i], arena, rule->path, diag))
        return false;
    rules->n_paths++;
    return mask_json_leaf_prepare(&rules->leaves[i], arena, rule->spec, key, encoding,
                                  diag);
}

bool
mask_json_rules_prepare(MaskJsonRules *rules, Arena *arena,
                        const MaskJsonArguments *arguments, MaskKey *key,
                        const CopyEncoding *encoding, Diag *diag)
{
    size_t n = arguments->n_rules;
    bool is_done = true;

    initPQExpBuffer(&rules->name);
    rules->paths = ARENA_ARRAY(arena, n + 1, MaskJsonPath);
    rules->leaves = ARENA_ARRAY(arena, n + 1, MaskJsonLeaf);
    rules->have_led = ARENA_ARRAY(arena, n + 1, bool);
    for (size_t i = 0; i < n && is_done; i++)
        is_done = prepare_rule(rules, arena, &arguments->rules[i], key, encoding, diag);
    return is_done && mask_json_leaf_prepare(&rules->leaves[n], arena, arguments->all,
                                             key, encoding, diag);
}

void
mask_json_rules_free(MaskJsonRules *rules)
{
    for (size_t i = 0; i <= rules->n_paths; i++)
        mask_json_leaf_free(&rules->leaves[i]);
    termPQExpBuffer(&rules->name);
}

size_t
mask_json_rules_find_root(const MaskJsonRules *rules)
{
    size_t i = 0;

    while (i < rules->n_paths &&
           !mask_json_path_ends(&rules->paths[i], MASK_JSON_PATH_ROOT))
        i++;
    return i;
}

size_t
mask_json_rules_find_member(const MaskJsonRules *rules, const char *name, size_t length)
{
    size_t most = mask_json_rules_find_root(rules);

    for (size_t i = 0; i < most; i++)
    {
        const MaskJsonPath *path = &rules->paths[i];
        uint32_t at =
            mask_json_path_enter_member(path, MASK_JSON_PATH_ROOT, name, length);

        if (mask_json_path_ends(path, at))
            return i;
    }
    return most;
}
