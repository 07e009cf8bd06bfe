#include "programs/sample/sample_option_value.h"

#include <limits.h>
#include <string.h>

#include "base/arena.h"

OPTION_PARSER(option_set_ordered)
{
    Options *own = options;

    (void)arena;
    if (argument == NULL || strcmp(argument, "desc") == 0)
        own->order = PICK_NEWEST;
    else if (strcmp(argument, "asc") == 0)
        own->order = PICK_OLDEST;
    else
        return option_value_reject(
            row, argument, diag,
            "It takes desc (the newest rows, the default) or asc (the "
            "oldest).");
    return true;
}

OPTION_PARSER(option_set_newest)
{
    (void)argument;
    return option_set_ordered(row, "desc", options, arena, diag);
}

OPTION_PARSER(option_set_oldest)
{
    (void)argument;
    return option_set_ordered(row, "asc", options, arena, diag);
}

OPTION_PARSER(option_set_random)
{
    Options *own = options;
    const char *rest = "";

    (void)arena;
    own->order = PICK_RANDOM;
    own->has_seed = false;
    if (argument == NULL)
        return true;
    if (strcmp(argument, "stable") == 0)
    {
        own->order = PICK_STABLE;
        return true;
    }
    if (!option_value_parse_digits(argument, &own->seed, &rest) || *rest != '\0')
        return option_value_reject(
            row, argument, diag,
            "It takes a whole number from 0 to 18446744073709551615, or "
            "the word stable.");
    own->has_seed = true;
    return true;
}

OPTION_PARSER(option_set_rows_per_insert)
{
    Options *own = options;
    uint64_t number;
    const char *rest;

    (void)arena;
    if (!option_value_parse_digits(argument, &number, &rest) || *rest != '\0' ||
        number < 1 || number > INT_MAX)
        return option_value_reject(row, argument, diag,
                                   "It takes a whole number from 1 to 2147483647.");
    own->rows_per_insert = (int)number;
    own->inserts = true;
    return true;
}

OPTION_PARSER(option_set_cleanup)
{
    Options *own = options;

    (void)arena;
    if (argument == NULL)
        own->cleanup = CLEANUP_LIST;
    else if (strcmp(argument, "drop") == 0)
        own->cleanup = CLEANUP_DROP;
    else
        return option_value_reject(row, argument, diag,
                                   "It takes drop, or nothing to list only.");
    return true;
}

OPTION_PARSER(option_set_missing)
{
    Options *own = options;

    (void)arena;
    if (strcmp(argument, "error") != 0 && strcmp(argument, "warn") != 0)
        return option_value_reject(row, argument, diag, "It takes error or warn.");
    own->subset.warns_of_missing = strcmp(argument, "warn") == 0;
    return true;
}

OPTION_PARSER(option_set_mask_required)
{
    Options *own = options;

    (void)arena;
    if (argument != NULL && strcmp(argument, "all") != 0)
        return option_value_reject(row, argument, diag,
                                   "It takes all, or nothing for columns that look "
                                   "personal.");
    own->mask.required = argument != NULL ? MASK_REQUIRED_ALL : MASK_REQUIRED_PERSONAL;
    return true;
}

OPTION_PARSER(option_set_lock_timeout)
{
    Options *own = options;
    uint64_t milliseconds;

    if (!option_value_parse_time(argument, &milliseconds) || milliseconds > INT_MAX)
        return option_value_reject(
            row, argument, diag,
            "It takes whole seconds, or a number with ms, s, min, h or "
            "d, up to 24 days; 0 disables the timeout.");
    /* the server would read a number with a leading zero as octal */
    argument += strspn(argument, "0");
    if (argument[strspn(argument, "0123456789")] == '\0')
    {
        size_t length = strlen(argument);
        char *text = arena_alloc(arena, length + sizeof("s"));

        memcpy(text, argument, length);
        text[length] = 's';
        argument = text;
    }
    own->lock_timeout = milliseconds > 0 ? argument : "0";
    return true;
}
