/* Rules and names as they are written on a command line: a message, or a result. */
#include <stdlib.h>

#include "fuzz.h"
#include "mask/mask_json_path.h"
#include "model/children.h"
#include "model/mask_rule.h"
#include "model/reference_rule.h"
#include "model/root_file.h"
#include "model/root_rule.h"
#include "model/rules.h"
#include "model/where_column.h"
#include "programs/load/table_layer.h"

static bool
parse_rules(Arena *arena, const char *text, Diag *diag)
{
    RuleList rules = {0};
    bool is_good = rules_append(&rules, arena, text, diag);

    (void)rules_find(&rules, "public", "orders");
    rules_free(&rules);
    return is_good;
}

static bool
parse_pattern(Arena *arena, const char *text, Diag *diag)
{
    Pattern pattern;

    if (!pattern_parse(&pattern, arena, text, diag))
        return false;
    (void)pattern_matches(&pattern, "public", "orders");
    return true;
}

static bool
parse_root(Arena *arena, const char *text, Diag *diag)
{
    RootRule rule;

    return root_rule_parse(&rule, arena, text, diag);
}

static bool
parse_root_file(Arena *arena, const char *text, Diag *diag)
{
    RootFile file;

    return root_file_parse(&file, arena, text, diag);
}

static bool
parse_children(Arena *arena, const char *text, Diag *diag)
{
    ChildrenRules rules = {0};
    bool is_good = children_append(&rules, arena, text, diag);

    children_free(&rules);
    return is_good;
}

static bool
parse_reference(Arena *arena, const char *text, Diag *diag)
{
    ReferenceRule rule;

    return reference_rule_parse(&rule, arena, text, diag);
}

static bool
parse_where_column(Arena *arena, const char *text, Diag *diag)
{
    WhereColumn where;

    return where_column_parse(&where, arena, text, diag);
}

static bool
parse_table_name(Arena *arena, const char *text, Diag *diag)
{
    TableName name;
    const char *rest = text;

    while (*rest != '\0' && table_name_take(&rest, ",", arena) != NULL && *rest != '\0')
        rest++;
    if (table_name_parse(text, &name, arena))
        return true;
    diag_set_message(diag, "no name");
    return false;
}

static bool
parse_mask_rules(Arena *arena, const char *text, Diag *diag)
{
    MaskRuleList rules = {0};
    bool is_good = mask_rule_append(&rules, arena, text, diag);

    for (size_t i = 0; i < rules.n_rules && is_good; i++)
        (void)mask_rule_matches(&rules.rules[i], "public", "orders", "email");
    mask_rule_free(&rules);
    return is_good;
}

static bool
parse_json_path(Arena *arena, const char *text, Diag *diag)
{
    MaskJsonPath path;

    if (!mask_json_path_parse(&path, arena, text, diag))
        return false;
    fuzz_expect(path.n_steps <= MASK_JSON_PATH_STEPS, "a path has few steps");
    (void)mask_json_path_enter_member(&path, MASK_JSON_PATH_ROOT, "a", 1);
    (void)mask_json_path_enter_element(&path, MASK_JSON_PATH_ROOT, 7);
    return true;
}

static bool
parse_schema(Arena *arena, const char *text, Diag *diag)
{
    Pattern pattern;

    if (!pattern_parse_schema(&pattern, arena, text, diag))
        return false;
    (void)pattern_matches_schema(&pattern, "public");
    return true;
}

static bool
parse_root_keys(Arena *arena, const char *text, Diag *diag)
{
    RootRule rule;

    if (!root_rule_parse_keys(&rule, arena, text, "explain", diag))
        return false;
    fuzz_expect(rule.is_by_key && rule.n_keys > 0, "there are keys");
    return true;
}

static bool
parse_one_rule(Arena *arena, const char *text, Diag *diag)
{
    Rule rule;

    return rules_parse_one(&rule, arena, text, "rule", diag);
}

int
fuzz_rules(const uint8_t *data, size_t size)
{
    bool (*const parsers[])(Arena *, const char *, Diag *) = {
        parse_rules,      parse_pattern,   parse_root,         parse_root_file,
        parse_children,   parse_reference, parse_where_column, parse_table_name,
        parse_mask_rules, parse_json_path, parse_schema,       parse_root_keys,
        parse_one_rule};
    const size_t n = sizeof(parsers) / sizeof(parsers[0]);
    char *text = size > 0 ? fuzz_copy_text(data + 1, size - 1) : NULL;
    Arena *arena = arena_new();
    Diag diag = {0};

    if (text != NULL && !parsers[data[0] % n](arena, text, &diag))
        fuzz_expect(diag.message != NULL, "what is refused has a message");
    diag_free(&diag);
    arena_free(arena);
    free(text);
    return 0;
}
