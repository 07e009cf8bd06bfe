#include "model/rules.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "tap.h"

static Arena *arena;

/* What a rule says, as text that a test can compare. */
static void
describe_rule(char *out, size_t size, const Rule *rule)
{
    char rows[64] = "*";

    if (rule->kind == RULE_COUNT)
        snprintf(rows, sizeof(rows), "%lld", (long long)rule->count);
    if (rule->kind == RULE_PERCENT)
        snprintf(rows, sizeof(rows), "%.12g%%", rule->percent);
    snprintf(out, size, "%s: %s%s%s", rule->pattern.text, rows,
             rule->condition != NULL ? " where " : "",
             rule->condition != NULL ? rule->condition : "");
}

/* Parses the argument; the rules must be those described, joined by " | ". */
static void
check_rules(const char *argument, const char *expected)
{
    RuleList list = {0};
    Diag diag = {0};
    char found[1024] = "";

    if (!rules_append(&list, arena, argument, &diag))
        snprintf(found, sizeof(found), "error: %s", diag.message);
    for (size_t i = 0; diag.message == NULL && i < list.n_rules; i++)
    {
        size_t used = strlen(found);

        if (i > 0)
            used += (size_t)snprintf(found + used, sizeof(found) - used, " | ");
        describe_rule(found + used, sizeof(found) - used, &list.rules[i]);
    }
    is_str(found, expected, "%s", expected);
    rules_free(&list);
    diag_free(&diag);
}

static void
check_error(const char *argument, const char *message)
{
    RuleList list = {0};
    Diag diag = {0};

    ok(!rules_append(&list, arena, argument, &diag), "[%s] is refused", argument);
    is_str(diag.message, message, "with a message");
    rules_free(&list);
    diag_free(&diag);
}

static void
check_perl_examples(void)
{
    check_rules("users = *", "users: *");
    check_rules("users = 1000", "users: 1000");
    check_rules("users = NOT deactivated", "users: * where NOT deactivated");
    check_rules("forums.* = *", "forums.*: *");
    check_rules("ads=*,*=300", "ads: * | *: 300");
    check_rules("forums.* = 50%, users = NOT deactivated, * = 300",
                "forums.*: 50% | users: * where NOT deactivated | *: 300");
    check_rules("100", "*: 100");
}

static void
check_rows(void)
{
    check_rules("*", "*: *");
    check_rules(" 5% ", "*: 5%");
    check_rules("0", "*: 0");
    check_rules("t = 0%", "t: 0");
    check_rules("t = 0.00%", "t: 0");
    check_rules("t = 100%", "t: 100%");
    check_rules("t = 0.125 %", "t: 0.125%");
    check_rules("t = .5%", "t: 0.5%");
    check_rules("t = 9223372036854775807", "t: 9223372036854775807");
    check_rules("10 where x > 3", "*: 10 where x > 3");
    check_rules("10 where a = 5", "*: 10 where a = 5");
    check_rules("* where a = 5", "*: * where a = 5");
    check_rules("5% WHERE(a = 5)", "*: 5% where (a = 5)");
    check_rules("t = 10 where a = 5", "t: 10 where a = 5");
    check_rules("t = 10\nWhere\ta = 5", "t: 10 where a = 5");
    check_rules("t = * where a", "t: * where a");
    check_rules("t = 5 % where a", "t: 5% where a");
}

static void
check_conditions(void)
{
    check_rules("t = 1 = 1", "t: * where 1 = 1");
    check_rules("t = 5 % 2 = 1", "t: * where 5 % 2 = 1");
    check_rules("t = -5 < x", "t: * where -5 < x");
    check_rules("t = 10 whereabouts", "t: * where 10 whereabouts");
    check_rules("t=a >= 5", "t: * where a >= 5");
    check_rules("t = a = 'it''s'", "t: * where a = 'it''s'");
    check_rules("t = a > 1 -- why\n  and b", "t: * where a > 1 -- why\n  and b");
    check_rules("\"t = a\r\n  in (1,\n\t2) -- \"\"x\"\"\n\", 5",
                "t: * where a\r\n  in (1,\n\t2) -- \"x\" | *: 5");
    check_rules("2fa_codes = 5", "2fa_codes: 5");
    check_rules("my table = 5", "my table: 5");
    check_rules("t = caf\xc3\xa9", "t: * where caf\xc3\xa9");
}

static void
check_csv(void)
{
    check_rules("\"t = a IN (1, 2)\", * = 3", "t: * where a IN (1, 2) | *: 3");
    check_rules("\"\"\"Order Items\"\" = 5\",*=3", "\"Order Items\": 5 | *: 3");
    check_rules(" \" t = 5 \" ,\n \"u = 6\"", "t: 5 | u: 6");
    check_rules("\"Order Items\" = 5", "\"Order Items\": 5");
    check_rules("\"S\".t = *", "\"S\".t: *");
    check_rules("\"a=b\" = 5", "\"a=b\": 5");
    check_rules("\"a,b\" = x in (1, 2)", "\"a,b\": * where x in (1, 2)");
    check_rules("\"A\" = 5, \"B\" = 6%, * = 0", "\"A\": 5 | \"B\": 6% | *: 0");
    check_rules("* = 0, \"B\" = x in (1, 2)", "*: 0 | \"B\": * where x in (1, 2)");
    check_rules("t = \"Mixed\" > 5, *=3", "t: * where \"Mixed\" > 5 | *: 3");
    check_rules("t = \"a\" > \"b\"", "t: * where \"a\" > \"b\"");
    check_rules("s.\"T\" = 5, *=3", "s.\"T\": 5 | *: 3");
}

/* Commas that separate rules, and others. */
static void
check_commas(void)
{
    check_rules("t = id IN (1,2), * = 5", "t: * where id IN (1,2) | *: 5");
    check_rules("t = 3 where f(a, (b, c)) = g(1, 2), 5",
                "t: 3 where f(a, (b, c)) = g(1, 2) | *: 5");
    check_rules("10 where a IN (1, 2), b = 3", "*: 10 where a IN (1, 2) | b: 3");
    check_rules("* where f(a, b), b = 3", "*: * where f(a, b) | b: 3");
    check_rules("t = a = 'x, (y', u = 1", "t: * where a = 'x, (y' | u: 1");
    check_rules("t = a = 'it''s, (', u = 1", "t: * where a = 'it''s, (' | u: 1");
    check_rules("t = a = E'\\', (', u = 1", "t: * where a = E'\\', (' | u: 1");
    check_rules("t = a = $$,'($$, u = 1", "t: * where a = $$,'($$ | u: 1");
    check_rules("t = a = $x$,$$,$x$, u = 1", "t: * where a = $x$,$$,$x$ | u: 1");
    check_rules("t = \"a,b\" > 1, u = 1", "t: * where \"a,b\" > 1 | u: 1");
    check_rules("t = a /* b, (c */ > 1, u = 1", "t: * where a /* b, (c */ > 1 | u: 1");
    check_rules("t = a /* /* , */ , */ > 1, u = 1",
                "t: * where a /* /* , */ , */ > 1 | u: 1");
    check_rules("t = a > 1 -- b, (c\n, u = 1", "t: * where a > 1 -- b, (c | u: 1");
    check_rules("t = a = ANY (ARRAY[1,2]), u = 1",
                "t: * where a = ANY (ARRAY[1,2]) | u: 1");
    check_rules("t = a[1] = 2 , u = 1", "t: * where a[1] = 2 | u: 1");
    check_rules("s.\"a,b=\" = x IN (1, 2), * = 3",
                "s.\"a,b=\": * where x IN (1, 2) | *: 3");
    check_rules("\"A\" = x > 2, * = 3", "\"A\": * where x > 2 | *: 3");
    /* in a pattern only double quotes mean something */
    check_rules("o'brien = 5, a(b = 6, c$$d = 7, x--y = 8, e/* = 9",
                "o'brien: 5 | a(b: 6 | c$$d: 7 | x--y: 8 | e/*: 9");
    /* within a field of CSV nothing else does */
    check_rules("\"t = a IN (1, 2)\", \"u = b = ',\"\"' \"",
                "t: * where a IN (1, 2) | u: * where b = ',\"'");
}

static void
check_open_errors(void)
{
    check_error("t = id in (1, * = 5",
                "limit rule 1 (t = id in (1, * = 5): unclosed parenthesis at "
                "\"(1, * = 5\"");
    check_error("\"t = (a) or (b\", * = 5",
                "limit rule 1 (t = (a) or (b): unclosed parenthesis at \"(b\"");
    check_error("* = 5, t = a) or (b",
                "limit rule 2 (t = a) or (b): closing parenthesis too many at "
                "\") or (b\"");
    check_error("t = 5 where a[1 = 2, * = 5",
                "limit rule 1 (t = 5 where a[1 = 2, * = 5): unclosed bracket at "
                "\"[1 = 2, * = 5\"");
    check_error("t = a] = 2",
                "limit rule 1 (t = a] = 2): closing bracket too many at \"] = 2\"");
    check_error("u = 1, t = a > 'x, * = 5",
                "limit rule 2 (t = a > 'x, * = 5): unterminated string at \"'x, * = 5\"");
    check_error("t = a > $x$b$, * = 5",
                "limit rule 1 (t = a > $x$b$, * = 5): unterminated string at "
                "\"$x$b$, * = 5\"");
    check_error("t = \"a > 1, * = 5",
                "limit rule 1 (t = \"a > 1, * = 5): unterminated double quote at "
                "\"\"a > 1, * = 5\"");
    check_error("t = a /* b, * = 5",
                "limit rule 1 (t = a /* b, * = 5): unterminated comment at "
                "\"/* b, * = 5\"");
    check_error("t = a > 1 -- b, * = 5",
                "limit rule 1 (t = a > 1 -- b, * = 5): its comment reaches to the end of "
                "all rules");
}

static void
check_syntax_errors(void)
{
    check_error("", "limit rule 1 (): the rule is empty");
    check_error("a = 1,", "limit rule 2 (): the rule is empty");
    check_error("a = 1,,b = 2", "limit rule 2 (): the rule is empty");
    check_error("a = 1,\"\"", "limit rule 2 (): the rule is empty");
    check_error("a = 1, \"b = 2", "limit rule 2 (\"b = 2): unterminated double quote");
    check_error("\"\"\"b = 2\"", "limit rule 1 (\"b = 2): unterminated double quote");
    check_error("NOT deactivated",
                "limit rule 1 (NOT deactivated): there is no \"PATTERN =\" in it");
    check_error("age in (1, 2)",
                "limit rule 1 (age in (1): there is no \"PATTERN =\" in it");
    check_error(
        "age >= 18",
        "limit rule 1 (age >= 18): there is no \"PATTERN =\" before the condition");
    check_error("= 5", "limit rule 1 (= 5): empty name in pattern \"\"");
    check_error("t =", "limit rule 1 (t =): nothing follows the =");
    check_error("t == 5", "limit rule 1 (t == 5): there is one = too many");
    check_error("a.b.c = 5",
                "limit rule 1 (a.b.c = 5): too many dots in pattern \"a.b.c\"");
}

static void
check_value_errors(void)
{
    check_error("t = 9223372036854775808",
                "limit rule 1 (t = 9223372036854775808): the count is too large");
    check_error("t = 150%", "limit rule 1 (t = 150%): a percent cannot be more than 100");
    check_error("150%", "limit rule 1 (150%): a percent cannot be more than 100");
    check_error("t = -5", "limit rule 1 (t = -5): a number of rows cannot be negative");
    check_error("-5% where x",
                "limit rule 1 (-5% where x): a number of rows cannot be negative");
    check_error("t = +5", "limit rule 1 (t = +5): a number of rows has no sign");
    check_error("t = 1.5", "limit rule 1 (t = 1.5): a count must be a whole number");
    check_error("t = * 5",
                "limit rule 1 (t = * 5): only \"where CONDITION\" can follow *");
    check_error("t = 5 where",
                "limit rule 1 (t = 5 where): no condition follows \"where\"");
    check_error("t = where x",
                "limit rule 1 (t = where x): \"where\" needs *, a count or "
                "a percent before it");
    check_error("10 = 5",
                "limit rule 1 (10 = 5): only \"where CONDITION\" can follow a number");
    check_error("10 wher a = 5", "limit rule 1 (10 wher a = 5): only \"where CONDITION\" "
                                 "can follow a number");
}

static void
check_long_error(void)
{
    char digits[500];

    memset(digits, '9', sizeof(digits));
    digits[sizeof(digits) - 2] = '%';
    digits[sizeof(digits) - 1] = '\0';
    check_error(digits,
                "limit rule 1 "
                "(999999999999999999999999999999999999999999999999999999999999...): "
                "a percent cannot be more than 100");
}

static void
check_find(void)
{
    RuleList list = {0};
    Diag diag = {0};

    ok(rules_append(&list, arena, "log.* = 0, users = 5", &diag) &&
           rules_append(&list, arena, "*.users_2024 = 7, * = 9", &diag),
       "arguments are appended");
    is_int(list.n_rules, 4, "all rules are there");
    is_str(list.rules[3].text, "* = 9", "the text is kept");
    is_int(rules_find(&list, "log", "users"), 0, "the first match wins");
    is_int(rules_find(&list, "public", "users"), 1, "a plain name");
    is_int(rules_find(&list, "public", "posts"), 3, "the rule for the rest");
    is_int(rules_find_literal(&list, "public", "users_2024"), 2, "a literal name");
    is_int(rules_find_literal(&list, "public", "users_2025"), -1, "no wildcard counts");
    list.n_rules = 3;
    is_int(rules_find(&list, "public", "posts"), -1, "no rule matches");
    rules_free(&list);
    is_int(list.n_rules, 0, "the list is released");
}

/* One rule that is not in a list. */
static void
check_one(const char *text, const char *expected)
{
    Rule rule;
    Diag diag = {0};
    char found[1024];

    if (rules_parse_one(&rule, arena, text, "root rule", &diag))
        describe_rule(found, sizeof(found), &rule);
    else
        snprintf(found, sizeof(found), "%s", diag.message);
    is_str(found, expected, "one rule: %s", text);
    diag_free(&diag);
}

static void
check_single_rules(void)
{
    check_one(" orders = 20 ", "orders: 20");
    check_one("orders = id IN (42, 43)", "orders: * where id IN (42, 43)");
    check_one("\"Order Items\" = \"A\" = 1, 2", "\"Order Items\": * where \"A\" = 1, 2");
    check_one("o = 5% where x, y", "o: 5% where x, y");
    check_one("o = a) or (b", "root rule (o = a) or (b): closing parenthesis too many at "
                              "\") or (b\"");
    check_one("", "root rule (): the rule is empty");
    check_one("20", "root rule (20): there is no \"PATTERN =\" in it");
    check_one("20 where a = 5",
              "root rule (20 where a = 5): there is no \"PATTERN =\" in it");
    check_one("\"o = 5", "root rule (\"o = 5): unterminated double quote");
    check_one("o =", "root rule (o =): nothing follows the =");
}

int
main(void)
{
    arena = arena_new();
    check_perl_examples();
    check_rows();
    check_conditions();
    check_csv();
    check_commas();
    check_open_errors();
    check_syntax_errors();
    check_value_errors();
    check_long_error();
    check_find();
    check_single_rules();
    arena_free(arena);
    return done_testing();
}
