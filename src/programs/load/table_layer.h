/*
 * The settings of a table, or of all tables, from one place: the options, or a part of
 * the configuration file. The settings of a table are its layers, each over the previous
 * ones.
 *
 * Pure: no output, no exit.
 */
#ifndef PROGRAMS_LOAD_TABLE_LAYER_H
#define PROGRAMS_LOAD_TABLE_LAYER_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/diag.h"
#include "load/settings.h"

/* ---- table_name.c */

typedef struct TableName
{
    const char *schema; /* or NULL: any */
    const char *name;
} TableName;

/* TABLE or SCHEMA.TABLE; false if it is neither. */
bool table_name_parse(const char *text, TableName *name, Arena *arena)
    __attribute__((warn_unused_result));

/* Does the name mean this table, with schema and name as in the catalog? */
bool table_name_matches(const TableName *name, const char *schema, const char *table);

/*
 * One item of a list: from *rest to one of the characters in stops, to which *rest is
 * moved. Double quotes around it are removed. NULL if a quote does not end, or does not
 * end at a stop. In the arena.
 */
const char *table_name_take_item(const char **rest, const char *stops, Arena *arena);

/* The same for a name: surrounding blanks are ignored, and an empty name is NULL, too. */
const char *table_name_take(const char **rest, const char *stops, Arena *arena);

/* ---- table_layer.c */

/* Words of options that are stored as a bool. */
#define COMPARE_WORDS ">=|>"
#define NULLS_WORDS "oldest|newest"
#define IMMUTABLE_WORDS "keep|reject"
#define BOOL_WORDS "false|true"

typedef enum TableSetting
{
    SETTING_MODE,
    SETTING_STRATEGY,
    SETTING_CONFLICT,
    SETTING_APPLY,
    SETTING_NATURAL_KEY,
    SETTING_IMMUTABLE_FIELDS,
    SETTING_IMMUTABLE,
    SETTING_UPDATED_AT,
    SETTING_SOFT_DELETE,
    SETTING_DELETED_AT,
    SETTING_AUDIT,
    SETTING_UNDO,
    SETTING_TIMESTAMP_COLUMN,
    SETTING_TIMESTAMP_COMPARE,
    SETTING_TIMESTAMP_NULLS,
    SETTING_DUPLICATES,
    SETTING_SLICE,
    SETTING_MAP,
    SETTING_IGNORE_UNKNOWN,
    SETTING_CHECKS,
    SETTING_EXPECT,
    SETTING_DATA_MEMBER,
    N_TABLE_SETTINGS
} TableSetting;

typedef struct TableLayer
{
    TableName name;         /* its table; no name: all tables */
    unsigned int given;     /* bits 1 << TableSetting: which settings it has */
    TableSettings settings; /* those settings; .table is the name as written */
    bool is_used;           /* a table has used it */
} TableLayer;

typedef struct TableLayers
{
    TableLayer *items;
    size_t n_items;
    size_t capacity;
} TableLayers;

/*
 * By the name of the option or of the member of the configuration file; N_TABLE_SETTINGS
 * if unknown.
 */
TableSetting table_setting_find_option(const char *option);
TableSetting table_setting_find_member(const char *member);
const char *table_setting_get_member(TableSetting setting);

/*
 * The layer of a table, created if it does not exist; NULL if the text is not the name of
 * a table.
 */
TableLayer *table_layer_get(TableLayers *layers, const char *table, Arena *arena);

static inline bool
table_layer_has(const TableLayer *layer, TableSetting setting)
{
    return (layer->given & 1U << setting) != 0;
}

/*
 * Stores a setting that is one text, as in an option. False, with only a hint in diag, if
 * it is malformed.
 */
bool table_setting_parse(TableLayer *layer, TableSetting setting, const char *text,
                         Arena *arena, Diag *diag) __attribute__((warn_unused_result));

/* Add to settings that are lists; false, with a hint, if the element exists. */
bool table_layer_add_key(TableLayer *layer, const char *column, Arena *arena, Diag *diag)
    __attribute__((warn_unused_result));
bool table_layer_add_immutable(TableLayer *layer, const char *column, Arena *arena,
                               Diag *diag) __attribute__((warn_unused_result));
bool table_layer_add_map(TableLayer *layer, const char *file_column, const char *column,
                         Arena *arena, Diag *diag) __attribute__((warn_unused_result));
ScopeTerm *table_layer_add_scope(TableLayer *layer, const char *column, Arena *arena,
                                 Diag *diag) __attribute__((warn_unused_result));
void table_layer_add_check(TableLayer *layer, const LoadAssertion *assertion,
                           Arena *arena);

/* Overrides the settings by those of the layer. */
void table_layer_put(const TableLayer *layer, TableSettings *settings, Arena *arena);

#endif
