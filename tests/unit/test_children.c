#include "model/children.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "tap.h"

static Arena *arena;

static void
check_rank(const char *text, const char *schema, const char *table,
           const char *constraint, FkRank expected)
{
    Pattern pattern;
    Diag diag = {0};

    ok(pattern_parse(&pattern, arena, text, &diag), "%s is a pattern", text);
    is_int(children_rank_pattern(&pattern, schema, table, constraint), expected,
           "%s for %s of %s.%s", text, constraint != NULL ? constraint : "a reference",
           schema, table);
    diag_free(&diag);
}

static void
check_ranks(void)
{
    check_rank("orders", "shop", "orders", "orders_fk", FK_RANK_TABLE);
    check_rank("shop.orders", "shop", "orders", "orders_fk", FK_RANK_TABLE);
    check_rank("public.orders", "shop", "orders", "orders_fk", FK_RANK_NONE);
    check_rank("orders_fk", "shop", "orders", "orders_fk", FK_RANK_CONSTRAINT);
    check_rank("shop.orders_fk", "shop", "orders", "orders_fk", FK_RANK_CONSTRAINT);
    check_rank("orders.orders_fk", "shop", "orders", "orders_fk", FK_RANK_CONSTRAINT);
    check_rank("items.orders_fk", "shop", "orders", "orders_fk", FK_RANK_NONE);
    check_rank("ord*", "shop", "orders", "orders_fk", FK_RANK_WILDCARD);
    check_rank("*_fk", "shop", "orders", "orders_fk", FK_RANK_WILDCARD);
    check_rank("orders.*", "shop", "orders", "orders_fk", FK_RANK_WILDCARD);
    check_rank("*", "shop", "orders", "orders_fk", FK_RANK_WILDCARD);
    check_rank("*.orders", "shop", "orders", "orders_fk", FK_RANK_TABLE);
    check_rank("Orders_FK", "shop", "orders", "orders_fk", FK_RANK_CONSTRAINT);
    check_rank("\"Orders_FK\"", "shop", "orders", "orders_fk", FK_RANK_NONE);
    check_rank("orders", "shop", "orders", "orders", FK_RANK_CONSTRAINT);
    check_rank("orders", "shop", "orders", NULL, FK_RANK_TABLE);
    check_rank("orders.*", "shop", "orders", NULL, FK_RANK_NONE);
    check_rank("*", "shop", "orders", NULL, FK_RANK_WILDCARD);
}

/* Parses the argument; the rules must be those described, joined by " | ". */
static void
check_rules(const char *argument, const char *expected)
{
    ChildrenRules list = {0};
    Diag diag = {0};
    char found[1024] = "";

    if (!children_append(&list, arena, argument, &diag))
        snprintf(found, sizeof(found), "error: %s", diag.message);
    for (size_t i = 0; diag.message == NULL && i < list.n_rules; i++)
    {
        size_t used = strlen(found);

        snprintf(found + used, sizeof(found) - used, "%s%s: %lld", i > 0 ? " | " : "",
                 list.rules[i].pattern.text, (long long)list.rules[i].cap);
    }
    is_str(found, expected, "%s", argument);
    children_free(&list);
    diag_free(&diag);
}

static void
check_lists(void)
{
    check_rules("orders = 5", "orders: 5");
    check_rules("orders=*,s.items = 0 , *=9", "orders: -1 | s.items: 0 | *: 9");
    check_rules("\"Order Items\" = 5, \"a=b,c\" = *",
                "\"Order Items\": 5 | \"a=b,c\": -1");
    check_rules("\"\"\"Order Items\"\" = 5\",*=3", "\"Order Items\": 5 | *: 3");
    check_rules("t = 9223372036854775807", "t: 9223372036854775807");
    check_rules("orders.orders_customer_fk = 007", "orders.orders_customer_fk: 7");
}

static void
check_error(const char *argument, const char *message)
{
    ChildrenRules list = {0};
    Diag diag = {0};

    ok(!children_append(&list, arena, argument, &diag), "[%s] is refused", argument);
    is_str(diag.message, message, "with a message");
    ok(diag.hint != NULL, "and a hint");
    children_free(&list);
    diag_free(&diag);
}

static void
check_errors(void)
{
    check_error("", "children rule 1 (): the rule is empty");
    check_error("a = 1,", "children rule 2 (): the rule is empty");
    check_error("5", "children rule 1 (5): there is no \"PATTERN =\" in it");
    check_error("*", "children rule 1 (*): there is no \"PATTERN =\" in it");
    check_error("a = 1, \"b = 2", "children rule 2 (\"b = 2): unterminated double quote");
    check_error("a > 5", "children rule 1 (a > 5): there is no \"PATTERN =\" in it");
    check_error(
        "a >= 5",
        "children rule 1 (a >= 5): there is no \"PATTERN =\" before the condition");
    check_error("= 5", "children rule 1 (= 5): empty name in pattern \"\"");
    check_error("a =", "children rule 1 (a =): nothing follows the =");
    check_error("a = 5%",
                "children rule 1 (a = 5%): a number of children cannot be a percent");
    check_error("a = 5 % where x",
                "children rule 1 (a = 5 % where x): a number of children cannot be a "
                "percent");
    check_error("a = -1",
                "children rule 1 (a = -1): a number of children cannot be negative");
    check_error("a = 1.5", "children rule 1 (a = 1.5): a number of children must be a "
                           "whole number");
    check_error(
        "a = 5 where x",
        "children rule 1 (a = 5 where x): only a number, * or 0 can follow the =");
    check_error("a = x > 3",
                "children rule 1 (a = x > 3): only a number, * or 0 can follow the =");
    check_error("a = 9223372036854775808",
                "children rule 1 (a = 9223372036854775808): the number is too large");
}

static void
check_cap(ChildrenRules *list, const char *table, const char *constraint, int expected)
{
    Diag diag = {0};
    int64_t cap = -2;

    ok(children_find_cap(list, "shop", table, constraint, &cap, &diag),
       "a cap for %s of %s", constraint != NULL ? constraint : "a reference", table);
    is_int(cap, expected, "it is %d", expected);
    diag_free(&diag);
}

static void
check_caps(const char *argument)
{
    ChildrenRules list = {0};
    Diag diag = {0};

    ok(children_append(&list, arena, argument, &diag), "%s", argument);
    check_cap(&list, "items", "items_order_fk", 7);
    check_cap(&list, "items", "items_product_fk", 5);
    check_cap(&list, "items", NULL, 5);
    check_cap(&list, "events", "events_order_fk", 9);
    check_cap(&list, "customers", "customers_region_fk", -1);
    for (size_t i = 0; i < list.n_rules; i++)
        is_int(list.rules[i].is_used, strstr(list.rules[i].text, "never") == NULL,
               "use of %s is marked", list.rules[i].text);
    children_free(&list);
    diag_free(&diag);
}

static void
check_conflict(const char *argument, const char *constraint, const char *message)
{
    ChildrenRules list = {0};
    Diag diag = {0};
    int64_t cap;

    ok(children_append(&list, arena, argument, &diag), "%s", argument);
    ok(!children_find_cap(&list, "shop", "items", constraint, &cap, &diag),
       "is a conflict");
    is_str(diag.message, message, "with a message");
    ok(diag.hint != NULL, "and a hint");
    children_free(&list);
    diag_free(&diag);
}

static void
check_conflicts(void)
{
    check_conflict("items = 5, shop.items = 6", "f",
                   "conflicting children rules for foreign key \"f\" of shop.items: "
                   "\"items = 5\" and \"shop.items = 6\"");
    check_conflict("f = 1, items = 5, items.f = *", "f",
                   "conflicting children rules for foreign key \"f\" of shop.items: "
                   "\"f = 1\" and \"items.f = *\"");
    check_conflict("f = 1, i* = 5, * = 3", NULL,
                   "conflicting children rules for the declared reference of shop.items: "
                   "\"i* = 5\" and \"* = 3\"");
}

int
main(void)
{
    arena = arena_new();
    check_ranks();
    check_lists();
    check_errors();
    check_caps("items = 5, items_order_fk = 7, *_order_fk = 9, never = 1, items = 5");
    check_caps("never = 1, *_order_fk = 9, shop.*_order_fk = 9, items_order_fk = 7, "
               "items = 5, shop.items_order_fk = 7, ev*_order_fk = 9");
    check_conflicts();
    arena_free(arena);
    return done_testing();
}
