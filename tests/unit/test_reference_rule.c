#include "model/reference_rule.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/mem.h"
#include "tap.h"

static Arena *arena;

/* As T1: EXPR | EXPR => T2: COLUMN | COLUMN when CONDITION. */
static void
describe_rule(char *out, size_t size, const ReferenceRule *rule)
{
    size_t used = (size_t)snprintf(out, size, "%s:", rule->referencing.text);

    for (int i = 0; i < rule->n_columns; i++)
        used += (size_t)snprintf(out + used, size - used, "%s %s", i > 0 ? " |" : "",
                                 rule->expressions[i]);
    used += (size_t)snprintf(out + used, size - used, " => %s:", rule->referenced.text);
    for (int i = 0; i < rule->n_columns; i++)
        used += (size_t)snprintf(out + used, size - used, "%s %s", i > 0 ? " |" : "",
                                 rule->columns[i]);
    if (rule->condition != NULL)
        snprintf(out + used, size - used, " when %s", rule->condition);
}

static void
check_rule(const char *argument, const char *expected)
{
    ReferenceRule rule;
    Diag diag = {0};
    char found[1024];

    if (reference_rule_parse(&rule, arena, argument, &diag))
        describe_rule(found, sizeof(found), &rule);
    else
        snprintf(found, sizeof(found), "error: %s", diag.message);
    is_str(found, expected, "%s", argument);
    diag_free(&diag);
}

static void
check_rules(void)
{
    check_rule("orders(customer_email) -> customers(email)",
               "orders: customer_email => customers: email");
    check_rule(" shop.orders ( a , b )->\"Crm\".\"Cust (x)\"( X, \"Y, \"\"z\"\"\" ) ",
               "shop.orders: a | b => \"Crm\".\"Cust (x)\": x | Y, \"z\"");
    check_rule("events((payload->>'order_id')::bigint) -> orders(id)",
               "events: (payload->>'order_id')::bigint => orders: id");
    check_rule("events(payload->'a'->>'b') -> orders(id)",
               "events: payload->'a'->>'b' => orders: id");
    check_rule("comments(subject_id) -> posts(id) when subject_type = 'Post'",
               "comments: subject_id => posts: id when subject_type = 'Post'");
    check_rule("c(i)->p(id)WHEN(t = 'a -> b (')", "c: i => p: id when (t = 'a -> b (')");
    check_rule("\"a(->\"(x) -> b(y)", "\"a(->\": x => b: y");
}

static void
check_splitting(void)
{
    check_rule("t(f(a, b), c[1, (2)], ARRAY[a, b]) -> u(x, y, z)",
               "t: f(a, b) | c[1, (2)] | ARRAY[a, b] => u: x | y | z");
    check_rule("t('a,)', 'it''s),', b) -> u(x, y, z)",
               "t: 'a,)' | 'it''s),' | b => u: x | y | z");
    check_rule("t(E'\\'),', e'\\\\', b) -> u(x, y, z)",
               "t: E'\\'),' | e'\\\\' | b => u: x | y | z");
    check_rule("t('\\', typ'\\', \"a\\,)\") -> u(x, y, z)",
               "t: '\\' | typ'\\' | \"a\\,)\" => u: x | y | z");
    check_rule("t(\"a,\"\")\", b) -> u(x, y)", "t: \"a,\"\")\" | b => u: x | y");
    check_rule("t($$a,')$$, $q$,$$)$Q$$q$, b) -> u(x, y, z)",
               "t: $$a,')$$ | $q$,$$)$Q$$q$ | b => u: x | y | z");
    check_rule("t(a$b$, c$d$) -> u(x, y)", "t: a$b$ | c$d$ => u: x | y");
    check_rule("t($1, b) -> u(x, y)", "t: $1 | b => u: x | y");
    check_rule("t(a -- ),'\n, b) -> u(x, y)", "t: a -- ),' | b => u: x | y");
    check_rule("t(a /* ),' /* */ \" */, b) -> u(x, y)",
               "t: a /* ),' /* */ \" */ | b => u: x | y");
    check_rule("t(a - -1, b/2*3) -> u(x, y)", "t: a - -1 | b/2*3 => u: x | y");
}

static void
check_names(void)
{
    ReferenceRule rule;
    Diag diag = {0};

    ok(reference_rule_parse(&rule, arena, "t(Mail, \"Mail\", a + b, a.b) -> u(a,b,c,d)",
                            &diag),
       "expressions of several kinds");
    is_str(rule.names[0], "mail", "a name is folded");
    is_str(rule.names[1], "Mail", "a quoted one is not");
    is_str(rule.names[2], NULL, "an expression is no name");
    is_str(rule.names[3], NULL, "nor are two names");
    is_str(rule.text, "t(Mail, \"Mail\", a + b, a.b) -> u(a,b,c,d)", "the text is kept");
    is_str(rule.condition, NULL, "there is no condition");
    diag_free(&diag);
}

static void
check_error(const char *argument, const char *problem)
{
    ReferenceRule rule;
    Diag diag = {0};
    char *message = mem_format("--reference (%s): %s", argument, problem);

    ok(!reference_rule_parse(&rule, arena, argument, &diag), "[%s] is refused", argument);
    is_str(diag.message, message, "with a message");
    ok(diag.hint != NULL, "and a hint");
    free(message);
    diag_free(&diag);
}

static void
check_table_errors(void)
{
    check_error("", "no list in parentheses follows the referencing table");
    check_error("orders -> customers(id)",
                "no list in parentheses follows the referencing table");
    check_error("\"t(a) -> u(b)", "unterminated double quote");
    check_error("(a) -> u(b)", "empty name in pattern \"\"");
    check_error("t(a) -> (b)", "empty name in pattern \"\"");
    check_error("t*(a) -> u(b)", "its tables are named without wildcards");
    check_error("t(a) -> *.u(b)", "its tables are named without wildcards");
    check_error("t(a) -> u", "no list in parentheses follows the referenced table");
    check_error("t(a) ->", "no list in parentheses follows the referenced table");
    check_error("a.b.c(a) -> u(b)", "too many dots in pattern \"a.b.c\"");
}

static void
check_list_errors(void)
{
    check_error("t(a", "the parenthesis around the expressions is not closed");
    check_error("t(f(a) -> u(b)", "the parenthesis around the expressions is not closed");
    check_error("t(a -- ) -> u(b)",
                "the parenthesis around the expressions is not closed");
    check_error("t(a, 'b) -> u(b)",
                "expression 2 has a quote or a comment that is not closed");
    check_error("t(E'\\') -> u(b)",
                "expression 1 has a quote or a comment that is not closed");
    check_error("t(E'\\", "expression 1 has a quote or a comment that is not closed");
    check_error("t($a$ $b$) -> u(b)",
                "expression 1 has a quote or a comment that is not closed");
    check_error("t(a /* /* */) -> u(b)",
                "expression 1 has a quote or a comment that is not closed");
    check_error("t(a]) -> u(b)", "expression 1 has a closing bracket too many");
    check_error("t() -> u(b)", "expression 1 is empty");
    check_error("t(a, ) -> u(b)", "expression 2 is empty");
    check_error("t(a) u(b)", "no -> follows the expressions");
    check_error("t(a) => u(b)", "no -> follows the expressions");
    check_error("t(a)", "no -> follows the expressions");
    check_error("t(a) -> u(", "referenced column 1 is not a name; expressions are for "
                              "the table before ->");
    check_error("t(a) -> u(b, lower(c))", "referenced column 2 is not a name; "
                                          "expressions are for the table before ->");
    check_error("t(a) -> u(b", "the parenthesis around the columns is not closed");
    check_error("t(a) -> u(b, c)", "1 expression cannot refer to 2 columns");
    check_error("t(a, b) -> u(c)", "2 expressions cannot refer to 1 column");
}

static void
check_condition_errors(void)
{
    check_error("t(a) -> u(b) where c", "only \"when CONDITION\" can follow the columns");
    check_error("t(a) -> u(b) whenever",
                "only \"when CONDITION\" can follow the columns");
    check_error("t(a) -> u(b), v(c)", "only \"when CONDITION\" can follow the columns");
    check_error("t(a) -> u(b) when", "no condition follows \"when\"");
}

int
main(void)
{
    arena = arena_new();
    check_rules();
    check_splitting();
    check_names();
    check_table_errors();
    check_list_errors();
    check_condition_errors();
    arena_free(arena);
    return done_testing();
}
