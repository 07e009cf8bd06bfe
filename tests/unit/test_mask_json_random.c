/*
 * Random json values beside an oracle: whoever writes the value knows the path of each
 * string and number, and writes what must become of it next to it, byte for byte.
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "mask_tester.h"
#include "tap.h"

enum
{
    N_VALUES = 10000, /* of each set of rules */
    DEEPEST = 6,
    MOST_RULES = 4,
    MOST_STEPS = 6
};

static const char key_text[] = "0123456789abcdef0123456789abcdef";

/* A rule; its path once more as steps: ".name", ".*", "[1]", "[*]", ".." before one. */
typedef struct Rule
{
    const char *path;
    const char *steps[MOST_STEPS];
    const char *mask;
} Rule;

static const Rule rule_sets[][MOST_RULES] = {
    {{"$.a", {".a"}, "email"}},
    {{"$.a.b", {".a", ".b"}, "email"}, {"$.a", {".a"}, "keep"}},
    {{"$.a[*].b", {".a", "[*]", ".b"}, "hash 10"}, {"$[0]", {"[0]"}, "email"}},
    {{"$..email", {"..", ".email"}, "email"}, {"$.*.a", {".*", ".a"}, "null"}},
    {{"$..a.b", {"..", ".a", ".b"}, "fixed F"},
     {"$.a..[1]", {".a", "..", "[1]"}, "hash 10"},
     {"$.\"a \\u00e4\"", {".a \xc3\xa4"}, "email"}},
    {{"$..b..a", {"..", ".b", "..", ".a"}, "email"}, {"$..*", {"..", ".*"}, "hash 10"}},
    {{"$..[*]", {"..", "[*]"}, "keep"}, {"$", {NULL}, "email"}},
};

enum
{
    N_SETS = sizeof(rule_sets) / sizeof(rule_sets[0])
};

typedef struct Oracle
{
    const Rule *rules;
    MaskTester *columns[MOST_RULES];
    uint64_t seed;
    PQExpBufferData text;
    PQExpBufferData expected;
    const char *path[DEEPEST + 2]; /* to where it is; NULL behind it */
    char indexes[DEEPEST + 2][16];
    int n_masked;
} Oracle;

static unsigned
draw(Oracle *oracle, unsigned n)
{
    oracle->seed =
        oracle->seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(oracle->seed >> 33) % n;
}

/* ---- which rule */

static bool
is_step(const char *step, const char *at)
{
    return step[0] == at[0] && (strcmp(step + 1, "*") == 0 ||
                                strcmp(step + 1, "*]") == 0 || strcmp(step, at) == 0);
}

/* Do the steps lead there, or to what it is in? */
static bool
leads_to(const char *const *steps, const char *const *path)
{
    if (*steps == NULL)
        return true;
    if (strcmp(*steps, "..") != 0)
        return *path != NULL && is_step(*steps, *path) && leads_to(steps + 1, path + 1);
    for (; *path != NULL; path++)
    {
        if (is_step(steps[1], *path) && leads_to(steps + 2, path + 1))
            return true;
    }
    return false;
}

static int
find_rule(const Oracle *oracle)
{
    for (int i = 0; i < MOST_RULES && oracle->rules[i].path != NULL; i++)
    {
        if (leads_to(oracle->rules[i].steps, oracle->path))
            return i;
    }
    return -1;
}

/* ---- writing */

static void
write_both(Oracle *oracle, const char *text)
{
    appendPQExpBufferStr(&oracle->text, text);
    appendPQExpBufferStr(&oracle->expected, text);
}

static void
write_blanks(Oracle *oracle)
{
    static const char *const blanks[] = {"", "", "", " ", "\n", "\t ", "\r\n"};

    write_both(oracle, blanks[draw(oracle, 7)]);
}

/* What is written, what it means, and whether it is a string. */
typedef struct Leaf
{
    const char *text;
    const char *value;
    bool is_string;
} Leaf;

static const Leaf leaves[] = {
    {"\"x\"", "x", true},
    {"\"\"", "", true},
    {"\"ann@example.com\"", "ann@example.com", true},
    {"\"a\\\"b\\\\c\\/d\"", "a\"b\\c/d", true},
    {"\"\\u0041\\u00e4\\n\"", "A\xc3\xa4\n", true},
    {"\"\\ud83d\\udc18 \xe6\x97\xa5\"", "\xf0\x9f\x90\x98 \xe6\x97\xa5", true},
    {"\"{[,:]}\"", "{[,:]}", true},
    {"\"null\"", "null", true},
    {"0", "0", false},
    {"-1", "-1", false},
    {"1.10", "1.1", false},
    {"12345678901234567", "12345678901234567", false},
    {"1.000", "1", false},
    {"2.5e-3", "2.5e-3", false},
    {"true", NULL, false},
    {"false", NULL, false},
    {"null", NULL, false},
};

static void
write_masked(Oracle *oracle, const Leaf *leaf, int rule)
{
    const char *mask = oracle->rules[rule].mask;

    oracle->n_masked++;
    if (strcmp(mask, "null") == 0)
        appendPQExpBufferStr(&oracle->expected, "null");
    else if (leaf->value != NULL)
        appendPQExpBuffer(&oracle->expected, "\"%s\"",
                          mask_tester_apply(oracle->columns[rule], leaf->value));
    else if (strncmp(mask, "fixed", 5) == 0 && strcmp(leaf->text, "null") != 0)
        appendPQExpBufferStr(&oracle->expected, "\"F\"");
    else
        appendPQExpBufferStr(&oracle->expected, leaf->text);
}

static void
write_leaf(Oracle *oracle)
{
    const Leaf *leaf = &leaves[draw(oracle, sizeof(leaves) / sizeof(leaves[0]))];
    int rule = find_rule(oracle);

    appendPQExpBufferStr(&oracle->text, leaf->text);
    if (rule < 0 || strcmp(oracle->rules[rule].mask, "keep") == 0)
        appendPQExpBufferStr(&oracle->expected, leaf->text);
    else
        write_masked(oracle, leaf, rule);
}

static void
write_name(Oracle *oracle, int depth)
{
    static const char *const names[][2] = {
        {"\"a\"", ".a"},
        {"\"b\"", ".b"},
        {"\"email\"", ".email"},
        {"\"\\u0061\"", ".a"},
        {"\"c\"", ".c"},
        {"\"a \\u00e4\"", ".a \xc3\xa4"},
        {"\"a \xc3\xa4\"", ".a \xc3\xa4"},
        {"\"e\\u006Dail\"", ".email"},
        {"\"\"", "."},
    };
    unsigned i = draw(oracle, sizeof(names) / sizeof(names[0]));

    write_both(oracle, names[i][0]);
    write_blanks(oracle);
    write_both(oracle, ":");
    oracle->path[depth] = names[i][1];
}

static void write_value(Oracle *oracle, int depth);

/* With brackets or braces, and up to three elements or members. */
static void
write_container(Oracle *oracle, int depth, bool is_object)
{
    unsigned n = draw(oracle, 4);

    write_both(oracle, is_object ? "{" : "[");
    for (unsigned i = 0; i < n; i++)
    {
        if (i > 0)
            write_both(oracle, ",");
        write_blanks(oracle);
        if (is_object)
            write_name(oracle, depth);
        else
        {
            memcpy(oracle->indexes[depth], (char[]){'[', (char)('0' + i), ']', '\0'}, 4);
            oracle->path[depth] = oracle->indexes[depth];
        }
        oracle->path[depth + 1] = NULL;
        write_value(oracle, depth + 1);
    }
    oracle->path[depth] = NULL;
    write_blanks(oracle);
    write_both(oracle, is_object ? "}" : "]");
}

static void
write_value(Oracle *oracle, int depth)
{
    unsigned kind = draw(oracle, 5);

    write_blanks(oracle);
    if (depth < DEEPEST && kind < 4 && (depth < 2 || kind < 3))
        write_container(oracle, depth, kind % 2 == 0);
    else
        write_leaf(oracle);
    write_blanks(oracle);
}

/* ---- checking */

static Masker *
make_json_masker(const Oracle *oracle, Arena *arena, MaskKey *key)
{
    static const MaskTarget target = {.type = MASK_TYPE_JSON};
    MaskJsonRule *rules = ARENA_ARRAY(arena, MOST_RULES, MaskJsonRule);
    Diag diag = {0};
    size_t n = 0;

    for (; n < MOST_RULES && oracle->rules[n].path != NULL; n++)
        rules[n] = (MaskJsonRule){oracle->rules[n].path, &oracle->columns[n]->spec};
    return masker_new_json(arena, rules, n, NULL, &target, key, &diag);
}

/* Is it json in the eyes of another reader? */
static bool
is_json(const PQExpBufferData *text)
{
    json_error_t error;
    json_t *root = json_loadb(text->data, text->len, JSON_DECODE_ANY, &error);

    json_decref(root);
    return root != NULL;
}

/* Counts values whose mask is another than the oracle's, and prints the first. */
static int
count_wrong(Oracle *oracle, Masker *masker)
{
    PQExpBufferData out;
    int n_wrong = 0;

    initPQExpBuffer(&out);
    for (int i = 0; i < N_VALUES; i++)
    {
        MaskInput input = {0};
        const char *problem = "";
        MaskResult result;

        resetPQExpBuffer(&oracle->text);
        resetPQExpBuffer(&oracle->expected);
        resetPQExpBuffer(&out);
        oracle->path[0] = NULL;
        write_value(oracle, 0);
        input.value = (MaskValue){oracle->text.data, oracle->text.len};
        input.canonical = input.value;
        result = masker_apply(masker, &input, &out, &problem);
        if (result == MASK_DONE && strcmp(out.data, oracle->expected.data) == 0 &&
            is_json(&out))
            continue;
        if (n_wrong++ == 0)
            is_str(out.data, oracle->expected.data, "%s (%s)", oracle->text.data,
                   problem);
    }
    termPQExpBuffer(&out);
    return n_wrong;
}

static void
check_set(const Rule *rules, unsigned number)
{
    static const MaskTarget text_target = {.type = MASK_TYPE_TEXT, .is_nullable = true};
    Oracle oracle = {.rules = rules, .seed = number};
    Arena *arena = arena_new();
    MaskKey *key = mask_key_new(key_text, strlen(key_text));
    Masker *masker;

    initPQExpBuffer(&oracle.text);
    initPQExpBuffer(&oracle.expected);
    for (int i = 0; i < MOST_RULES && rules[i].path != NULL; i++)
        oracle.columns[i] = mask_tester_new(rules[i].mask, &text_target, key_text);
    masker = make_json_masker(&oracle, arena, key);
    if (ok(masker != NULL, "set %u of rules", number))
        is_int(count_wrong(&oracle, masker), 0, "%s: values are masked as they must be",
               rules[0].path);
    ok(oracle.n_masked > N_VALUES / 100, "%d parts were masked", oracle.n_masked);
    masker_free(masker);
    for (int i = 0; i < MOST_RULES && oracle.columns[i] != NULL; i++)
        mask_tester_free(oracle.columns[i]);
    termPQExpBuffer(&oracle.text);
    termPQExpBuffer(&oracle.expected);
    mask_key_free(key);
    arena_free(arena);
}

int
main(void)
{
    for (unsigned i = 0; i < N_SETS; i++)
        check_set(rule_sets[i], i);
    return done_testing();
}
