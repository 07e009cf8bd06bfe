/* Parts of json values: paths, what becomes of leaves, and that all other bytes stay. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "mask_tester.h"
#include "tap.h"

static const char key_text[] = "0123456789abcdef0123456789abcdef";
static const MaskTarget json_target = {.type = MASK_TYPE_JSON};
static const MaskTarget hstore_target = {.type = MASK_TYPE_HSTORE};

static Arena *arena;
static MaskKey *key;
static PQExpBufferData out;

/* ---- maskers of rules */

typedef struct Rule
{
    const char *path;
    const char *mask;
} Rule;

enum
{
    MOST_RULES = 4
};

static Masker *
make_masker(const Rule *rules, const char *all, const MaskTarget *target, Diag *diag)
{
    MaskJsonRule *json_rules = ARENA_ARRAY(arena, MOST_RULES, MaskJsonRule);
    MaskSpec *specs = ARENA_ARRAY(arena, MOST_RULES + 1, MaskSpec);
    size_t n = 0;

    for (; rules != NULL && rules[n].path != NULL; n++)
    {
        if (!mask_spec_parse(&specs[n], arena, rules[n].mask, diag))
            return NULL;
        json_rules[n] = (MaskJsonRule){rules[n].path, &specs[n]};
    }
    if (all != NULL && !mask_spec_parse(&specs[MOST_RULES], arena, all, diag))
        return NULL;
    return masker_new_json(arena, json_rules, n, all != NULL ? &specs[MOST_RULES] : NULL,
                           target, key, diag);
}

/* NULL: it is refused. */
static const char *
apply(Masker *masker, const char *value)
{
    MaskInput input = {.value = {value, strlen(value)},
                       .canonical = {value, strlen(value)}};
    const char *problem;

    resetPQExpBuffer(&out);
    return masker_apply(masker, &input, &out, &problem) == MASK_DONE ? out.data : NULL;
}

static void
check(const Rule *rules, const char *all, const MaskTarget *target, const char *value,
      const char *expected)
{
    Diag diag = {0};
    Masker *masker = make_masker(rules, all, target, &diag);

    if (ok(masker != NULL, "%s: %s", value, masker == NULL ? diag.message : "a masker"))
        is_str(apply(masker, value), expected, "its mask");
    masker_free(masker);
    diag_free(&diag);
}

#define RULES(...) ((const Rule[]){__VA_ARGS__, {0}})

static void
check_paths(void)
{
    static const char value[] = "{\"a\": {\"b\": \"x\", \"c\": [\"y\", {\"b\": \"z\"}]},"
                                " \"a b\": \"u\", \"b\":1}";

    check(RULES({"$.a.b", "fixed 1"}), NULL, &json_target, value,
          "{\"a\": {\"b\": \"1\", \"c\": [\"y\", {\"b\": \"z\"}]}, \"a b\": \"u\", "
          "\"b\":1}");
    check(RULES({"$..b", "fixed F"}), NULL, &json_target, value,
          "{\"a\": {\"b\": \"F\", \"c\": [\"y\", {\"b\": \"F\"}]}, \"a b\": \"u\", "
          "\"b\":\"F\"}");
    check(RULES({"$.a.c[*].b", "fixed F"}), NULL, &json_target, value,
          "{\"a\": {\"b\": \"x\", \"c\": [\"y\", {\"b\": \"F\"}]}, \"a b\": \"u\", "
          "\"b\":1}");
    check(RULES({"$.a.c[0]", "fixed F"}), NULL, &json_target, value,
          "{\"a\": {\"b\": \"x\", \"c\": [\"F\", {\"b\": \"z\"}]}, \"a b\": \"u\", "
          "\"b\":1}");
    check(
        RULES({"$.\"a b\"", "fixed F"}, {"$.a.c", "null"}), NULL, &json_target, value,
        "{\"a\": {\"b\": \"x\", \"c\": [null, {\"b\": null}]}, \"a b\": \"F\", \"b\":1}");
    check(RULES({"$.a.b", "keep"}, {"$.a", "fixed F"}), NULL, &json_target, value,
          "{\"a\": {\"b\": \"x\", \"c\": [\"F\", {\"b\": \"F\"}]}, \"a b\": \"u\", "
          "\"b\":1}");
    check(RULES({"$.*", "fixed F"}), NULL, &json_target, "{\"a\":[1,\"2\"],\"b\":\"3\"}",
          "{\"a\":[\"F\",\"F\"],\"b\":\"F\"}");
    check(RULES({"$..[1]", "fixed F"}), NULL, &json_target,
          "[0,[1,2,[3,4]],{\"a\":[5,6]}]",
          "[0,[\"F\",\"F\",[\"F\",\"F\"]],{\"a\":[5,\"F\"]}]");
    check(RULES({"$", "fixed F"}), NULL, &json_target, " \"x\" ", " \"F\" ");
    check(RULES({"$.a..b.c", "fixed F"}), NULL, &json_target,
          "{\"a\":{\"b\":{\"b\":{\"c\":1}}},\"b\":{\"c\":2}}",
          "{\"a\":{\"b\":{\"b\":{\"c\":\"F\"}}},\"b\":{\"c\":2}}");
}

/* What is not named stays as it is written, and names are compared without escapes. */
static void
check_bytes(void)
{
    check(RULES({"$.a", "fixed F"}), NULL, &json_target,
          "{ \"a\" : 1 , \"a\":2,\"x\": 1.10, \"y\":1e400 ,\t\"z\":\"\\u00e4\\/\"}",
          "{ \"a\" : \"F\" , \"a\":\"F\",\"x\": 1.10, \"y\":1e400 ,"
          "\t\"z\":\"\\u00e4\\/\"}");
    check(RULES({"$.a", "fixed F"}), NULL, &json_target, "{\"\\u0061\":\"x\"}",
          "{\"\\u0061\":\"F\"}");
    check(RULES({"$.\"\\u00e4\"", "fixed F"}), NULL, &json_target,
          "{\"\xc3\xa4\":\"x\",\"\\u00E4\":1}", "{\"\xc3\xa4\":\"F\",\"\\u00E4\":\"F\"}");
    check(RULES({"$.a", "fixed 'a\"b\\c'"}), NULL, &json_target, "{\"a\":\"x\"}",
          "{\"a\":\"a\\\"b\\\\c\"}");
    check(RULES({"$.a", "fixed 7"}), NULL, &json_target, "[{\"a\":\"x\"},1,{\"a\":2}]",
          "[{\"a\":\"x\"},1,{\"a\":2}]");
    check(RULES({"$[*].a", "fixed 7"}), NULL, &json_target, "[{\"a\":\"x\"},1,{\"a\":2}]",
          "[{\"a\":\"7\"},1,{\"a\":7}]");
}

static void
check_leaves(void)
{
    check(RULES({"$.a", "null"}), NULL, &json_target, "{\"a\":[1,\"x\",true,null]}",
          "{\"a\":[null,null,null,null]}");
    check(RULES({"$.a", "fixed true"}), NULL, &json_target,
          "{\"a\":[1,\"x\",false,null]}", "{\"a\":[\"true\",\"true\",true,null]}");
    check(RULES({"$.a", "hash 8"}), NULL, &json_target,
          "{\"a\":[true,false,null,{}, []]}", "{\"a\":[true,false,null,{}, []]}");
    check(NULL, NULL, &json_target, "{\"a\":[1,\"x\"]}", "{\"a\":[1,\"x\"]}");
    check(NULL, "json all", &json_target, "[]", "[]");
    check(RULES({"$.status", "keep"}), "json all", &json_target,
          "{\"status\": \"new\", \"is_b\": true, \"c\": null, \"d\": \"\", \"e\": 0}",
          "{\"status\": \"new\", \"is_b\": true, \"c\": null, \"d\": \"\", \"e\": 0}");
}

/* Checks what one value of "x" becomes, or that it is refused. */
static void
check_one(const char *mask, const char *leaf, const char *expected)
{
    char *value = mem_format("{\"x\": %s}", leaf);
    char *masked = expected != NULL ? mem_format("{\"x\": %s}", expected) : NULL;

    check(RULES({"$.x", mask}), NULL, &json_target, value, masked);
    free(value);
    free(masked);
}

/* The type that the mask takes with these arguments. */
static void
check_types(void)
{
    check_one("bucket 10", "47", "40");
    check_one("bucket 10", "\"47\"", "\"40\"");
    check_one("bucket 10", "4.7e1", "40");
    check_one("bucket 10", "0.47e+2", "40");
    check_one("bucket 10", "4700E-2", "40.00");
    check_one("bucket 10", "-1e2", "-100");
    check_one("bucket 10", "1e301", NULL);
    check_one("bucket 10", "\"x\"", NULL);
    check_one("bucket 5y", "\"2024-05-06\"", "\"2020-01-01\"");
    check_one("bucket 5y", "\"2024-05-06T07:08:09\"", "\"2020-01-01T00:00:00\"");
    check_one("bucket 5y", "\"2024-05-06T07:08:09.5Z\"", "\"2020-01-01T00:00:00Z\"");
    check_one("bucket 5y", "47", NULL);
    check_one("pick a|a", "47", "\"a\"");
    check_one("pick 7|7", "47", "7");
    check_one("pick a|a", "\"x\"", "\"a\"");
}

/* With "in NAME" it is another one, as the column's is. */
static void
check_in(const char *other)
{
    MaskTester *column =
        mask_tester_new("email in shop", &(MaskTarget){.type = MASK_TYPE_TEXT}, key_text);
    char *expected =
        mem_format("{\"x\":\"%s\"}", mask_tester_apply(column, "ann@example.com"));

    ok(strcmp(expected, other) != 0, "%s is another one", expected);
    check(NULL, "json all in shop", &json_target, "{\"x\":\"ann@example.com\"}",
          expected);
    free(expected);
    mask_tester_free(column);
}

/* What a value becomes in a column with the mask, it becomes here. */
static void
check_same_as_column(void)
{
    MaskTester *column =
        mask_tester_new("email", &(MaskTarget){.type = MASK_TYPE_TEXT}, key_text);
    char *expected =
        mem_format("{\"x\":\"%s\"}", mask_tester_apply(column, "ann@example.com"));

    check(RULES({"$.x", "email"}), NULL, &json_target, "{\"x\":\"ann@example.com\"}",
          expected);
    check(RULES({"$.x", "email"}), NULL, &json_target,
          "{\"x\":\"ann\\u0040example.com\"}", expected);
    check(NULL, "json all", &json_target, "{\"x\":\"ann@example.com\"}", expected);
    check_in(expected);
    free(expected);
    mask_tester_free(column);
}

static void
check_refused_path(const char *path, const char *mask, const char *message)
{
    Diag diag = {0};
    Masker *masker = make_masker(RULES({path, mask}), NULL, &json_target, &diag);

    ok(masker == NULL, "%s = %s is refused", path, mask);
    is_str(diag.message, message, "its message");
    masker_free(masker);
    diag_free(&diag);
}

static void
check_refusals(void)
{
    static const char *const damaged[] = {"",
                                          "{",
                                          "}",
                                          "{\"a\"",
                                          "{\"a\":",
                                          "{\"a\":1,}",
                                          "[1,]",
                                          "[1 2]",
                                          "\"a",
                                          "tru",
                                          "01",
                                          "1.",
                                          "-",
                                          "[1}",
                                          "{\"a\":1 \"b\":2}",
                                          "1 2",
                                          "{1:2}",
                                          "[\"a\\",
                                          "{\"a\":\"\\u00",
                                          "]",
                                          "{\"a\",1}"};
    Diag diag = {0};
    Masker *masker = make_masker(NULL, "json all", &json_target, &diag);

    for (size_t i = 0; i < sizeof(damaged) / sizeof(damaged[0]); i++)
        is_str(apply(masker, damaged[i]), NULL, "[%s] is refused", damaged[i]);
    masker_free(masker);
    check_refused_path(
        "a.b", "email",
        "\"a.b\" is not a path into a json value: it does not begin with $");
    check_refused_path("$.a[x]", "email",
                       "\"$.a[x]\" is not a path into a json value: a step is wrong");
    check_refused_path("$.", "email",
                       "\"$.\" is not a path into a json value: a step is wrong");
    check_refused_path("$.a", "sql(upper(a))",
                       "mask \"sql\" is not one for parts of json values");
}

/* As deep as it may be, without recursion. */
static void
check_deep(void)
{
    enum
    {
        DEPTH = 200000
    };
    Diag diag = {0};
    Masker *masker = make_masker(RULES({"$..a", "fixed F"}), NULL, &json_target, &diag);
    char *value = mem_alloc(DEPTH * 6 + 2);
    size_t length = 0;

    for (int i = 0; i < DEPTH; i++, length += 5)
        memcpy(value + length, "{\"a\":", 5);
    value[length++] = '1';
    memset(value + length, '}', DEPTH);
    value[length + DEPTH] = '\0';
    ok(apply(masker, value) != NULL, "a value of %d levels", DEPTH);
    ok(strstr(out.data, "\"F\"") != NULL, "is masked at its end");
    free(value);
    masker_free(masker);
}

/* An integer of a column cannot be so large; the first digits of a phone number stay. */
static void
check_large(void)
{
    (void)alarm(60); /* it could be searched for one that is smaller, without end */
    check_one("phone", "9991234567890123456", "9993270033324206485");
    check_one("phone", "-9991234567890123456", "-9993270033324206485");
    check_one("phone", "\"9991234567890123456\"", "\"9993270033324206485\"");
    (void)alarm(0);
}

static void
check_hstore(void)
{
    check(RULES({"$.a", "fixed F"}), NULL, &hstore_target,
          "\"a\"=>\"x\", \"b\"=>\"y\", \"c\"=>NULL",
          "\"a\"=>\"F\", \"b\"=>\"y\", \"c\"=>NULL");
    check(RULES({"$.\"a \\\"b\"", "fixed 'x\"\\y'"}), NULL, &hstore_target,
          "\"a \\\"b\"=>\"\\\\\"", "\"a \\\"b\"=>\"x\\\"\\\\y\"");
    check(RULES({"$.a", "null"}), NULL, &hstore_target, "\"a\"=>\"x\"", "\"a\"=>NULL");
    check(NULL, "json all", &hstore_target, "", "");
    check(NULL, "json all", &hstore_target, "\"a\"=>", NULL);
    check(NULL, "json all", &hstore_target, "\"a\"=>\"x\",", NULL);
}

int
main(void)
{
    arena = arena_new();
    key = mask_key_new(key_text, strlen(key_text));
    initPQExpBuffer(&out);
    check_paths();
    check_bytes();
    check_leaves();
    check_same_as_column();
    check_types();
    check_refusals();
    check_deep();
    check_large();
    check_hstore();
    termPQExpBuffer(&out);
    mask_key_free(key);
    arena_free(arena);
    return done_testing();
}
