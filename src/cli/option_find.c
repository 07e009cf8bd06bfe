#include "cli/option_table.h"

#include <string.h>

const OptionRow *
option_find_row(const OptionTable *table, size_t index)
{
    for (const OptionGroup *group = table->groups; group->title != NULL; group++)
    {
        for (const OptionRow *row = group->rows; row->name != NULL; row++)
        {
            if (index-- == 0)
                return row;
        }
    }
    return NULL;
}

size_t
option_find_count_rows(const OptionTable *table)
{
    size_t n_rows = 0;

    while (option_find_row(table, n_rows) != NULL)
        n_rows++;
    return n_rows;
}

size_t
option_find_index(const OptionTable *table, const OptionRow *row)
{
    size_t index = 0;

    while (option_find_row(table, index) != row)
        index++;
    return index;
}

const OptionRow *
option_find_name(const OptionTable *table, const char *name)
{
    const OptionRow *row;

    for (size_t i = 0; (row = option_find_row(table, i)) != NULL; i++)
    {
        if (strcmp(row->name, name) == 0)
            return row;
    }
    return NULL;
}

const OptionRow *
option_find_letter(const OptionTable *table, char letter)
{
    const OptionRow *row;

    for (size_t i = 0; (row = option_find_row(table, i)) != NULL; i++)
    {
        if (letter != 0 && row->letter == letter)
            return row;
    }
    return NULL;
}
