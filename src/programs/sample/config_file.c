/*
 * The configuration file: one JSON object, in UTF-8, whose members are the long names of
 * options. Values have the same parsers as the arguments of the command line.
 */
#include "programs/sample/options.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "cli/json_file.h"
#include "cli/option_table.h"
#include "programs/sample/sample_option_table.h"

enum
{
    MAX_COUNT = 9 /* the maximum for an option that counts how often it is given */
};

static const char form_hint[] =
    "It must be one JSON object in UTF-8, such as {\"limit\": \"* = 10\"}.";

typedef struct ConfigReader
{
    const char *path;
    Options *options; /* where the current member is stored */
    Arena *arena;
    Diag *diag;
} ConfigReader;

/* ---- what can be wrong with a member */

static bool
reject_member(const ConfigReader *reader, const char *place, const char *problem)
{
    diag_set_message(reader->diag, "member \"%s\" in \"%s\" %s", place, reader->path,
                     problem);
    return false;
}

/* Shows how to write the member. */
static bool
reject_type(const ConfigReader *reader, const OptionRow *row, const char *place,
            const char *problem)
{
    Diag *diag = reader->diag;

    if (row->argument == NULL)
        diag_set_hint(diag, "Write \"%s\": true.", row->name);
    else if (row->is_optional)
        diag_set_hint(diag, "Write \"%s\": true or \"%s\": \"%s\".", row->name, row->name,
                      row->argument);
    else if (row->parse == option_append)
        diag_set_hint(diag, "Write \"%s\": [\"%s\", ...].", row->name, row->argument);
    else
        diag_set_hint(diag, "Write \"%s\": \"%s\".", row->name, row->argument);
    return reject_member(reader, place, problem);
}

/* Options that cannot be in a file. */
static bool
is_for_command_line(const OptionRow *row)
{
    return strcmp(row->name, "config") == 0 || strcmp(row->name, "help") == 0 ||
           strcmp(row->name, "version") == 0;
}

static bool
reject_unknown(const ConfigReader *reader, const char *name)
{
    diag_set_message(reader->diag, "unknown member \"%s\" in \"%s\"", name, reader->path);
    if (!option_suggest(&option_table, name, "", is_for_command_line, reader->diag))
        diag_set_hint(reader->diag,
                      "Members are the long names of options, without dashes.");
    return false;
}

/* ---- values */

/* Passes the argument, or NULL, to the parser of the option. */
static bool
store(const ConfigReader *reader, const OptionRow *row, const char *place,
      const char *argument)
{
    const char *problem;

    if (row->parse == NULL ||
        row->parse(row, argument, reader->options, reader->arena, reader->diag))
        return true;
    problem = arena_copy_string(reader->arena, reader->diag->message);
    diag_set_message(reader->diag, "member \"%s\" in \"%s\": %s", place, reader->path,
                     problem);
    return false;
}

static bool
store_text(const ConfigReader *reader, const OptionRow *row, const char *place,
           const json_t *value)
{
    const char *problem;
    const char *text = json_file_get_text(value, row->is_number ? JSON_FILE_NUMBER : 0,
                                          reader->arena, &problem);

    if (text != NULL)
        return store(reader, row, place, text);
    return json_is_string(value) ? reject_member(reader, place, problem)
                                 : reject_type(reader, row, place, problem);
}

static bool
store_texts(const ConfigReader *reader, const OptionRow *row, const json_t *list)
{
    for (size_t i = 0; i < json_array_size(list); i++)
    {
        char place[64];

        snprintf(place, sizeof(place), "%s[%zu]", row->name, i);
        if (!store_text(reader, row, place, json_array_get(list, i)))
            return false;
    }
    return true;
}

static bool
store_count(const ConfigReader *reader, const OptionRow *row, const json_t *value)
{
    json_int_t n = json_integer_value(value); /* 0 if it is a boolean */

    if (!json_is_true(value) && (!json_is_integer(value) || n < 0 || n > MAX_COUNT))
        return reject_type(reader, row, row->name,
                           "must be true, false or a number from 0 to 9");
    if (json_is_true(value))
        n = 1;
    while (n-- > 0)
    {
        if (!store(reader, row, row->name, NULL))
            return false;
    }
    return true;
}

static bool
store_value(const ConfigReader *reader, const OptionRow *row, const json_t *value)
{
    if (row->parse == option_count)
        return store_count(reader, row, value);
    if (json_is_true(value) && (row->argument == NULL || row->is_optional))
        return store(reader, row, row->name, NULL);
    if (row->argument == NULL)
        return reject_type(reader, row, row->name, "must be true or false");
    if (row->parse == option_append && json_is_array(value))
        return store_texts(reader, row, value);
    if (json_is_string(value) || (json_is_integer(value) && row->is_number))
        return store_text(reader, row, row->name, value);
    if (row->is_optional)
        return reject_type(reader, row, row->name,
                           row->is_number
                               ? "must be true, false, a whole number or a string"
                               : "must be true, false or a string");
    if (row->parse == option_append)
        return reject_type(reader, row, row->name,
                           "must be a string or a list of strings");
    return store_text(reader, row, row->name, value);
}

/* Is the value that of an option that is not given? */
static bool
is_silent(const OptionRow *row, const json_t *value)
{
    if (row->argument == NULL || row->is_optional)
        return json_is_false(value) ||
               (row->parse == option_count && json_is_integer(value) &&
                json_integer_value(value) == 0);
    return row->parse == option_append && json_is_array(value) &&
           json_array_size(value) == 0;
}

bool
config_file_read(const char *path, const bool *is_given, bool *is_from_file,
                 Options *options, Arena *arena, Diag *diag)
{
    ConfigReader reader = {.path = path, .arena = arena, .diag = diag};
    Options ignored = {0};
    json_t *root = json_file_load(path, form_hint, diag);
    bool is_good = root != NULL;

    for (void *at = json_object_iter(root); at != NULL && is_good;
         at = json_object_iter_next(root, at))
    {
        const char *name = json_object_iter_key(at);
        const json_t *value = json_object_iter_value(at);
        const OptionRow *row = option_find_name(&option_table, name);

        if (row == NULL)
            is_good = reject_unknown(&reader, name);
        else if (is_for_command_line(row))
            is_good = reject_member(&reader, name, "is only for the command line");
        else if (!is_silent(row, value))
        {
            size_t i = option_find_index(&option_table, row);

            reader.options = is_given[i] ? &ignored : options;
            is_good = store_value(&reader, row, value);
            is_from_file[i] = !is_given[i];
        }
    }
    json_decref(root);
    return is_good;
}
