#include "programs/load/table_layer.h"

#include <string.h>

#include "cli/option_value.h"

static void
set_given(TableLayer *layer, TableSetting setting)
{
    layer->given |= 1U << setting;
}

/* Room for one more element behind the n old ones, in the arena. */
static void *
grow(Arena *arena, const void *old, size_t n, size_t size)
{
    void *items = arena_alloc(arena, (n + 1) * size);

    if (n > 0)
        memcpy(items, old, n * size);
    return items;
}

TableLayer *
table_layers_get(TableLayers *layers, const char *table, Arena *arena)
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

bool
table_layer_add_key(TableLayer *layer, const char *column, Arena *arena, Diag *diag)
{
    StringList *key = &layer->settings.natural_key;

    for (size_t i = 0; i < key->n_items; i++)
    {
        if (strcmp(key->items[i], column) == 0)
        {
            diag_set_hint(diag, "Column \"%s\" is there twice.", column);
            return false;
        }
    }
    option_append_text(key, column, arena);
    set_given(layer, SETTING_NATURAL_KEY);
    return true;
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
            diag_set_hint(diag, "Column \"%s\" %s is there twice.",
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

SliceTerm *
table_layer_add_slice(TableLayer *layer, const char *column, Arena *arena, Diag *diag)
{
    TableSettings *settings = &layer->settings;

    for (size_t i = 0; i < settings->n_slice; i++)
    {
        if (strcmp(settings->slice[i].column, column) == 0)
        {
            diag_set_hint(diag, "Several values of column \"%s\" are one list: %s=V,V.",
                          column, column);
            return NULL;
        }
    }
    settings->slice =
        grow(arena, settings->slice, settings->n_slice, sizeof(*settings->slice));
    settings->slice[settings->n_slice++] = (SliceTerm){.column = column};
    set_given(layer, SETTING_SLICE);
    return &settings->slice[settings->n_slice - 1];
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

/* ---- putting layers over one another */

static void
put_timestamp(const TableLayer *layer, TableSettings *settings)
{
    const TableSettings *said = &layer->settings;

    if (table_layer_says(layer, SETTING_TIMESTAMP_COLUMN))
    {
        settings->timestamp_column = said->timestamp_column;
        settings->has_no_timestamp = said->has_no_timestamp;
    }
    if (table_layer_says(layer, SETTING_TIMESTAMP_COMPARE))
        settings->is_timestamp_strict = said->is_timestamp_strict;
    if (table_layer_says(layer, SETTING_TIMESTAMP_NULLS))
        settings->is_null_timestamp_newest = said->is_null_timestamp_newest;
    if (table_layer_says(layer, SETTING_DUPLICATES))
        settings->duplicates = said->duplicates;
}

static void
put_columns(const TableLayer *layer, TableSettings *settings)
{
    const TableSettings *said = &layer->settings;

    if (table_layer_says(layer, SETTING_NATURAL_KEY))
        settings->natural_key = said->natural_key;
    if (table_layer_says(layer, SETTING_MAP))
    {
        settings->map = said->map;
        settings->n_map = said->n_map;
    }
    if (table_layer_says(layer, SETTING_IGNORE_UNKNOWN))
        settings->ignores_unknown_columns = said->ignores_unknown_columns;
    if (table_layer_says(layer, SETTING_EXPECT))
        settings->expected_rows = said->expected_rows;
}

/* Checks add up: what one place asserts holds whatever another one asserts. */
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
    const TableSettings *said = &layer->settings;

    if (said->table != NULL)
        settings->table = said->table;
    if (table_layer_says(layer, SETTING_SLICE))
    {
        settings->slice = said->slice;
        settings->n_slice = said->n_slice;
        settings->mode = MODE_SLICE;
    }
    if (table_layer_says(layer, SETTING_MODE))
        settings->mode = said->mode;
    if (table_layer_says(layer, SETTING_STRATEGY))
        settings->strategy = said->strategy;
    if (table_layer_says(layer, SETTING_APPLY))
        settings->apply = said->apply;
    put_timestamp(layer, settings);
    put_columns(layer, settings);
    put_checks(layer, settings, arena);
}
