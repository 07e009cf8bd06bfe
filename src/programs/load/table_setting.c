#include <string.h>

#include "base/arena.h"
#include "cli/option_value.h"
#include "programs/load/table_layer.h"

static const struct
{
    const char *option;
    const char *member; /* of the configuration file */
    const char *words;  /* of an enum */
} kinds[N_TABLE_SETTINGS] = {
    [SETTING_MODE] = {"mode", "mode", MODE_WORDS},
    [SETTING_STRATEGY] = {"strategy", "update_strategy", STRATEGY_WORDS},
    [SETTING_CONFLICT] = {"conflict", "conflict_resolution", CONFLICT_WORDS},
    [SETTING_APPLY] = {"apply", "apply", APPLY_WORDS},
    [SETTING_NATURAL_KEY] = {"natural-key", "natural_key", NULL},
    [SETTING_IMMUTABLE_FIELDS] = {"immutable-fields", "immutable_fields", NULL},
    [SETTING_IMMUTABLE] = {"immutable", "immutable_conflict", IMMUTABLE_WORDS},
    [SETTING_UPDATED_AT] = {"updated-at-column", "updated_at_column", NULL},
    [SETTING_SOFT_DELETE] = {"soft-delete", "soft_delete", BOOL_WORDS},
    [SETTING_DELETED_AT] = {"deleted-at-column", "deleted_at_column", NULL},
    [SETTING_AUDIT] = {"audit", "audit_changes", BOOL_WORDS},
    [SETTING_UNDO] = {"undo", "undo", BOOL_WORDS},
    [SETTING_TIMESTAMP_COLUMN] = {"timestamp-column", "timestamp_column", NULL},
    [SETTING_TIMESTAMP_COMPARE] = {"timestamp-compare", "timestamp_compare",
                                   COMPARE_WORDS},
    [SETTING_TIMESTAMP_NULLS] = {"timestamp-nulls", "timestamp_nulls", NULLS_WORDS},
    [SETTING_DUPLICATES] = {"on-duplicate", "on_duplicate", DUPLICATES_WORDS},
    [SETTING_SLICE] = {"slice", "slice", NULL},
    [SETTING_MAP] = {"map", "columns", NULL},
    [SETTING_IGNORE_UNKNOWN] = {"ignore-unknown-columns", "ignore_unknown_columns",
                                BOOL_WORDS},
    [SETTING_CHECKS] = {"check", "checks", NULL},
    [SETTING_EXPECT] = {"expect", "expect", NULL},
    [SETTING_DATA_MEMBER] = {"data-member", "data_member", NULL},
};

TableSetting
table_setting_find_option(const char *option)
{
    TableSetting setting = 0;

    while (setting < N_TABLE_SETTINGS && strcmp(kinds[setting].option, option) != 0)
        setting++;
    return setting;
}

TableSetting
table_setting_find_member(const char *member)
{
    TableSetting setting = 0;

    while (setting < N_TABLE_SETTINGS && strcmp(kinds[setting].member, member) != 0)
        setting++;
    return setting;
}

const char *
table_setting_get_member(TableSetting setting)
{
    return kinds[setting].member;
}

static void
store_word(TableSettings *settings, TableSetting setting, int word)
{
    if (setting == SETTING_MODE)
        settings->mode = (LoadMode)word;
    else if (setting == SETTING_STRATEGY)
        settings->strategy = (LoadStrategy)word;
    else if (setting == SETTING_CONFLICT)
        settings->conflict = (LoadConflict)word;
    else if (setting == SETTING_IMMUTABLE)
        settings->is_immutable_rejected = word == 1;
    else if (setting == SETTING_SOFT_DELETE)
        settings->has_soft_delete = word == 1;
    else if (setting == SETTING_AUDIT)
        settings->is_audited = word == 1;
    else if (setting == SETTING_UNDO)
        settings->has_undo = word == 1;
    else if (setting == SETTING_APPLY)
        settings->apply = (LoadApply)word;
    else if (setting == SETTING_TIMESTAMP_COMPARE)
        settings->is_timestamp_strict = word == 1;
    else if (setting == SETTING_TIMESTAMP_NULLS)
        settings->is_null_timestamp_newest = word == 1;
    else if (setting == SETTING_DUPLICATES)
        settings->duplicates = (LoadDuplicates)word;
    else if (setting == SETTING_IGNORE_UNKNOWN)
        settings->ignores_unknown_columns = word == 1;
}

/* The last list applies, as of options that are not lists. */
static bool
parse_column_list(TableLayer *layer, TableSetting setting, const char *text, Arena *arena,
                  Diag *diag)
{
    bool is_key = setting == SETTING_NATURAL_KEY;

    if (is_key)
        layer->settings.natural_key = (StringList){0};
    else
        layer->settings.immutable_fields = (StringList){0};
    for (const char *rest = text;; rest++)
    {
        const char *column = table_name_take(&rest, ",", arena);

        if (column == NULL)
        {
            diag_set_hint(diag, "It takes names of columns, separated by commas.");
            return false;
        }
        if (!(is_key ? table_layer_add_key : table_layer_add_immutable)(layer, column,
                                                                        arena, diag))
            return false;
        if (*rest == '\0')
            return true;
    }
}

/* The name of a column or member, or none, where there can be none. */
static bool
parse_column(TableLayer *layer, TableSetting setting, const char *text, Arena *arena,
             Diag *diag)
{
    TableSettings *settings = &layer->settings;
    bool is_none = setting != SETTING_DELETED_AT && strcmp(text, "none") == 0;
    const char *column = table_name_take(&text, "", arena);

    if (column == NULL)
    {
        diag_set_hint(diag, "It takes the name of a %s%s.",
                      setting == SETTING_DATA_MEMBER ? "member" : "column",
                      setting == SETTING_DELETED_AT ? "" : ", or none");
        return false;
    }
    if (setting == SETTING_DELETED_AT)
        settings->deleted_at_column = column;
    else if (setting == SETTING_DATA_MEMBER)
    {
        settings->has_no_data_member = is_none;
        settings->data_member = is_none ? NULL : column;
    }
    else if (setting == SETTING_UPDATED_AT)
    {
        settings->has_no_updated_at = is_none;
        settings->updated_at_column = is_none ? NULL : column;
    }
    else
    {
        settings->has_no_timestamp = is_none;
        settings->timestamp_column = is_none ? NULL : column;
    }
    return true;
}

static bool
parse_scope(TableLayer *layer, const char *text, Arena *arena, Diag *diag)
{
    const char *column = table_name_take(&text, "=", arena);
    ScopeTerm *term;

    if (column == NULL || *text != '=' || text[1] == '\0')
    {
        diag_set_hint(diag, "It takes COLUMN=VALUE, or COLUMN=VALUE,VALUE...");
        return false;
    }
    term = table_layer_add_scope(layer, column, arena, diag);
    if (term == NULL)
        return false;
    do
    {
        const char *value;

        text++;
        value = table_name_take_item(&text, ",", arena);
        if (value == NULL)
        {
            diag_set_hint(diag, "A quoted value ends with a quote; a quote in it is "
                                "doubled.");
            return false;
        }
        option_value_append_text(&term->values, value, arena);
    } while (*text != '\0');
    return true;
}

static bool
parse_map(TableLayer *layer, const char *text, Arena *arena, Diag *diag)
{
    for (const char *rest = text;; rest++)
    {
        const char *file_column = table_name_take(&rest, ":,", arena);
        const char *column = NULL;

        if (file_column != NULL && *rest == ':')
        {
            rest++;
            column = table_name_take(&rest, ":,", arena);
        }
        if (column == NULL || *rest == ':')
        {
            diag_set_hint(diag, "It takes FILECOLUMN:COLUMN, separated by commas.");
            return false;
        }
        if (!table_layer_add_map(layer, file_column, column, arena, diag))
            return false;
        if (*rest == '\0')
            return true;
    }
}

/* SQL, or a name, a colon and SQL; the colons of a cast do not count. */
static bool
parse_check(TableLayer *layer, const char *text, Arena *arena, Diag *diag)
{
    static const char name_characters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ_-"
                                          "abcdefghijklmnopqrstuvwxyz0123456789";
    size_t length = strspn(text, name_characters);
    LoadAssertion assertion = {.name = text, .sql = text};

    if (length > 0 && text[length] == ':' && text[length + 1] != ':')
    {
        char *name = arena_copy_string(arena, text);

        name[length] = '\0';
        assertion.name = name;
        assertion.sql = text + length + 1;
        assertion.sql += strspn(assertion.sql, " ");
    }
    if (assertion.sql[strspn(assertion.sql, " \t\n")] == '\0')
    {
        diag_set_hint(diag, "It takes a query that must return no row, such as "
                            "'SELECT * FROM {staging} WHERE price < 0'.");
        return false;
    }
    table_layer_add_check(layer, &assertion, arena);
    return true;
}

static bool
parse_expect(TableLayer *layer, const char *text, Diag *diag)
{
    uint64_t number;
    const char *rest;

    if (!option_value_parse_digits(text, &number, &rest) || *rest != '\0' ||
        number > INT64_MAX)
    {
        diag_set_hint(diag, "It takes a whole number of rows from 0 on.");
        return false;
    }
    layer->settings.expected_rows = (int64_t)number;
    return true;
}

static bool
parse_text(TableLayer *layer, TableSetting setting, const char *text, Arena *arena,
           Diag *diag)
{
    int word;

    if (setting == SETTING_NATURAL_KEY || setting == SETTING_IMMUTABLE_FIELDS)
        return parse_column_list(layer, setting, text, arena, diag);
    if (setting == SETTING_TIMESTAMP_COLUMN || setting == SETTING_UPDATED_AT ||
        setting == SETTING_DELETED_AT || setting == SETTING_DATA_MEMBER)
        return parse_column(layer, setting, text, arena, diag);
    if (setting == SETTING_SLICE)
        return parse_scope(layer, text, arena, diag);
    if (setting == SETTING_MAP)
        return parse_map(layer, text, arena, diag);
    if (setting == SETTING_CHECKS)
        return parse_check(layer, text, arena, diag);
    if (setting == SETTING_EXPECT)
        return parse_expect(layer, text, diag);
    word = option_value_parse_word(kinds[setting].words, text, arena, diag);
    if (word >= 0)
        store_word(&layer->settings, setting, word);
    return word >= 0;
}

bool
table_setting_parse(TableLayer *layer, TableSetting setting, const char *text,
                    Arena *arena, Diag *diag)
{
    if (!parse_text(layer, setting, text, arena, diag))
        return false;
    layer->given |= 1U << setting;
    return true;
}
