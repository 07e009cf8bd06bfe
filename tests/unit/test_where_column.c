#include "model/where_column.h"

#include "base/arena.h"
#include "base/diag.h"
#include "tap.h"

static Arena *arena;

static void
check_condition(const char *argument, const char *column, const char *condition)
{
    WhereColumn where;
    Diag diag = {0};

    ok(where_column_parse(&where, arena, argument, &diag), "[%s] is accepted", argument);
    is_str(diag.message, NULL, "without a message");
    is_str(where.column, column, "the column");
    is_str(where.condition, condition, "the condition");
    diag_free(&diag);
}

static void
check_conditions(void)
{
    check_condition("tenant_id = 7", "tenant_id", "tenant_id = 7");
    check_condition(" Tenant_ID=7\n", "tenant_id", "Tenant_ID=7");
    check_condition("\"Tenant\" IN (1, 2)", "Tenant", "\"Tenant\" IN (1, 2)");
    check_condition("\"a \"\"b\"\" = c\"='x'", "a \"b\" = c", "\"a \"\"b\"\" = c\"='x'");
    check_condition("\"not\" = 1", "not", "\"not\" = 1");
    check_condition("notes IS NULL", "notes", "notes IS NULL");
    check_condition("_a$1::text = '7'", "_a$1", "_a$1::text = '7'");
    check_condition("tags[1] = 3", "tags", "tags[1] = 3");
    check_condition("caf\xc3\xa9 > 1", "caf\xc3\xa9", "caf\xc3\xa9 > 1");
    check_condition("a = 1 OR\n b = 2 -- why", "a", "a = 1 OR\n b = 2 -- why");
}

static void
check_error(const char *argument, const char *message)
{
    WhereColumn where;
    Diag diag = {0};

    ok(!where_column_parse(&where, arena, argument, &diag), "[%s] is refused", argument);
    is_str(diag.message, message, "with a message");
    ok(diag.hint != NULL, "and a hint");
    diag_free(&diag);
}

static void
check_errors(void)
{
    check_error("", "--where-column (): the condition is empty");
    check_error(" \t", "--where-column (): the condition is empty");
    check_error("7 = tenant_id", "--where-column (7 = tenant_id): it does not begin with "
                                 "the name of a column");
    check_error("(a = 1)",
                "--where-column ((a = 1)): it does not begin with the name of a column");
    check_error("lower(a) = 'x'", "--where-column (lower(a) = 'x'): it does not begin "
                                  "with the name of a column");
    check_error(
        "NOT active",
        "--where-column (NOT active): it does not begin with the name of a column");
    check_error("date '2020-01-01' < d", "--where-column (date '2020-01-01' < d): it "
                                         "does not begin with the name of a column");
    check_error("\"\" = 1",
                "--where-column (\"\" = 1): it does not begin with the name of a column");
    check_error("\"a = 1",
                "--where-column (\"a = 1): it does not begin with the name of a column");
    check_error("t.a = 1",
                "--where-column (t.a = 1): the column is written without a table");
    check_error("active",
                "--where-column (active): nothing follows the name of the column");
    check_error(" \"Active\" ",
                "--where-column (\"Active\"): nothing follows the name of the column");
}

int
main(void)
{
    arena = arena_new();
    check_conditions();
    check_errors();
    arena_free(arena);
    return done_testing();
}
