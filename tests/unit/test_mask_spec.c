/* The right side of rules: names of masks and their arguments. */
#include <string.h>

#include "mask/mask_kind.h"
#include "tap.h"

static Arena *arena;

static MaskSpec
parse(const char *text)
{
    MaskSpec spec = {0};
    Diag diag = {0};

    ok(mask_spec_parse(&spec, arena, text, &diag), "[%s] is a mask", text);
    is_str(diag.message, NULL, "without a message");
    diag_free(&diag);
    return spec;
}

static void
check_spec(const char *text, const char *kind, const char *function, const char *by)
{
    MaskSpec spec = parse(text);

    is_str(spec.kind->name, kind, "its kind");
    is_str(spec.function, function, "its function");
    is_str(spec.by_column, by, "its column");
}

static void
check_error(const char *text, const char *message, const char *hint)
{
    MaskSpec spec;
    Diag diag = {0};

    ok(!mask_spec_parse(&spec, arena, text, &diag), "[%s] is refused", text);
    is_str(diag.message, message, "with a message");
    is_str(diag.hint, hint, "and a hint");
    diag_free(&diag);
}

static void
check_same(const char *a, const char *b, bool is_same)
{
    MaskSpec first = parse(a);
    MaskSpec second = parse(b);

    is_int(mask_spec_is_same(&first, &second), is_same, "[%s] and [%s]", a, b);
}

static void
check_specs(void)
{
    check_spec("keep", "keep", "", NULL);
    check_spec(" \tKeep\n", "keep", "", NULL);
    check_spec("hash", "hash", "16", NULL);
    check_spec("hash 016 in 'their place'", "hash", "16 in 'their place'", NULL);
    check_spec("uuid in Crm", "uuid", " in 'Crm'", NULL);
    check_spec("fixed 'it''s'", "fixed", "'it''s'", NULL);
    check_spec("fixed \"a b\"", "fixed", "'a b'", NULL);
    check_spec("fixed 'in'", "fixed", "'in'", NULL);
    check_spec("fixed '|'", "fixed", "'|'", NULL);
    check_spec("fixed ''", "fixed", "''", NULL);
    is_str(parse("fixed O'Neil").arguments, "O'Neil", "an apostrophe in a word");
    is_str(parse(" keep ").text, "keep", "the text without blanks around it");
    is_str(parse("sql (a || ')')").sql, "a || ')'", "the text of an expression");
    ok(mask_spec_is_keep(&(MaskSpec){.kind = mask_kinds_find("keep")}), "keep is keep");
    ok(!mask_spec_is_keep(&(MaskSpec){.kind = mask_kinds_find("null")}), "null is not");
}

static void
check_errors(void)
{
    check_error("", "the name of a mask is missing", "--mask-list prints all masks.");
    check_error("hahs", "there is no mask \"hahs\"",
                "Did you mean \"hash\"? --mask-list prints all masks.");
    check_error("frobnicate", "there is no mask \"frobnicate\"",
                "--mask-list prints all masks.");
    check_error("keep it", "mask \"keep\" does not take the argument \"it\"",
                "Write \"keep\" alone.");
    check_error("fixed", "mask \"fixed\" lacks an argument", "Write \"fixed VALUE\".");
    check_error("fixed a b", "mask \"fixed\" does not take the argument \"b\"",
                "Write \"fixed VALUE\".");
    check_error("hash 65", "mask \"hash\" does not take the argument \"65\"",
                "Write \"hash [N]\", where N is from 1 to 64.");
    check_error("hash -1", "mask \"hash\" does not take the argument \"-1\"",
                "Write \"hash [N]\", where N is from 1 to 64.");
    check_error("fixed 'a", "unterminated quote in the mask",
                "A quote within quotes is written twice.");
    check_error("hash in", "mask has a word \"in\" with nothing behind it",
                "Write \"in NAME\" or \"by COLUMN\", or the word in quotes if it is an "
                "argument.");
    check_error("hash in a in b", "mask has a word \"in\" twice",
                "Write \"in NAME\" or \"by COLUMN\", or the word in quotes if it is an "
                "argument.");
    check_error("hash by customer_id", "mask \"hash\" does not take the argument \"by\"",
                "Write \"hash [N]\".");
    check_error("sql", "mask \"sql\" lacks an expression in parentheses",
                "Write \"sql(EXPRESSION)\".");
    check_error("sql()", "mask \"sql\" lacks an expression in parentheses",
                "Write \"sql(EXPRESSION)\".");
    check_error("sql(", "mask \"sql\" lacks an expression in parentheses",
                "Write \"sql(EXPRESSION)\".");
    check_error("sql(a) x", "mask \"sql\" lacks an expression in parentheses",
                "Write \"sql(EXPRESSION)\".");
}

static void
check_equality(void)
{
    check_same("hash", "hash 16", true);
    check_same("hash", "hash 12", false);
    check_same("hash", "uuid", false);
    check_same("hash in a", "hash in 'a'", true);
    check_same("hash in a", "hash", false);
    check_same("fixed 'in a'", "fixed 'in' in a", false);
    check_same("sql(a)", "sql(b)", false);
    check_same("sql(a)", "sql(a)", true);
}

int
main(void)
{
    arena = arena_new();
    check_specs();
    check_errors();
    check_equality();
    arena_free(arena);
    return done_testing();
}
