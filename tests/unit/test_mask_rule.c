/* Rules of --mask: how they are read, and which columns they match. */
#include "model/mask_rule.h"

#include <stdio.h>
#include <string.h>

#include "mask/mask_kind.h"
#include "tap.h"

static Arena *arena;

/* Parses the argument; the rules must be those described, joined by " | ". */
static void
check_rules(const char *argument, const char *expected)
{
    MaskRuleList list = {0};
    Diag diag = {0};
    char found[2048] = "";

    if (!mask_rule_append(&list, arena, argument, &diag))
        snprintf(found, sizeof(found), "error: %s", diag.message);
    for (size_t i = 0; diag.message == NULL && i < list.n_rules; i++)
    {
        const MaskRule *rule = &list.rules[i];
        size_t length = strlen(found);

        snprintf(found + length, sizeof(found) - length, "%s%s.%s.%s%s%s = %s%s",
                 i > 0 ? " | " : "",
                 rule->table.schema != NULL ? rule->table.schema : "?", rule->table.name,
                 rule->column.name, rule->path != NULL ? " " : "",
                 rule->path != NULL ? rule->path : "", rule->spec.kind->name,
                 rule->is_exact ? "" : " (wild)");
    }
    is_str(found, expected, "%s", argument);
    ok(diag.message == NULL || strlen(diag.message) > 0, "and a message if it is wrong");
    mask_rule_free(&list);
    diag_free(&diag);
}

static void
check_lists(void)
{
    check_rules("customer.email = hash", "?.customer.email = hash");
    check_rules("Shop.Customer.EMail=hash", "shop.customer.email = hash");
    check_rules("a.b=hash,c.d = null", "?.a.b = hash | ?.c.d = null");
    check_rules("a.b = hash\n, c.d = null\n", "?.a.b = hash | ?.c.d = null");
    check_rules("\"a.b = fixed 'x, y'\", c.d = null", "?.a.b = fixed | ?.c.d = null");
    check_rules("a.b = fixed 'x, y', c.d = null", "?.a.b = fixed | ?.c.d = null");
    check_rules("*.*phone* = hash", "?.*.*phone* = hash (wild)");
    check_rules("s*.t.c = hash", "s*.t.c = hash (wild)");
    check_rules("t.\"c*\" = hash", "?.t.c\\* = hash");
    check_rules("\"A b\".\"C.d\" = hash", "?.A b.C.d = hash");
    check_rules("\"a\"\"b\".c.d = hash", "a\"b.c.d = hash");
    check_rules("t.c = sql(a || ', =')", "?.t.c = sql");
    check_rules("t.\"=\" = hash", "?.t.= = hash");
    check_rules("$.a = hash", "?.$.a = hash");
}

static void
check_paths(void)
{
    check_rules("t.c $.a.b = hash", "?.t.c $.a.b = hash");
    check_rules("t.c   $..a[*]  = hash", "?.t.c $..a[*] = hash");
    check_rules("t.c$d = hash", "?.t.c$d = hash");
    check_rules("t.\"c $.a\" = hash", "?.t.c $.a = hash");
    check_rules("t.c $.\"a = b\" = hash", "?.t.c $.\"a = b\" = hash");
}

static void
check_mistakes(void)
{
    check_rules("", "error: mask rule 1 (): the rule is empty");
    check_rules("t.c = hash,", "error: mask rule 2 (): the rule is empty");
    check_rules("t.c", "error: mask rule 1 (t.c): there is no \"COLUMN =\" in it");
    check_rules("t.c =", "error: mask rule 1 (t.c =): nothing follows the =");
    check_rules("= hash", "error: mask rule 1 (= hash): there is no column before the =");
    check_rules("c = hash",
                "error: mask rule 1 (c = hash): the column has no table before it");
    check_rules("d.s.t.c = hash", "error: mask rule 1 (d.s.t.c = hash): too many dots");
    check_rules("t. = hash",
                "error: mask rule 1 (t. = hash): empty name in pattern \"\"");
    check_rules(".c = hash",
                "error: mask rule 1 (.c = hash): empty name in pattern \"\"");
    check_rules("t.\"c = hash",
                "error: mask rule 1 (t.\"c = hash): unterminated double quote");
    check_rules("t.c = hsh", "error: mask rule 1 (t.c = hsh): there is no mask \"hsh\"");
    check_rules(
        "t.c = sql(a))",
        "error: mask rule 1 (t.c = sql(a))): closing parenthesis too many at \")\"");
}

static void
check_match(const char *text, const char *schema, const char *table, const char *column,
            bool expected)
{
    MaskRuleList list = {0};
    Diag diag = {0};

    ok(mask_rule_append(&list, arena, text, &diag), "%s is a rule", text);
    ok(list.n_rules == 1 &&
           mask_rule_matches(&list.rules[0], schema, table, column) == expected,
       "it matches %s.%s.%s: %d", schema, table, column, expected);
    mask_rule_free(&list);
    diag_free(&diag);
}

static void
check_matches(void)
{
    check_match("t.c = hash", "s", "t", "c", true);
    check_match("t.c = hash", "s", "t", "C", false);
    check_match("s.t.c = hash", "s", "t", "c", true);
    check_match("s.t.c = hash", "r", "t", "c", false);
    check_match("*.c = hash", "s", "any", "c", true);
    check_match("*.*a*l = hash", "s", "any", "email", true);
    check_match("t.\"*\" = hash", "s", "t", "c", false);
    check_match("t.\"*\" = hash", "s", "t", "*", true);
    check_match("\"t.c\".\"d\"\"\n\" = hash", "s", "t.c", "d\"\n", true);
}

int
main(void)
{
    arena = arena_new();
    check_lists();
    check_paths();
    check_mistakes();
    check_matches();
    arena_free(arena);
    return done_testing();
}
