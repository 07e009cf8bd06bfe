#include "app/option_table.h"

#include <string.h>

const char *
option_group_title(OptionGroup group)
{
    static const char *const titles[N_OPTION_GROUPS] = {
        [GROUP_GENERAL] = "General options",
        [GROUP_CONNECTION] = "Connection options",
        [GROUP_ROWS] = "Options that pick rows",
        [GROUP_SLICES] = "Options that cut out slices",
        [GROUP_SELECTION] = "Options that select tables",
        [GROUP_DUMP] = "Options for what the dump holds",
        [GROUP_SERVER] = "Options for reading the source",
        [GROUP_STAGING] = "Options for staging mode",
    };

    return titles[group];
}

size_t
option_index(const OptionRow *row)
{
    return (size_t)(row - option_table);
}

const OptionRow *
option_find_name(const char *name)
{
    for (size_t i = 0; i < option_table_size; i++)
    {
        if (strcmp(option_table[i].name, name) == 0)
            return &option_table[i];
    }
    return NULL;
}

const OptionRow *
option_find_letter(char letter)
{
    for (size_t i = 0; i < option_table_size; i++)
    {
        if (letter != 0 && option_table[i].letter == letter)
            return &option_table[i];
    }
    return NULL;
}
