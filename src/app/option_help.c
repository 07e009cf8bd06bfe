#include "app/option_help.h"

enum
{
    HELP_COLUMN = 32 /* where the explanations begin */
};

const char *
option_format_argument(const OptionRow *row, char *text, size_t size)
{
    if (row->argument == NULL)
        snprintf(text, size, "%s", "");
    else
        snprintf(text, size, row->is_optional ? "[=%s]" : "=%s", row->argument);
    return text;
}

static void
print_row(FILE *out, const OptionRow *row)
{
    char letter[8] = "";
    char argument[64];
    char left[128];
    int width;

    if (row->letter != 0)
        snprintf(letter, sizeof(letter), "-%c, ", row->letter);
    option_format_argument(row, argument, sizeof(argument));
    width = snprintf(left, sizeof(left), "  %s--%s%s", letter, row->name, argument);
    if (width >= HELP_COLUMN)
        fprintf(out, "%s\n%*s%s\n", left, HELP_COLUMN, "", row->help);
    else
        fprintf(out, "%-*s%s\n", HELP_COLUMN, left, row->help);
}

void
option_help_print(FILE *out)
{
    fputs("pg-sample writes a small, consistent sample of a PostgreSQL database as SQL.\n"
          "\n"
          "Usage:\n"
          "  pg-sample [OPTION]... [DBNAME | CONNINFO | URI]\n",
          out);
    for (OptionGroup group = 0; group < N_OPTION_GROUPS; group++)
    {
        fprintf(out, "\n%s:\n", option_group_title(group));
        for (size_t i = 0; i < option_table_size; i++)
        {
            if (option_table[i].group == group)
                print_row(out, &option_table[i]);
        }
    }
    fputs(
        "\n"
        "RULES are PATTERN = ROWS, separated by commas; the first that matches counts.\n"
        "PATTERN is psql's; ROWS is a number, a percent, * (all) or an SQL condition:\n"
        "  --limit='orders = 5%, customer = newsletter, warehouse.* = 0, * = 100'\n"
        "\n"
        "Without a database the variables of libpq decide: PGDATABASE, PGHOST, ...\n"
        "\"man pg-sample\" says more.\n",
        out);
}
