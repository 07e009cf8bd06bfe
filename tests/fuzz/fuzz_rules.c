/* Rules and names as they are written on a command line: a message, or a result. */
#include <stdlib.h>

#include "fuzz.h"
#include "model/children.h"
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

int
fuzz_rules(const uint8_t *data, size_t size)
{
    bool (*const parsers[])(Arena *, const char *,
                            Diag *) = {parse_rules,        parse_pattern,
                                       parse_root,         parse_root_file,
                                       parse_children,     parse_reference,
                                       parse_where_column, parse_table_name};
    char *text = size > 0 ? fuzz_copy_text(data + 1, size - 1) : NULL;
    Arena *arena = arena_new();
    Diag diag = {0};

    if (text != NULL && !parsers[data[0] % 8](arena, text, &diag))
        fuzz_expect(diag.message != NULL, "what is refused has a message");
    diag_free(&diag);
    arena_free(arena);
    free(text);
    return 0;
}
