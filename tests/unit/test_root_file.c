#include "model/root_file.h"

#include "base/arena.h"
#include "base/diag.h"
#include "tap.h"

static Arena *arena;

static void
check_file(const char *argument, const char *pattern, const char *path, const char *name)
{
    RootFile file;
    Diag diag = {0};

    ok(root_file_parse(&file, arena, argument, &diag), "[%s] is accepted", argument);
    is_str(file.pattern.text, pattern, "the table");
    is_str(file.path, path, "the path");
    is_str(file.name, name, "the name");
    ok(file.is_stdin == (file.name != file.path), "where it is");
    diag_free(&diag);
}

static void
check_files(void)
{
    check_file("orders=keys.csv", "orders", "keys.csv", "keys.csv");
    check_file(" shop.orders = a b=c.csv ", "shop.orders", "a b=c.csv", "a b=c.csv");
    check_file("orders=-", "orders", "-", "standard input");
    check_file("orders=./-", "orders", "./-", "./-");
    check_file("\"a=b\"=x", "\"a=b\"", "x", "x");
}

static void
check_error(const char *argument, const char *message)
{
    RootFile file;
    Diag diag = {0};

    ok(!root_file_parse(&file, arena, argument, &diag), "[%s] is refused", argument);
    is_str(diag.message, message, "with a message");
    ok(diag.hint != NULL, "and a hint");
    diag_free(&diag);
}

static void
check_errors(void)
{
    check_error("", "--root-file (): there is no \"TABLE=\" in it");
    check_error("keys.csv", "--root-file (keys.csv): there is no \"TABLE=\" in it");
    check_error("orders=", "--root-file (orders=): no file follows the =");
    check_error("=x", "--root-file (=x): empty name in pattern \"\"");
    check_error("\"a=x", "--root-file (\"a=x): unterminated double quote");
    check_error("a.b.c=x", "--root-file (a.b.c=x): too many dots in pattern \"a.b.c\"");
    check_error("ord*=x", "--root-file (ord*=x): a file is for one table, which is named "
                          "without wildcards");
}

static void
check_missing_values(void)
{
    RootFile file;
    Diag diag = {0};
    const char *const names[] = {"a", "b", "c"};
    const CsvField fields[] = {{.text = "1", .length = 1},
                               {.text = "", .length = 0},
                               {.text = "", .length = 0, .is_null = true}};

    ok(root_file_parse(&file, arena, "orders=-", &diag), "a file");
    ok(root_file_check_record(
           &file,
           &(CsvRecord){.fields = fields, .n_fields = 2, .names = names, .line = 7},
           &diag),
       "an empty text is a value");
    ok(!root_file_check_record(
           &file,
           &(CsvRecord){.fields = fields, .n_fields = 3, .names = names, .line = 7},
           &diag),
       "a NULL is none");
    is_str(diag.message,
           "standard input, line 7: a key value is missing, in column \"c\"",
           "says where");
    ok(diag.hint != NULL, "with a hint");
    diag_free(&diag);
}

int
main(void)
{
    arena = arena_new();
    check_files();
    check_errors();
    check_missing_values();
    arena_free(arena);
    return done_testing();
}
