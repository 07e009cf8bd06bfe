#include "model/pattern.h"

#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "tap.h"

static Arena *arena;

static void
check_match(const char *text, const char *schema, const char *name, bool expected)
{
    Pattern pattern;
    Diag diag = {0};

    ok(pattern_parse(&pattern, arena, text, &diag) &&
           pattern_matches(&pattern, schema, name) == expected,
       "%s %s %s.%s", text, expected ? "matches" : "does not match", schema, name);
    diag_free(&diag);
}

static void
check_matches(void)
{
    check_match("users", "public", "users", true);
    check_match("users", "other", "users", true);
    check_match("USERS", "public", "users", true);
    check_match("users", "public", "Users", false);
    check_match("users", "public", "users2", false);
    check_match("public.users", "public", "users", true);
    check_match("public.users", "other", "users", false);
    check_match("*.users", "other", "users", true);
    check_match("forums.*", "forums", "posts", true);
    check_match("FORUMS.*", "forums", "posts", true);
    check_match("forums.*", "public", "posts", false);
    check_match("p?sts", "public", "posts", true);
    check_match("p?sts", "public", "psts", false);
    check_match("*_log", "public", "audit_log", true);
    check_match("*", "public", ".hidden/name", true);
    check_match("2fa_codes", "public", "2fa_codes", true);
    check_match("Order Items", "public", "order items", true);
}

static void
check_quotes(void)
{
    check_match("\"Order Items\"", "public", "Order Items", true);
    check_match("\"Order Items\"", "public", "order items", false);
    check_match("\"S\".t", "S", "t", true);
    check_match("\"S\".t", "s", "t", false);
    check_match("s.\"T\"", "s", "T", true);
    check_match("FOO\"BAR\"baZ", "public", "fooBARbaz", true);
    check_match("\"a.b\"", "public", "a.b", true);
    check_match("\"a.b\".\"c.d\"", "a.b", "c.d", true);
    check_match("\"say \"\"hi\"\"\"", "public", "say \"hi\"", true);
    check_match("\"a*\"", "public", "a*", true);
    check_match("\"a*\"", "public", "ab", false);
    check_match("\"a?\"", "public", "ab", false);
    check_match("\"a\"*", "public", "ab", true);
    check_match("a[bc]", "public", "a[bc]", true);
    check_match("a[bc]", "public", "ab", false);
    check_match("\"[!a]\"", "public", "b", false);
    check_match("a\\b", "public", "a\\b", true);
    check_match("\"a\\*\"", "public", "a\\*", true);
    check_match("\"a\\*\"", "public", "a*", false);
    check_match("tab\xc3\x84", "public", "tab\xc3\x84", true);
}

static void
check_literal(const char *text, bool expected)
{
    Pattern pattern;
    Diag diag = {0};

    ok(pattern_parse(&pattern, arena, text, &diag) && pattern.is_literal == expected,
       "%s is %s", text, expected ? "literal" : "not literal");
    is_str(pattern.text, text, "the text of %s is kept", text);
    diag_free(&diag);
}

static void
check_literals(void)
{
    check_literal("orders_2024", true);
    check_literal("*.orders_2024", true);
    check_literal("\"a*?\"", true);
    check_literal("orders_*", false);
    check_literal("s.orders_202?", false);
    check_literal("*", false);
}

static void
check_exact(const char *text, bool expected)
{
    Pattern pattern;
    Diag diag = {0};

    ok(pattern_parse(&pattern, arena, text, &diag) && pattern.is_exact == expected,
       "%s is %s", text, expected ? "exact" : "not exact");
    diag_free(&diag);
}

static void
check_exact_patterns(void)
{
    check_exact("orders", true);
    check_exact("shop.orders", true);
    check_exact("\"s*\".\"o?\"", true);
    check_exact("*.orders", false);
    check_exact("s?op.orders", false);
    check_exact("shop.ord*", false);
}

static void
check_error(const char *text, const char *message)
{
    Pattern pattern;
    Diag diag = {0};

    ok(!pattern_parse(&pattern, arena, text, &diag), "%s is refused", text);
    is_str(diag.message, message, "with a message");
    ok(diag.hint != NULL, "and a hint");
    diag_free(&diag);
}

static void
check_errors(void)
{
    check_error("", "empty name in pattern \"\"");
    check_error("\"\"", "empty name in pattern \"\"\"\"");
    check_error("s.", "empty name in pattern \"s.\"");
    check_error(".t", "empty name in pattern \".t\"");
    check_error("db.s.t", "too many dots in pattern \"db.s.t\"");
    check_error("\"Orders", "unterminated double quote in pattern \"Orders");
    check_error("s.\"a\"\"", "unterminated double quote in pattern s.\"a\"\"");
}

static void
check_schemas(void)
{
    Pattern pattern;
    Diag diag = {0};

    ok(pattern_parse_schema(&pattern, arena, "App_*", &diag), "a pattern for schemas");
    ok(pattern.schema == NULL, "it has no schema part");
    ok(pattern_matches_schema(&pattern, "app_one"), "it matches");
    ok(!pattern_matches_schema(&pattern, "App_one"), "it is folded");
    ok(pattern_parse_schema(&pattern, arena, "\"a.b\"", &diag), "a quoted dot");
    ok(pattern_matches_schema(&pattern, "a.b") && pattern.is_literal, "it matches");
    ok(!pattern_parse_schema(&pattern, arena, "a.b", &diag), "no dot without quotes");
    ok(diag.hint != NULL && strstr(diag.hint, "schema") != NULL, "says what is allowed");
    diag_free(&diag);
}

int
main(void)
{
    arena = arena_new();
    check_matches();
    check_quotes();
    check_literals();
    check_exact_patterns();
    check_errors();
    check_schemas();
    arena_free(arena);
    return done_testing();
}
