#include "model/root_rule.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/mem.h"
#include "tap.h"

static Arena *arena;

/* Appends the keys as [value|value] [value|value]. */
static void
describe_keys(char *out, size_t size, const RootRule *rule)
{
    size_t used = (size_t)snprintf(out, size, "%s:", rule->pattern.text);

    for (size_t i = 0; i < rule->n_keys; i++)
    {
        for (int j = 0; j < rule->keys[i].n_values; j++)
            used += (size_t)snprintf(out + used, size - used, "%s%s", j == 0 ? " [" : "|",
                                     rule->keys[i].values[j]);
        used += (size_t)snprintf(out + used, size - used, "]");
    }
}

static void
check_keys(const char *argument, const char *expected)
{
    RootRule rule;
    Diag diag = {0};
    char found[1024];

    if (!root_rule_parse(&rule, arena, argument, &diag))
        snprintf(found, sizeof(found), "error: %s", diag.message);
    else if (!rule.is_by_key)
        snprintf(found, sizeof(found), "not by key");
    else
        describe_keys(found, sizeof(found), &rule);
    is_str(found, expected, "%s", argument);
    diag_free(&diag);
}

static void
check_short_form(void)
{
    check_keys("orders:42", "orders: [42]");
    check_keys(" shop.Orders : 42 , 43 ", "shop.Orders: [42] [43]");
    check_keys("order_lines:(42,1)", "order_lines: [42|1]");
    check_keys("order_lines:(42,1), ( 43 , \"2\" )", "order_lines: [42|1] [43|2]");
    check_keys("orders:(42),43", "orders: [42] [43]");
    check_keys("t:\"a,b\",\" (x) \",\"say \"\"hi\"\"\",\"\"",
               "t: [a,b] [ (x) ] [say \"hi\"] []");
    check_keys("t:(\"a,b\",\"c)\")", "t: [a,b|c)]");
    check_keys("t:\"\"\"\"", "t: [\"]");
    check_keys("t:12:30:00", "t: [12:30:00]");
    check_keys("t:a=b", "t: [a=b]");
    check_keys("t:new york, it's", "t: [new york] [it's]");
    check_keys("\"a:b=c\":1", "\"a:b=c\": [1]");
    check_keys("t:-5,1e3,*", "t: [-5] [1e3] [*]");
    check_keys("t:caf\xc3\xa9", "t: [caf\xc3\xa9]");
}

static void
check_long_form(void)
{
    RootRule rule;
    Diag diag = {0};

    ok(root_rule_parse(&rule, arena, " orders = id IN (42, 43) ", &diag), "a condition");
    ok(!rule.is_by_key && rule.rule.kind == RULE_ALL, "it is a rule");
    is_str(rule.rule.condition, "id IN (42, 43)", "the condition is kept");
    is_str(rule.pattern.text, "orders", "the pattern as well");
    is_str(rule.text, "orders = id IN (42, 43)", "and the text");
    is_int((int)rule.n_keys, 0, "it has no keys");
    ok(root_rule_parse(&rule, arena, "cust* = 20 where region = $$EU$$", &diag),
       "a count with a condition");
    is_int(rule.rule.count, 20, "the count");
    is_str(rule.rule.condition, "region = $$EU$$", "the condition");
    ok(root_rule_parse(&rule, arena, "t = a::int = 3", &diag) && !rule.is_by_key,
       "the = comes first");
    ok(root_rule_parse(&rule, arena, "\"S:x\".t = 5%", &diag) && !rule.is_by_key,
       "a colon in a name");
    diag_free(&diag);
}

static void
check_error(const char *argument, const char *message)
{
    RootRule rule;
    Diag diag = {0};

    ok(!root_rule_parse(&rule, arena, argument, &diag), "[%s] is refused", argument);
    is_str(diag.message, message, "with a message");
    ok(diag.hint != NULL, "and a hint");
    diag_free(&diag);
}

static void
check_errors(void)
{
    check_error("", "root rule (): the rule is empty");
    check_error("orders", "root rule (orders): there is neither a colon nor a = in it");
    check_error("42", "root rule (42): there is neither a colon nor a = in it");
    check_error("\"a:1", "root rule (\"a:1): unterminated double quote");
    check_error("t =", "root rule (t =): nothing follows the =");
    check_error("5 where a = 3",
                "root rule (5 where a = 3): there is no \"PATTERN =\" in it");
    check_error("age >= 18", "root rule (age >= 18): there is no \"PATTERN =\" before "
                             "the condition");
    check_error(":42", "root rule (:42): empty name in pattern \"\"");
    check_error("a.b.c:42", "root rule (a.b.c:42): too many dots in pattern \"a.b.c\"");
    check_error("ord*:42", "root rule (ord*:42): keys are of one table, which is named "
                           "without wildcards");
    check_error("*.t:42", "root rule (*.t:42): keys are of one table, which is named "
                          "without wildcards");
    check_error("t:", "root rule (t:): no key follows the colon");
    check_error("t:  ", "root rule (t:): no key follows the colon");
}

static void
check_key_errors(void)
{
    check_error("t:1,,3", "root rule (t:1,,3): key 2 lacks a value");
    check_error("t:1, ", "root rule (t:1,): key 2 lacks a value");
    check_error("t:()", "root rule (t:()): key 1 lacks a value");
    check_error("t:(1,)", "root rule (t:(1,)): key 1 lacks a value");
    check_error("t:(1", "root rule (t:(1): key 1 has a parenthesis that is not closed");
    check_error("t:(1,\"x\"",
                "root rule (t:(1,\"x\"): key 1 has a parenthesis that is not closed");
    check_error("t:1,2)", "root rule (t:1,2)): key 2 has a closing parenthesis too many");
    check_error("t:(1))", "root rule (t:(1))): key 1 has a closing parenthesis too many");
    check_error("t:)", "root rule (t:)): key 1 lacks a value");
    check_error("t:(1)2",
                "root rule (t:(1)2): key 1 goes on behind the closing parenthesis");
    check_error("t:a(1)", "root rule (t:a(1)): key 1 has a parenthesis or a double quote "
                          "in a value that is not in double quotes");
    check_error("t:1,a\"b", "root rule (t:1,a\"b): key 2 has a parenthesis or a double "
                            "quote in a value that is not in double quotes");
    check_error("t:((1))", "root rule (t:((1))): key 1 has a parenthesis or a double "
                           "quote in a value that is not in double quotes");
    check_error("t:\"a",
                "root rule (t:\"a): key 1 has a double quote that is not closed");
    check_error("t:1,\"a\"\"",
                "root rule (t:1,\"a\"\"): key 2 has a double quote that is not closed");
    check_error("t:\"a\" b",
                "root rule (t:\"a\" b): key 1 goes on behind the closing double quote");
    check_error("t:(1,2),3",
                "root rule (t:(1,2),3): key 2 has 1 value, but the first key has 2");
    check_error("t:1,(1,2)",
                "root rule (t:1,(1,2)): key 2 has 2 values, but the first key has 1");
}

static void
check_explain(void)
{
    RootRule rule;
    Diag diag = {0};

    ok(root_rule_parse_keys(&rule, arena, "orders:42", "--explain", &diag) &&
           rule.is_by_key && rule.n_keys == 1,
       "keys of another option");
    ok(!root_rule_parse_keys(&rule, arena, "orders = 42", "--explain", &diag),
       "the long form is refused");
    is_str(diag.message, "--explain (orders = 42): there is no colon behind the table",
           "with a message");
    diag_free(&diag);
    ok(!root_rule_parse_keys(&rule, arena, "orders:(42", "--explain", &diag),
       "and so are malformed keys");
    is_str(diag.message,
           "--explain (orders:(42): key 1 has a parenthesis that is not closed",
           "with the name of the option");
    diag_free(&diag);
}

/* Room is made once; many keys must not cost more than their text. */
static void
check_many_keys(void)
{
    const size_t n_keys = 200000;
    char *argument = mem_alloc(2 + n_keys * 6 + 1);
    size_t used = 2;
    RootRule rule;
    Diag diag = {0};

    memcpy(argument, "t:", 2);
    for (size_t i = 0; i < n_keys; i++, used += 6)
        memcpy(argument + used, "(1,2),", 6);
    argument[used - 1] = '\0';
    ok(root_rule_parse(&rule, arena, argument, &diag), "many keys");
    is_int((int)rule.n_keys, (int)n_keys, "all are there");
    is_str(rule.keys[n_keys - 1].values[1], "2", "to the last one");
    diag_free(&diag);
    free(argument);
}

int
main(void)
{
    arena = arena_new();
    check_short_form();
    check_long_form();
    check_errors();
    check_key_errors();
    check_explain();
    check_many_keys();
    arena_free(arena);
    return done_testing();
}
