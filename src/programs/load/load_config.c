/*
 * The configuration file of pg-sample-load: a JSON object whose members are tables, and
 * "_defaults" for all of them; each is an object of settings.
 *
 *     {"_defaults": {"on_duplicate": "error"},
 *      "orders": {"natural_key": ["order_no"], "mode": "slice", "slice": {"shop": "7"}}}
 */
#include "programs/load/load_options.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/nearest.h"
#include "cli/json_file.h"
#include "programs/load/load_option_value.h"

static const char form_hint[] =
    "It must be one JSON object in UTF-8, such as {\"orders\": {\"mode\": \"full\"}}.";

/* Members that are not settings of a layer. */
static const char *const other_members[] = {"target", "null_key", "max_errors"};

enum
{
    N_OTHER = sizeof(other_members) / sizeof(other_members[0])
};

/* The current member. */
typedef struct ConfigReader
{
    const char *path;
    const char *section; /* "_defaults", or the table */
    const char *member;  /* in it */
    TableLayer *layer;
    LoadOptions *options;
    bool is_max_errors_given; /* by an option, which counts over the file */
    Diag *diag;
} ConfigReader;

/* ---- what can be wrong */

static bool
reject_setting(const ConfigReader *reader, const char *place, const char *problem)
{
    diag_set_message(reader->diag, "member \"%s.%s%s\" in \"%s\" %s", reader->section,
                     reader->member, place, reader->path, problem);
    return false;
}

static bool
reject_value(const ConfigReader *reader, const char *value)
{
    diag_set_message(reader->diag, "member \"%s.%s\" in \"%s\": invalid value \"%s\"",
                     reader->section, reader->member, reader->path, value);
    return false;
}

static bool
reject_unknown_setting(const ConfigReader *reader)
{
    const char *names[N_TABLE_SETTINGS + N_OTHER];
    const char *found;

    for (TableSetting i = 0; i < N_TABLE_SETTINGS; i++)
        names[i] = table_setting_get_member(i);
    memcpy(names + N_TABLE_SETTINGS, other_members, sizeof(other_members));
    found = nearest_find(reader->member, names, N_TABLE_SETTINGS + N_OTHER);
    diag_set_message(reader->diag, "unknown member \"%s.%s\" in \"%s\"", reader->section,
                     reader->member, reader->path);
    if (found != NULL)
        diag_set_hint(reader->diag, "Did you mean \"%s\"?", found);
    else
        diag_set_hint(reader->diag, "See \"man pg-sample-load\" for the members of a "
                                    "table.");
    return false;
}

/* ---- values */

/* The text of the value, in the arena, or NULL with a message. */
static const char *
read_text(const ConfigReader *reader, const char *place, const json_t *value, int kinds)
{
    const char *problem;
    const char *text = json_file_get_text(value, kinds, reader->options->arena, &problem);

    if (text == NULL)
        reject_setting(reader, place, problem);
    return text;
}

static const char *
read_string(const ConfigReader *reader, const char *place, const json_t *value)
{
    return read_text(reader, place, value, 0);
}

static const char *
read_scalar(const ConfigReader *reader, const char *place, const json_t *value)
{
    return read_text(reader, place, value, JSON_FILE_NUMBER | JSON_FILE_BOOLEAN);
}

/* The word of the original program, whose users look for its message. */
static bool
reject_conflict(const ConfigReader *reader, const char *value)
{
    diag_set_message(reader->diag,
                     "member \"%s.%s\" in \"%s\": Unknown conflict resolution strategy: "
                     "%s",
                     reader->section, reader->member, reader->path, value);
    return false;
}

/* Names of columns; an empty list of immutable ones overrides that of _defaults. */
static bool
read_columns(const ConfigReader *reader, TableSetting setting, const json_t *list)
{
    bool is_key = setting == SETTING_NATURAL_KEY;

    if (!is_key)
        reader->layer->given |= 1U << setting;
    for (size_t i = 0; i < json_array_size(list); i++)
    {
        char place[32];
        const char *column;

        snprintf(place, sizeof(place), "[%zu]", i);
        column = read_string(reader, place, json_array_get(list, i));
        if (column == NULL)
            return false;
        if (*column == '\0')
            return reject_setting(reader, place, "must not be empty");
        if (!(is_key ? table_layer_add_key
                     : table_layer_add_immutable)(reader->layer, column,
                                                  reader->options->arena, reader->diag))
            return reject_value(reader, column);
    }
    return true;
}

static bool
read_map(const ConfigReader *reader, json_t *object)
{
    Arena *arena = reader->options->arena;
    const char *name;
    json_t *value;

    json_object_foreach(object, name, value)
    {
        const char *column = read_string(reader, ".*", value);

        if (column == NULL)
            return false;
        if (!table_layer_add_map(reader->layer, arena_copy_string(arena, name), column,
                                 arena, reader->diag))
            return reject_value(reader, column);
    }
    return true;
}

static bool
read_scope(const ConfigReader *reader, json_t *object)
{
    Arena *arena = reader->options->arena;
    const char *name;
    json_t *value;

    json_object_foreach(object, name, value)
    {
        ScopeTerm *term =
            table_layer_add_scope(reader->layer, arena_copy_string(arena, name), arena,
                                  reader->diag);
        size_t n_values = json_is_array(value) ? json_array_size(value) : 1;

        if (n_values == 0 || term == NULL)
            return reject_setting(reader, "", "must have values for each column");
        for (size_t i = 0; i < n_values; i++)
        {
            const json_t *item = json_is_array(value) ? json_array_get(value, i) : value;
            const char *text = read_scalar(reader, ".*", item);

            if (text == NULL)
                return false;
            option_value_append_text(&term->values, text, arena);
        }
    }
    return json_object_size(object) > 0 ||
           reject_setting(reader, "", "must not be empty");
}

/* One member of a check; false with a message if it is unknown or wrong. */
static bool
read_check_member(const ConfigReader *reader, const char *place, const char *name,
                  const json_t *value, LoadAssertion *check)
{
    const char *text = read_string(reader, place, value);

    if (text == NULL)
        return false;
    if (strcmp(name, "name") == 0)
        check->name = text;
    else if (strcmp(name, "sql") == 0)
        check->sql = text;
    else if (strcmp(name, "severity") != 0)
    {
        diag_set_hint(reader->diag, "A check has name, sql and severity.");
        return reject_setting(reader, place, "is unknown");
    }
    else if (strcmp(text, "error") != 0 && strcmp(text, "warning") != 0)
    {
        diag_set_hint(reader->diag, "It takes error or warning.");
        return reject_value(reader, text);
    }
    else
        check->is_warning = strcmp(text, "warning") == 0;
    return true;
}

static bool
read_checks(const ConfigReader *reader, const json_t *list)
{
    for (size_t i = 0; i < json_array_size(list); i++)
    {
        json_t *object = json_array_get(list, i);
        LoadAssertion check = {0};
        char place[128];
        const char *name;
        json_t *value;

        snprintf(place, sizeof(place), "[%zu]", i);
        if (!json_is_object(object))
            return reject_setting(reader, place, "must be an object with name and sql");
        json_object_foreach(object, name, value)
        {
            snprintf(place, sizeof(place), "[%zu].%s", i, name);
            if (!read_check_member(reader, place, name, value, &check))
                return false;
        }
        snprintf(place, sizeof(place), "[%zu]", i);
        if (check.sql == NULL || *check.sql == '\0')
            return reject_setting(reader, place, "has no sql");
        if (check.name == NULL)
            check.name = check.sql;
        table_layer_add_check(reader->layer, &check, reader->options->arena);
    }
    return true;
}

/* ---- members */

static bool
read_setting(const ConfigReader *reader, TableSetting setting, json_t *value)
{
    const char *text;

    if (json_is_null(value) && setting != SETTING_TIMESTAMP_COLUMN &&
        setting != SETTING_UPDATED_AT && setting != SETTING_DATA_MEMBER)
        return true;
    if ((setting == SETTING_NATURAL_KEY || setting == SETTING_IMMUTABLE_FIELDS) &&
        json_is_array(value))
        return read_columns(reader, setting, value);
    if (setting == SETTING_MAP && json_is_object(value))
        return read_map(reader, value);
    if (setting == SETTING_SLICE && json_is_object(value))
        return read_scope(reader, value);
    if (setting == SETTING_CHECKS)
        return json_is_array(value)
                   ? read_checks(reader, value)
                   : reject_setting(reader, "", "must be a list of objects");
    /* null: there is no such column or member */
    text = json_is_null(value) ? "none" : read_scalar(reader, "", value);
    if (text == NULL)
        return false;
    if (table_setting_parse(reader->layer, setting, text, reader->options->arena,
                            reader->diag))
        return true;
    return setting == SETTING_CONFLICT ? reject_conflict(reader, text)
                                       : reject_value(reader, text);
}

static bool
read_target_name(const ConfigReader *reader, const json_t *value)
{
    LoadOptions *options = reader->options;
    const char *target = read_string(reader, "", value);
    TableTarget *targets;
    TableName name;

    if (target == NULL)
        return false;
    if (reader->layer == &options->config_all)
        return reject_setting(reader, "", "is not allowed in _defaults");
    if (!table_name_parse(target, &name, options->arena))
    {
        diag_set_hint(reader->diag, "It takes TABLE or SCHEMA.TABLE.");
        return reject_value(reader, target);
    }
    targets = arena_alloc(options->arena, (options->n_targets + 1) * sizeof(*targets));
    if (options->n_targets > 0)
        memcpy(targets, options->targets, options->n_targets * sizeof(*targets));
    targets[options->n_targets++] = (TableTarget){reader->layer->name, target};
    options->targets = targets;
    reader->layer->name = name;
    return true;
}

static bool
read_max_errors(const ConfigReader *reader, const json_t *value)
{
    const char *text = read_scalar(reader, "", value);
    LoadSettings ignored;

    if (text == NULL)
        return false;
    if (reader->layer != &reader->options->config_all)
        return reject_setting(reader, "", "is allowed only in _defaults");
    if (load_option_value_max_errors(text, reader->is_max_errors_given
                                               ? &ignored
                                               : &reader->options->settings))
        return true;
    diag_set_hint(reader->diag,
                  "It takes a number of rows, or a percentage such as \"0.5%%\".");
    return reject_value(reader, text);
}

static bool
read_other(const ConfigReader *reader, const json_t *value)
{
    const char *member = reader->member;

    if (strcmp(member, "target") == 0)
        return read_target_name(reader, value);
    if (strcmp(member, "max_errors") == 0)
        return read_max_errors(reader, value);
    if (strcmp(member, "null_key") == 0)
    {
        const char *text = read_string(reader, "", value);

        if (text == NULL || strcmp(text, "reject") == 0)
            return text != NULL;
        diag_set_hint(reader->diag, "It takes reject.");
        return reject_value(reader, text);
    }
    return reject_unknown_setting(reader);
}

static bool
read_section(ConfigReader *reader, json_t *section)
{
    json_t *value;

    json_object_foreach(section, reader->member, value)
    {
        TableSetting setting = table_setting_find_member(reader->member);

        if (setting < N_TABLE_SETTINGS ? !read_setting(reader, setting, value)
                                       : !read_other(reader, value))
            return false;
    }
    return true;
}

/* A table with a name similar to "_defaults" is unlikely to be meant. */
static bool
is_misspelled(const ConfigReader *reader)
{
    static const char *const names[] = {"_defaults"};

    if (strcmp(reader->section, names[0]) == 0 ||
        nearest_find(reader->section, names, 1) == NULL)
        return false;
    diag_set_message(reader->diag, "unknown member \"%s\" in \"%s\"", reader->section,
                     reader->path);
    diag_set_hint(reader->diag,
                  "Did you mean \"%s\"? A table of such a name is written with its "
                  "schema.",
                  names[0]);
    return true;
}

/* The layer that a member of the file is about, or NULL with a message. */
static TableLayer *
find_layer(const ConfigReader *reader, const json_t *section)
{
    LoadOptions *options = reader->options;
    const char *name = arena_copy_string(options->arena, reader->section);
    TableLayer *layer =
        strcmp(name, "_defaults") == 0
            ? &options->config_all
            : table_layer_get(&options->config_tables, name, options->arena);

    if (layer == NULL)
        diag_set_message(reader->diag, "\"%s\" in \"%s\" is not the name of a table",
                         name, reader->path);
    else if (!json_is_object(section))
        diag_set_message(reader->diag, "member \"%s\" in \"%s\" must be an object", name,
                         reader->path);
    else
        return layer;
    diag_set_hint(reader->diag, "%s", form_hint);
    return NULL;
}

static bool
check_section(const ConfigReader *reader)
{
    const TableLayer *layer = reader->layer;

    if (!table_layer_has(layer, SETTING_SLICE) || !table_layer_has(layer, SETTING_MODE) ||
        layer->settings.mode == MODE_SLICE)
        return true;
    diag_set_message(reader->diag,
                     "members \"mode\" and \"slice\" of \"%s\" in \"%s\" "
                     "contradict each other",
                     reader->section, reader->path);
    return false;
}

bool
load_config_read(const char *path, bool is_max_errors_given, LoadOptions *options,
                 Diag *diag)
{
    ConfigReader reader = {.path = path,
                           .options = options,
                           .is_max_errors_given = is_max_errors_given,
                           .diag = diag};
    json_t *root = json_file_load(path, form_hint, diag);
    bool is_good = root != NULL;

    for (void *at = json_object_iter(root); at != NULL && is_good;
         at = json_object_iter_next(root, at))
    {
        json_t *section = json_object_iter_value(at);

        reader.section = json_object_iter_key(at);
        reader.layer = is_misspelled(&reader) ? NULL : find_layer(&reader, section);
        is_good = reader.layer != NULL && read_section(&reader, section) &&
                  check_section(&reader);
    }
    json_decref(root);
    return is_good;
}
