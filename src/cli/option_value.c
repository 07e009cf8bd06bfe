#include "cli/option_value.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/nearest.h"

void *
option_value_target(const OptionRow *row, void *options)
{
    return (char *)options + row->target;
}

bool
option_value_reject(const OptionRow *row, const char *argument, Diag *diag,
                    const char *hint)
{
    diag_set_message(diag, "invalid value \"%s\" for option \"--%s\"", argument,
                     row->name);
    diag_set_hint(diag, "%s", hint);
    return false;
}

bool
option_value_parse_digits(const char *text, uint64_t *number, const char **rest)
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
    *(bool *)option_value_target(row, options) = true;
    return true;
}

OPTION_PARSER(option_set_text)
{
    (void)arena;
    (void)diag;
    *(const char **)option_value_target(row, options) = argument;
    return true;
}

OPTION_PARSER(option_set_name)
{
    if (*argument == '\0')
        return option_value_reject(row, argument, diag, "It must not be empty.");
    return option_set_text(row, argument, options, arena, diag);
}

/* What makes a file that ends like this, or NULL: it may be plain text. */
static const char *
find_compressor(const char *path)
{
    static const struct
    {
        const char *ending;
        const char *program;
    } list[] = {{".gz", "gzip"}, {".tgz", "gzip"},  {".bz2", "bzip2"},
                {".xz", "xz"},   {".zst", "zstd"},  {".lz4", "lz4"},
                {".zip", "zip"}, {".Z", "compress"}};
    const char *ending = strrchr(path, '.');

    for (size_t i = 0; ending != NULL && i < sizeof(list) / sizeof(list[0]); i++)
    {
        if (strcmp(ending, list[i].ending) == 0)
            return list[i].program;
    }
    return NULL;
}

OPTION_PARSER(option_set_output)
{
    const char *compressor = find_compressor(argument);

    if (compressor == NULL)
        return option_set_name(row, argument, options, arena, diag);
    (void)option_value_reject(row, argument, diag, "");
    if (row->letter == 'f')
        diag_set_hint(diag,
                      "The dump is not compressed; pipe it: pg-sample ... | %s > %s",
                      compressor, argument);
    else
        diag_set_hint(diag, "The file is not compressed; leave out the \"%s\".",
                      strrchr(argument, '.'));
    return false;
}

void
option_value_append_text(StringList *list, const char *text, Arena *arena)
{
    if (list->n_items == list->capacity)
    {
        size_t capacity = list->capacity > 0 ? list->capacity * 2 : 8;
        const char **items = ARENA_ARRAY(arena, capacity, *items);

        if (list->n_items > 0)
            memcpy(items, list->items, list->n_items * sizeof(*items));
        list->items = items;
        list->capacity = capacity;
    }
    list->items[list->n_items++] = text;
}

OPTION_PARSER(option_append)
{
    (void)diag;
    option_value_append_text(option_value_target(row, options), argument, arena);
    return true;
}

OPTION_PARSER(option_count)
{
    int *count = option_value_target(row, options);

    (void)argument;
    (void)arena;
    (void)diag;
    if (*count < INT_MAX)
        ++*count;
    return true;
}

OPTION_PARSER(option_prompt_never)
{
    (void)argument;
    (void)arena;
    (void)diag;
    *(PasswordPrompt *)option_value_target(row, options) = PROMPT_NEVER;
    return true;
}

OPTION_PARSER(option_prompt_always)
{
    (void)argument;
    (void)arena;
    (void)diag;
    *(PasswordPrompt *)option_value_target(row, options) = PROMPT_ALWAYS;
    return true;
}

OPTION_PARSER(option_set_number)
{
    uint64_t number;
    const char *rest;

    (void)arena;
    if (!option_value_parse_digits(argument, &number, &rest) || *rest != '\0' ||
        number > INT_MAX)
        return option_value_reject(row, argument, diag,
                                   "It takes a whole number from 0 to 2147483647.");
    *(int *)option_value_target(row, options) = (int)number;
    return true;
}

OPTION_PARSER(option_set_count)
{
    uint64_t number;
    const char *rest;

    (void)arena;
    if (!option_value_parse_digits(argument, &number, &rest) || *rest != '\0' ||
        number > INT64_MAX)
        return option_value_reject(row, argument, diag,
                                   "It takes a whole number from 0 on.");
    *(int64_t *)option_value_target(row, options) = (int64_t)number;
    return true;
}

OPTION_PARSER(option_set_positive)
{
    uint64_t number;
    const char *rest;

    (void)arena;
    if (!option_value_parse_digits(argument, &number, &rest) || *rest != '\0' ||
        number < 1 || number > INT64_MAX)
        return option_value_reject(row, argument, diag,
                                   "It takes a whole number from 1 on.");
    *(int64_t *)option_value_target(row, options) = (int64_t)number;
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

OPTION_PARSER(option_set_size)
{
    uint64_t number = 0;
    uint64_t bytes = 0;
    const char *unit;

    (void)arena;
    if (option_value_parse_digits(argument, &number, &unit))
        bytes = unit_bytes(unit);
    if (bytes == 0 || number < 1 || number > INT64_MAX / bytes)
        return option_value_reject(
            row, argument, diag,
            "It takes a number of bytes, or a whole number with kB, MB "
            "or GB: 200MB.");
    *(int64_t *)option_value_target(row, options) = (int64_t)(number * bytes);
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

bool
option_value_parse_time(const char *text, uint64_t *milliseconds)
{
    uint64_t number;
    uint64_t factor = 0;
    const char *unit;

    if (option_value_parse_digits(text, &number, &unit))
        factor = unit_milliseconds(*unit == '\0' ? "s" : unit);
    if (factor == 0 || number > INT64_MAX / factor)
        return false;
    *milliseconds = number * factor;
    return true;
}

OPTION_PARSER(option_set_timeout)
{
    uint64_t milliseconds;

    (void)arena;
    if (!option_value_parse_time(argument, &milliseconds) || milliseconds > INT_MAX)
        return option_value_reject(
            row, argument, diag,
            "It takes whole seconds, or a number with ms, s, min, h or "
            "d, up to 24 days; 0 disables the timeout.");
    *(int *)option_value_target(row, options) = (int)milliseconds;
    return true;
}

/* ---- words */

/* "It takes one, two or three.", behind what is nearest to the text. */
static void
hint_at_words(const StringList *words, const char *text, Diag *diag)
{
    const char *found = nearest_find(text, words->items, words->n_items);
    char *list = mem_copy_string("");

    for (size_t i = 0; i < words->n_items; i++)
    {
        const char *joint = i == 0 ? "" : i + 1 == words->n_items ? " or " : ", ";
        char *longer = mem_format("%s%s%s", list, joint, words->items[i]);

        free(list);
        list = longer;
    }
    if (found != NULL)
        diag_set_hint(diag, "Did you mean \"%s\"? It takes %s.", found, list);
    else
        diag_set_hint(diag, "It takes %s.", list);
    free(list);
}

int
option_value_parse_word(const char *words, const char *text, Arena *arena, Diag *diag)
{
    StringList list = {0};
    char *rest = arena_copy_string(arena, words);

    for (char *word; (word = strsep(&rest, "|")) != NULL;)
        option_value_append_text(&list, word, arena);
    for (size_t i = 0; i < list.n_items; i++)
    {
        if (strcmp(list.items[i], text) == 0)
            return (int)i;
    }
    hint_at_words(&list, text, diag);
    return -1;
}

OPTION_PARSER(option_set_word)
{
    int word = option_value_parse_word(row->argument, argument, arena, diag);

    if (word >= 0)
        *(int *)option_value_target(row, options) = word;
    else
        diag_set_message(diag, "invalid value \"%s\" for option \"--%s\"", argument,
                         row->name);
    return word >= 0;
}
