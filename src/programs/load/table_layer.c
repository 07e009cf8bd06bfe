#include "programs/load/table_layer.h"

#include <string.h>

#include "cli/option_value.h"

static void
set_given(TableLayer *layer, TableSetting setting)
{
    layer->given |= 1U << setting;
}

/* A copy in the arena with room for one more element. */
static void *
grow(Arena *arena, const void *old, size_t n, size_t size)
{
    void *items = arena_alloc(arena, (n + 1) * size);

    if (n > 0)
        memcpy(items, old, n * size);
    return items;
}

TableLayer *
table_layer_get(TableLayers *layers, const char *table, Arena *arena)
{
    TableLayer *layer;
    TableName name;

    if (!table_name_parse(table, &name, arena))
        return NULL;
    for (size_t i = 0; i < layers->n_items; i++)
    {
        if (strcmp(layers->items[i].settings.table, table) == 0)
            return &layers->items[i];
    }
    layers->items = grow(arena, layers->items, layers->n_items, sizeof(*layers->items));
    layer = &layers->items[layers->n_items++];
    *layer = (TableLayer){.name = name, .settings = {.table = table}};
    return layer;
}

/* ---- lists */

static bool
add_column_name(StringList *columns, const char *column, Arena *arena, Diag *diag)
{
    for (size_t i = 0; i < columns->n_items; i++)
    {
        if (strcmp(columns->items[i], column) == 0)
        {
            diag_set_hint(diag, "Column \"%s\" is listed twice.", column);
            return false;
        }
    }
    option_value_append_text(columns, column, arena);
    return true;
}

bool
table_layer_add_key(TableLayer *layer, const char *column, Arena *arena, Diag *diag)
{
    set_given(layer, SETTING_NATURAL_KEY);
    return add_column_name(&layer->settings.natural_key, column, arena, diag);
}

bool
table_layer_add_immutable(TableLayer *layer, const char *column, Arena *arena, Diag *diag)
{
    set_given(layer, SETTING_IMMUTABLE_FIELDS);
    return add_column_name(&layer->settings.immutable_fields, column, arena, diag);
}

bool
table_layer_add_map(TableLayer *layer, const char *file_column, const char *column,
                    Arena *arena, Diag *diag)
{
    TableSettings *settings = &layer->settings;

    for (size_t i = 0; i < settings->n_map; i++)
    {
        bool is_twice = strcmp(settings->map[i].file_column, file_column) == 0;

        if (is_twice || strcmp(settings->map[i].column, column) == 0)
        {
            diag_set_hint(diag, "Column \"%s\" %s is listed twice.",
                          is_twice ? file_column : column,
                          is_twice ? "of the file" : "of the table");
            return false;
        }
    }
    settings->map = grow(arena, settings->map, settings->n_map, sizeof(*settings->map));
    settings->map[settings->n_map++] = (ColumnMap){file_column, column};
    set_given(layer, SETTING_MAP);
    return true;
}

ScopeTerm *
table_layer_add_scope(TableLayer *layer, const char *column, Arena *arena, Diag *diag)
{
    TableSettings *settings = &layer->settings;

    for (size_t i = 0; i < settings->n_scope; i++)
    {
        if (strcmp(settings->scope[i].column, column) == 0)
        {
            diag_set_hint(diag,
                          "Write several values of column \"%s\" as one list: "
                          "%s=V,V.",
                          column, column);
            return NULL;
        }
    }
    settings->scope =
        grow(arena, settings->scope, settings->n_scope, sizeof(*settings->scope));
    settings->scope[settings->n_scope++] = (ScopeTerm){.column = column};
    set_given(layer, SETTING_SLICE);
    return &settings->scope[settings->n_scope - 1];
}

void
table_layer_add_check(TableLayer *layer, const LoadAssertion *assertion, Arena *arena)
{
    TableSettings *settings = &layer->settings;

    settings->assertions = grow(arena, settings->assertions, settings->n_assertions,
                                sizeof(*settings->assertions));
    settings->assertions[settings->n_assertions++] = *assertion;
    set_given(layer, SETTING_CHECKS);
}

/* ---- the layers over one another */

static void
put_timestamp(const TableLayer *layer, TableSettings *settings)
{
    const TableSettings *given = &layer->settings;

    if (table_layer_has(layer, SETTING_TIMESTAMP_COLUMN))
    {
        settings->timestamp_column = given->timestamp_column;
        settings->has_no_timestamp = given->has_no_timestamp;
    }
    if (table_layer_has(layer, SETTING_TIMESTAMP_COMPARE))
        settings->is_timestamp_strict = given->is_timestamp_strict;
    if (table_layer_has(layer, SETTING_TIMESTAMP_NULLS))
        settings->is_null_timestamp_newest = given->is_null_timestamp_newest;
    if (table_layer_has(layer, SETTING_DUPLICATES))
        settings->duplicates = given->duplicates;
}

static void
put_columns(const TableLayer *layer, TableSettings *settings)
{
    const TableSettings *given = &layer->settings;

    if (table_layer_has(layer, SETTING_NATURAL_KEY))
        settings->natural_key = given->natural_key;
    if (table_layer_has(layer, SETTING_MAP))
    {
        settings->map = given->map;
        settings->n_map = given->n_map;
    }
    if (table_layer_has(layer, SETTING_IGNORE_UNKNOWN))
        settings->ignores_unknown_columns = given->ignores_unknown_columns;
    if (table_layer_has(layer, SETTING_EXPECT))
        settings->expected_rows = given->expected_rows;
    if (table_layer_has(layer, SETTING_DATA_MEMBER))
    {
        settings->data_member = given->data_member;
        settings->has_no_data_member = given->has_no_data_member;
    }
}

/* What becomes of rows that exist. */
static void
put_conflict(const TableLayer *layer, TableSettings *settings)
{
    const TableSettings *given = &layer->settings;

    if (table_layer_has(layer, SETTING_CONFLICT))
        settings->conflict = given->conflict;
    if (table_layer_has(layer, SETTING_IMMUTABLE_FIELDS))
        settings->immutable_fields = given->immutable_fields;
    if (table_layer_has(layer, SETTING_IMMUTABLE))
        settings->is_immutable_rejected = given->is_immutable_rejected;
    if (table_layer_has(layer, SETTING_UPDATED_AT))
    {
        settings->updated_at_column = given->updated_at_column;
        settings->has_no_updated_at = given->has_no_updated_at;
    }
    if (table_layer_has(layer, SETTING_SOFT_DELETE))
        settings->has_soft_delete = given->has_soft_delete;
    if (table_layer_has(layer, SETTING_DELETED_AT))
        settings->deleted_at_column = given->deleted_at_column;
}

/* What is kept of rows that change. */
static void
put_images(const TableLayer *layer, TableSettings *settings)
{
    if (table_layer_has(layer, SETTING_AUDIT))
        settings->is_audited = layer->settings.is_audited;
    if (!table_layer_has(layer, SETTING_UNDO))
        return;
    settings->has_undo = layer->settings.has_undo;
    settings->is_undo_given = true;
}

/* Checks of all layers apply together. */
static void
put_checks(const TableLayer *layer, TableSettings *settings, Arena *arena)
{
    TableLayer both = {.settings = *settings};

    for (size_t i = 0; i < layer->settings.n_assertions; i++)
        table_layer_add_check(&both, &layer->settings.assertions[i], arena);
    settings->assertions = both.settings.assertions;
    settings->n_assertions = both.settings.n_assertions;
}

void
table_layer_put(const TableLayer *layer, TableSettings *settings, Arena *arena)
{
    const TableSettings *given = &layer->settings;

    if (given->table != NULL)
        settings->table = given->table;
    if (table_layer_has(layer, SETTING_SLICE))
    {
        settings->scope = given->scope;
        settings->n_scope = given->n_scope;
        settings->mode = MODE_SLICE;
    }
    if (table_layer_has(layer, SETTING_MODE))
        settings->mode = given->mode;
    if (table_layer_has(layer, SETTING_STRATEGY))
        settings->strategy = given->strategy;
    if (table_layer_has(layer, SETTING_APPLY))
        settings->apply = given->apply;
    put_timestamp(layer, settings);
    put_columns(layer, settings);
    put_conflict(layer, settings);
    put_images(layer, settings);
    put_checks(layer, settings, arena);
}
