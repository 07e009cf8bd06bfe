/*
 * Which column each member of JSON goes to: the columns of the batch are all that can be
 * loaded, in the table's order, since each record has other ones. The names are prepared
 * for the first source of the table, and all of its sources share them.
 */
#include "load/plan/load_plan_internal.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/die.h"
#include "base/mem.h"
#include "db/db.h"

enum
{
    OID_JSON = 114,
    OID_JSONB = 3802,
    OID_TEXT = 25,
    OID_VARCHAR = 1043
};

#define ENVELOPE "data" /* the default of --data-member */

static JsonKind
find_kind(CatalogOid type)
{
    if (type == OID_JSON || type == OID_JSONB)
        return JSON_KIND_JSON;
    return type == OID_TEXT || type == OID_VARCHAR ? JSON_KIND_TEXT : JSON_KIND_SCALAR;
}

static JsonColumn
describe_column(const LoadTable *table, int column, const char *constant)
{
    const TargetColumn *target = &table->target->columns[column];
    const Column *found = &table->target->relation->columns[column];
    JsonColumn result = {.name = found->name,
                         .kind = find_kind(found->type),
                         .constant = constant};

    if (target->element != 0)
    {
        result.kind = JSON_KIND_ARRAY;
        result.element = find_kind(target->element);
        result.delimiter = target->delimiter;
    }
    return result;
}

/* All columns but generated ones. */
static void
set_columns(LoadBatch *batch, LoadTable *table, JsonMembers *members)
{
    const Relation *relation = table->target->relation;
    size_t n = (size_t)relation->n_columns;
    int *columns = ARENA_ARRAY(batch->arena, n + 1, int);
    JsonColumn *described = ARENA_ARRAY(batch->arena, n + 1, JsonColumn);
    const char **constant_of = mem_alloc_zero(n + 1, sizeof(char *));

    load_plan_columns_match_scope(batch, table, constant_of);
    for (int i = 0; i < relation->n_columns; i++)
    {
        if (relation->columns[i].is_generated)
            continue;
        columns[table->n_columns] = i;
        described[table->n_columns++] = describe_column(table, i, constant_of[i]);
    }
    free(constant_of);
    if (table->n_columns == 0)
        die_message(EXIT_SERVER, "table %s has no columns that can be loaded",
                    table->name);
    table->columns = columns;
    members->columns = described;
    members->n_columns = (size_t)table->n_columns;
}

/* The index of the relation's column in the line. */
static int
find_line_column(const LoadTable *table, int column)
{
    if (column < 0)
        return JSON_UNKNOWN;
    for (int i = 0; i < table->n_columns; i++)
    {
        if (table->columns[i] == column)
            return i;
    }
    return JSON_GENERATED;
}

static JsonName
make_name(const LoadTable *table, const char *text, int column, bool is_mapped)
{
    return (JsonName){.text = text,
                      .length = strlen(text),
                      .column = find_line_column(table, column),
                      .is_mapped = is_mapped};
}

static void
set_names(LoadBatch *batch, const LoadTable *table, JsonMembers *members)
{
    const Relation *relation = table->target->relation;
    const TableSettings *settings = table->settings;
    JsonName *names =
        ARENA_ARRAY(batch->arena, settings->n_map + (size_t)relation->n_columns,
                    JsonName);

    for (size_t i = 0; i < settings->n_map; i++)
        names[members->n_names++] =
            make_name(table, settings->map[i].file_column,
                      load_plan_columns_find(batch, table, settings->map[i].file_column),
                      true);
    for (int i = 0; i < relation->n_columns; i++)
        names[members->n_names++] = make_name(table, relation->columns[i].name, i, false);
    members->names = names;
}

/* A column of that name would be ambiguous. */
static const char *
find_envelope(const LoadBatch *batch, const LoadTable *table)
{
    const TableSettings *settings = table->settings;

    if (settings->data_member != NULL || settings->has_no_data_member)
        return settings->data_member;
    return load_plan_columns_find(batch, table, ENVELOPE) < 0 ? ENVELOPE : NULL;
}

static void
check_encoding(const LoadBatch *batch, const char *path)
{
    const char *encoding = batch->settings->encoding;

    if (encoding != NULL && strcmp(db_encoding(batch->db), "UTF8") != 0)
        die_hint(EXIT_USAGE, "Omit --encoding, or load the other files separately.",
                 "%s is JSON, which is always in UTF-8, not in encoding %s", path,
                 encoding);
}

void
load_plan_members_match(LoadBatch *batch, LoadTable *table, const char *path,
                        StageInput *result)
{
    JsonMembers *members;

    check_encoding(batch, path);
    if (table->columns != NULL && table->members == NULL)
        load_plan_columns_die(batch, table, path, true);
    if (table->members == NULL)
    {
        members = ARENA_ARRAY(batch->arena, 1, JsonMembers);
        set_columns(batch, table, members);
        set_names(batch, table, members);
        members->envelope = find_envelope(batch, table);
        members->ignores_unknown = table->settings->ignores_unknown_columns;
        json_members_prepare(members, batch->arena);
        table->members = members;
        table->has_presence = true;
    }
    result->members = table->members;
}
