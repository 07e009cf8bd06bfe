#include "cli/option_table.h"

#include <string.h>

size_t
option_find_count_rows(const OptionTable *table)
{
    size_t n_rows = 0;

    while (table->rows[n_rows].name != NULL)
        n_rows++;
    return n_rows;
}

size_t
option_find_index(const OptionTable *table, const OptionRow *row)
{
    return (size_t)(row - table->rows);
}

const OptionRow *
option_find_name(const OptionTable *table, const char *name)
{
    for (const OptionRow *row = table->rows; row->name != NULL; row++)
    {
        if (strcmp(row->name, name) == 0)
            return row;
    }
    return NULL;
}

const OptionRow *
option_find_letter(const OptionTable *table, char letter)
{
    for (const OptionRow *row = table->rows; row->name != NULL; row++)
    {
        if (letter != 0 && row->letter == letter)
            return row;
    }
    return NULL;
}
