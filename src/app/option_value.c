#include "app/option_value.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* The member of options that the row's option stores into. */
static void *
option_target(const OptionRow *row, Options *options)
{
    return (char *)options + row->target;
}

static bool
option_reject(const OptionRow *row, const char *argument, Diag *diag, const char *hint)
{
    diag_set_message(diag, "invalid value \"%s\" for option \"--%s\"", argument,
                     row->name);
    diag_set_hint(diag, "%s", hint);
    return false;
}

/*
 * Reads the decimal digits at text as one number; *rest is what follows them. False when
 * there are none or the number has no room.
 */
static bool
digits_parse(const char *text, uint64_t *number, const char **rest)
{
    char *end;

    if (*text < '0' || *text > '9')
        return false;
    errno = 0;
    *number = strtoumax(text, &end, 10);
    *rest = end;
    return errno == 0;
}

OPTION_PARSER(option_set_flag)
{
    (void)argument;
    (void)arena;
    (void)diag;
    *(bool *)option_target(row, options) = true;
    return true;
}

OPTION_PARSER(option_set_text)
{
    (void)arena;
    (void)diag;
    *(const char **)option_target(row, options) = argument;
    return true;
}

OPTION_PARSER(option_set_name)
{
    if (*argument == '\0')
        return option_reject(row, argument, diag, "It must not be empty.");
    return option_set_text(row, argument, options, arena, diag);
}

OPTION_PARSER(option_append)
{
    StringList *list = option_target(row, options);

    (void)diag;
    if (list->n_items == list->capacity)
    {
        size_t capacity = list->capacity > 0 ? list->capacity * 2 : 8;
        const char **items = arena_alloc(arena, capacity * sizeof(*items));

        if (list->n_items > 0)
            memcpy(items, list->items, list->n_items * sizeof(*items));
        list->items = items;
        list->capacity = capacity;
    }
    list->items[list->n_items++] = argument;
    return true;
}

OPTION_PARSER(option_count)
{
    int *count = option_target(row, options);

    (void)argument;
    (void)arena;
    (void)diag;
    if (*count < INT_MAX)
        ++*count;
    return true;
}

OPTION_PARSER(option_prompt_never)
{
    (void)row;
    (void)argument;
    (void)arena;
    (void)diag;
    options->prompt = PROMPT_NEVER;
    return true;
}

OPTION_PARSER(option_prompt_always)
{
    (void)row;
    (void)argument;
    (void)arena;
    (void)diag;
    options->prompt = PROMPT_ALWAYS;
    return true;
}

OPTION_PARSER(option_set_ordered)
{
    (void)arena;
    if (argument == NULL || strcmp(argument, "desc") == 0)
        options->order = PICK_NEWEST;
    else if (strcmp(argument, "asc") == 0)
        options->order = PICK_OLDEST;
    else
        return option_reject(row, argument, diag,
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
    const char *rest = "";

    (void)arena;
    options->order = PICK_RANDOM;
    options->has_seed = false;
    if (argument == NULL)
        return true;
    if (strcmp(argument, "stable") == 0)
    {
        options->order = PICK_STABLE;
        return true;
    }
    if (!digits_parse(argument, &options->seed, &rest) || *rest != '\0')
        return option_reject(row, argument, diag,
                             "It takes a whole number from 0 to 18446744073709551615, or "
                             "the word stable.");
    options->has_seed = true;
    return true;
}

OPTION_PARSER(option_set_rows_per_insert)
{
    uint64_t number;
    const char *rest;

    (void)arena;
    if (!digits_parse(argument, &number, &rest) || *rest != '\0' || number < 1 ||
        number > INT_MAX)
        return option_reject(row, argument, diag,
                             "It takes a whole number from 1 to 2147483647.");
    options->rows_per_insert = (int)number;
    options->inserts = true;
    return true;
}

OPTION_PARSER(option_set_number)
{
    uint64_t number;
    const char *rest;

    (void)arena;
    if (!digits_parse(argument, &number, &rest) || *rest != '\0' || number > INT_MAX)
        return option_reject(row, argument, diag,
                             "It takes a whole number from 0 to 2147483647.");
    *(int *)option_target(row, options) = (int)number;
    return true;
}

OPTION_PARSER(option_set_cleanup)
{
    (void)arena;
    if (argument == NULL)
        options->cleanup = CLEANUP_LIST;
    else if (strcmp(argument, "drop") == 0)
        options->cleanup = CLEANUP_DROP;
    else
        return option_reject(row, argument, diag,
                             "It takes drop, or nothing to list only.");
    return true;
}

OPTION_PARSER(option_set_missing)
{
    (void)arena;
    if (strcmp(argument, "error") != 0 && strcmp(argument, "warn") != 0)
        return option_reject(row, argument, diag, "It takes error or warn.");
    options->slice.warns_of_missing = strcmp(argument, "warn") == 0;
    return true;
}

OPTION_PARSER(option_set_max_rows)
{
    uint64_t number;
    const char *rest;

    (void)arena;
    if (!digits_parse(argument, &number, &rest) || *rest != '\0' || number < 1 ||
        number > INT64_MAX)
        return option_reject(row, argument, diag, "It takes a whole number from 1 on.");
    options->slice.max_rows = (int64_t)number;
    return true;
}

/* Bytes in a unit, spelled as the server spells it; 0 for any other. */
static uint64_t
unit_bytes(const char *unit)
{
    static const struct
    {
        const char *name;
        uint64_t bytes;
    } units[] = {{"", 1}, {"B", 1}, {"kB", 1 << 10}, {"MB", 1 << 20}, {"GB", 1 << 30}};

    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
        if (strcmp(unit, units[i].name) == 0)
            return units[i].bytes;
    return 0;
}

OPTION_PARSER(option_set_max_size)
{
    uint64_t number = 0;
    uint64_t bytes = 0;
    const char *unit;

    (void)arena;
    if (digits_parse(argument, &number, &unit))
        bytes = unit_bytes(unit);
    if (bytes == 0 || number < 1 || number > INT64_MAX / bytes)
        return option_reject(row, argument, diag,
                             "It takes a number of bytes, or a whole number with kB, MB "
                             "or GB: 200MB.");
    options->slice.max_size = (int64_t)(number * bytes);
    return true;
}

/* Milliseconds in a unit of time, spelled as the server spells it; 0 for any other. */
static uint64_t
unit_milliseconds(const char *unit)
{
    static const struct
    {
        const char *name;
        uint64_t milliseconds;
    } units[] = {{"ms", 1}, {"s", 1000}, {"min", 60000}, {"h", 3600000}, {"d", 86400000}};

    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
        if (strcmp(unit, units[i].name) == 0)
            return units[i].milliseconds;
    return 0;
}

OPTION_PARSER(option_set_lock_timeout)
{
    uint64_t number;
    uint64_t milliseconds = 0;
    const char *unit;

    if (digits_parse(argument, &number, &unit))
        milliseconds = unit_milliseconds(*unit == '\0' ? "s" : unit);
    if (milliseconds == 0 || number > INT_MAX / milliseconds)
        return option_reject(row, argument, diag,
                             "It takes whole seconds, or a number with ms, s, min, h or "
                             "d, up to 24 days; 0 waits for ever.");
    /* the server would read a number with a leading zero as octal */
    argument += strspn(argument, "0");
    if (*unit == '\0')
    {
        size_t length = strlen(argument);
        char *text = arena_alloc(arena, length + sizeof("s"));

        memcpy(text, argument, length);
        text[length] = 's';
        argument = text;
    }
    options->lock_timeout = number > 0 ? argument : "0";
    return true;
}
