#include "cli/option_table.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "programs/load/load_option_table.h"
#include "programs/sample/sample_option_table.h"
#include "tap.h"

/* The option of the table whose name stands at text, where other characters follow it. */
static const OptionRow *
find_row(const OptionTable *table, const char *text)
{
    char name[64] = "";

    strncat(name, text, strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-"));
    return option_find_name(table, name);
}

/* Every "--name" in the hint is an option; what another program takes is behind "...". */
static void
test_hint(const OptionTable *table, const char *hint)
{
    const char *end = strstr(hint, "...");

    for (const char *at = strstr(hint, "--"); at != NULL && (end == NULL || at < end);
         at = strstr(at + 2, "--"))
        ok(find_row(table, at + 2) != NULL, "%s: an option in: %s", table->program, at);
}

/* What is named as foreign must not be there by now. */
static void
test_foreign(const OptionTable *table)
{
    for (const ForeignOption *option = table->foreign; option->names != NULL; option++)
    {
        char *names = mem_copy_string(option->names);
        char *rest = names;

        for (char *name; (name = strsep(&rest, " ")) != NULL;)
        {
            ok(option_find_name(table, name) == NULL &&
                   (strlen(name) > 1 || option_find_letter(table, *name) == NULL),
               "%s has no %s, and a hint", table->program, name);
        }
        free(names);
        test_hint(table, option->hint);
    }
}

static bool
is_left_out(const OptionRow *row)
{
    return strcmp(row->name, "limit") == 0;
}

static void
test_suggest(const char *name, const char *hint)
{
    Diag diag = {0};

    is_int(option_suggest(&option_table, name, "--", NULL, &diag), hint != NULL, "%s",
           name);
    is_str(diag.hint, hint, "the hint for %s", name);
    diag_free(&diag);
}

int
main(void)
{
    Diag diag = {0};

    test_foreign(&option_table);
    test_foreign(&load_option_table);
    test_suggest("limt=5", "Did you mean \"--limit\"?");
    test_suggest("expl", "It could be \"--explain\", \"--explain-edges\".");
    test_suggest("staging-t", "Did you mean \"--staging-tables\"?");
    test_suggest("seed=7", "Use --random=SEED.");
    test_suggest("wonderland", NULL);
    test_suggest("y", NULL);
    ok(!option_suggest(&option_table, "limt", "", is_left_out, &diag),
       "a row that is left out is not suggested");
    ok(option_suggest(&option_table, "limt", "", NULL, &diag), "others are");
    is_str(diag.hint, "Did you mean \"limit\"?", "without dashes where there are none");
    diag_free(&diag);
    ok(option_suggest_is_known(&option_table, "file") &&
           option_suggest_is_known(&option_table, "file=x"),
       "an option is known");
    ok(option_suggest_is_known(&option_table, "format=c"), "so is a foreign one");
    ok(!option_suggest_is_known(&option_table, "fil") &&
           !option_suggest_is_known(&option_table, "f"),
       "a beginning is not, nor is a letter");
    return done_testing();
}
