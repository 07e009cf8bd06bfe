#include "programs/load/load_option_value.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/sqltext.h"
#include "load/source/discover_batch.h"
#include "load/source/source_name.h"

/* ---- sources */

static void
add_source(LoadOptions *options, const char *table, const char *path, Arena *arena)
{
    size_t n = options->n_sources;

    if ((n & (n - 1)) == 0) /* no room: it doubles at each power of two */
    {
        SourceName *sources = arena_alloc(arena, (2 * n + 1) * sizeof(*sources));

        if (n > 0)
            memcpy(sources, options->sources, n * sizeof(*sources));
        options->sources = sources;
    }
    options->sources[n] = (SourceName){table, path};
    options->n_sources++;
}

/*
 * The part before the first "=" if it is the name of a table: a text with a slash is a
 * path. NULL if there is none.
 */
static const char *
split_table(const char *text, const char **rest, Arena *arena)
{
    const char *equals = sqltext_find(text, "=/", NULL);
    TableName name;
    char *table;

    if (equals == NULL || *equals != '=')
        return NULL;
    table = arena_copy_string(arena, text);
    table[equals - text] = '\0';
    if (!table_name_parse(table, &name, arena))
        return NULL;
    *rest = equals + 1;
    return table;
}

OPTION_PARSER(load_add_source)
{
    const char *path = argument;
    const char *table = split_table(argument, &path, arena);

    if (*path == '\0')
        return option_value_reject(row, argument, diag,
                                   "It takes a file, a directory, TABLE=FILE, or - for "
                                   "standard input.");
    add_source(options, table, path, arena);
    return true;
}

OPTION_PARSER(load_add_file)
{
    const char *path = "";
    const char *table = split_table(argument, &path, arena);
    char *name;

    if (table != NULL && *path != '\0')
    {
        add_source(options, table, path, arena);
        return true;
    }
    name = source_name_make(argument);
    (void)option_value_reject(row, name, diag, "It takes TABLE=PATH.");
    free(name);
    return false;
}

OPTION_PARSER(load_add_table)
{
    TableName name;

    if (!table_name_parse(argument, &name, arena))
        return option_value_reject(row, argument, diag,
                                   "It takes TABLE or SCHEMA.TABLE.");
    return option_append(row, argument, options, arena, diag);
}

/* It is the name of a directory, and part of messages and of names in other systems. */
OPTION_PARSER(load_set_batch_id)
{
    LoadOptions *own = options;

    (void)arena;
    if (!discover_batch_is_id(argument))
        return option_value_reject(row, argument, diag,
                                   "It takes up to 200 letters, digits, dots, hyphens "
                                   "and underscores.");
    own->settings.batch_id = argument;
    own->settings.is_batch = true;
    return true;
}

OPTION_PARSER(load_set_run_id)
{
    static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    LoadOptions *own = options;
    bool is_good = strlen(argument) == strlen(form);

    (void)arena;
    for (size_t i = 0; i < strlen(form) && is_good; i++)
        is_good = form[i] == 'x' ? strchr("0123456789abcdefABCDEF", argument[i]) != NULL
                                 : argument[i] == form[i];
    if (!is_good)
        return option_value_reject(
            row, argument, diag,
            "It takes the run_id of a load, a uuid; \"pg-sample-load "
            "--status\" lists them.");
    own->undo_of = argument;
    return true;
}

OPTION_PARSER(load_set_character)
{
    char character = argument[0];
    bool is_tab = strcmp(argument, "\\t") == 0 || strcmp(argument, "tab") == 0;

    (void)arena;
    if (is_tab)
        character = '\t';
    else if (strlen(argument) != 1 || character == '\n' || character == '\r' ||
             (unsigned char)character >= 0x80)
        return option_value_reject(row, argument, diag,
                                   "It takes one ASCII character, or tab.");
    *(char *)option_value_target(row, options) = character;
    return true;
}

/* ---- settings of tables */

static bool
parse_setting(const OptionRow *row, const char *argument, const char *text,
              TableLayer *layer, Arena *arena, Diag *diag)
{
    TableSetting setting = table_setting_find_option(row->name);

    if (table_setting_parse(layer, setting, text, arena, diag))
        return true;
    diag_set_message(diag, "invalid value \"%s\" for option \"--%s\"", argument,
                     row->name);
    return false;
}

OPTION_PARSER(load_set_setting)
{
    LoadOptions *own = options;

    /* a flag */
    if (argument == NULL)
        argument = "true";
    return parse_setting(row, argument, argument, &own->all, arena, diag);
}

OPTION_PARSER(load_set_table_setting)
{
    LoadOptions *own = options;
    const char *text = argument != NULL ? argument : "true";
    const char *table = split_table(text, &text, arena);
    TableLayer *layer = &own->all;

    if (table != NULL)
        layer = table_layer_get(&own->table_layers, table, arena);
    return parse_setting(row, argument != NULL ? argument : text, text, layer, arena,
                         diag);
}

OPTION_PARSER(load_set_no_undo)
{
    LoadOptions *own = options;

    (void)row;
    (void)argument;
    return table_setting_parse(&own->all, SETTING_UNDO, "false", arena, diag);
}

/* ---- of the run */

OPTION_PARSER(load_set_jobs)
{
    LoadOptions *own = options;
    uint64_t number;
    const char *rest;

    (void)arena;
    if (!option_value_parse_digits(argument, &number, &rest) || *rest != '\0' ||
        number < 1 || number > 1000)
        return option_value_reject(row, argument, diag,
                                   "It takes a whole number from 1 to 1000.");
    own->settings.jobs = (int)number;
    return true;
}

/* The limits are those of the parameter in the server. */
OPTION_PARSER(load_set_work_mem)
{
    static const char *const units[] = {"kB", "MB", "GB", "TB"};
    LoadOptions *own = options;
    uint64_t number = 0;
    uint64_t kilobytes = 0;
    const char *unit = "";

    if (option_value_parse_digits(argument, &number, &unit) && number <= INT_MAX)
    {
        for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
        {
            if (strcmp(unit, units[i]) == 0)
                kilobytes = number << (10 * i);
        }
    }
    if (kilobytes < 64 || kilobytes > INT_MAX)
        return option_value_reject(
            row, argument, diag,
            "It takes a whole number with the unit kB, MB, GB or TB, at least 64kB, "
            "such as 256MB.");
    /* the server would read a number with a leading zero as octal */
    own->settings.work_mem = arena_copy_string(arena, argument + strspn(argument, "0"));
    return true;
}

OPTION_PARSER(load_set_dry_run)
{
    LoadOptions *own = options;
    int word = argument != NULL
                   ? option_value_parse_word("plan|execute", argument, arena, diag)
                   : 0;

    if (word < 0)
    {
        diag_set_message(diag, "invalid value \"%s\" for option \"--%s\"", argument,
                         row->name);
        return false;
    }
    own->settings.dry_run = word == 0 ? DRY_RUN_PLAN : DRY_RUN_EXECUTE;
    return true;
}

OPTION_PARSER(load_set_age)
{
    uint64_t milliseconds;

    (void)arena;
    if (!option_value_parse_time(argument, &milliseconds))
        return option_value_reject(
            row, argument, diag,
            "It takes whole seconds, or a number with the unit s, min, h or d, such "
            "as 1d.");
    *(int64_t *)option_value_target(row, options) = (int64_t)(milliseconds / 1000);
    return true;
}

OPTION_PARSER(load_set_fetch_timeout)
{
    uint64_t milliseconds;

    (void)arena;
    if (!option_value_parse_time(argument, &milliseconds) || milliseconds < 1000 ||
        milliseconds > INT_MAX)
        return option_value_reject(row, argument, diag,
                                   "It takes at least one second, such as 30s or 2min.");
    *(int *)option_value_target(row, options) = (int)(milliseconds / 1000);
    return true;
}

/* ---- numbers of rows */

/* A number that may have decimals, from 0 to 100, and what follows it. */
static bool
parse_percent(const char *text, double *percent, const char **rest)
{
    size_t n_digits = strspn(text, "0123456789");
    size_t length = n_digits;

    if (n_digits > 0 && text[length] == '.')
    {
        size_t n_decimals = strspn(text + length + 1, "0123456789");

        length += n_decimals > 0 ? 1 + n_decimals : 0;
    }
    *rest = text + length;
    if (n_digits == 0)
        return false;
    *percent = strtod(text, NULL);
    return *percent <= 100;
}

bool
load_option_value_max_errors(const char *text, LoadSettings *settings)
{
    const char *rest;
    uint64_t number;
    double percent;

    if (option_value_parse_digits(text, &number, &rest) && *rest == '\0' &&
        number <= INT64_MAX)
    {
        settings->max_errors = (int64_t)number;
        settings->max_errors_pct = -1;
        return true;
    }
    if (!parse_percent(text, &percent, &rest) || strcmp(rest, "%") != 0)
        return false;
    settings->max_errors = 0;
    settings->max_errors_pct = percent;
    return true;
}

OPTION_PARSER(load_set_max_errors)
{
    LoadOptions *own = options;

    (void)arena;
    if (!load_option_value_max_errors(argument, &own->settings))
        return option_value_reject(
            row, argument, diag,
            "It takes a whole number of rows, or a percentage such as 0.5%.");
    return true;
}

OPTION_PARSER(load_set_percent)
{
    const char *rest;
    double percent;

    (void)arena;
    if (!parse_percent(argument, &percent, &rest) ||
        (*rest != '\0' && strcmp(rest, "%") != 0))
        return option_value_reject(row, argument, diag,
                                   "It takes a number from 0 to 100.");
    *(double *)option_value_target(row, options) = percent;
    return true;
}
