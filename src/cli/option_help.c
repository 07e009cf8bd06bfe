/* What --help prints, made from an option table. */
#include "cli/option_table.h"

enum
{
    HELP_COLUMN = 32 /* where the explanations begin */
};

const char *
option_help_format_argument(const OptionRow *row, char *text, size_t size)
{
    if (row->argument == NULL)
        snprintf(text, size, "%s", "");
    else
        snprintf(text, size, row->is_optional ? "[=%s]" : "=%s", row->argument);
    return text;
}

static void
print_option(FILE *out, const OptionRow *row)
{
    char letter[8] = "";
    char argument[64];
    char left[128];
    int width;

    if (row->letter != 0)
        snprintf(letter, sizeof(letter), "-%c, ", row->letter);
    option_help_format_argument(row, argument, sizeof(argument));
    width = snprintf(left, sizeof(left), "  %s--%s%s", letter, row->name, argument);
    if (width >= HELP_COLUMN)
        fprintf(out, "%s\n%*s%s\n", left, HELP_COLUMN, "", row->help);
    else
        fprintf(out, "%-*s%s\n", HELP_COLUMN, left, row->help);
}

void
option_help_print(FILE *out, const OptionTable *table)
{
    fprintf(out, "%s\n\nUsage:\n  %s [OPTION]... %s\n", table->summary, table->program,
            table->operands);
    for (const OptionGroup *group = table->groups; group->title != NULL; group++)
    {
        fprintf(out, "\n%s:\n", group->title);
        for (const OptionRow *row = group->rows; row->name != NULL; row++)
            print_option(out, row);
    }
    fprintf(out, "\n%s", table->epilogue);
}
