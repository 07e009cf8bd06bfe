/*
 * What applies to existing rows besides the record: merge, immutable columns, the time of
 * updates, soft deletes. The settings name columns, which the table must have and which
 * must be able to do what is asked; a commit that fails would be too late.
 */
#include "load/plan/load_plan_internal.h"

#include <string.h>

#include "base/arena.h"
#include "base/die.h"
#include "load/commit/diff_query.h"

#define DEFAULT_UPDATED_AT "updated_at"

/* Oids of types are fixed. */
enum
{
    OID_DATE = 1082,
    OID_TIMESTAMP = 1114,
    OID_TIMESTAMPTZ = 1184
};

static const char column_hint[] = "Create the column, or correct the setting.";

static int
get_rule_column(const LoadTable *table, const char *name, const char *what)
{
    int column = catalog_find_column(table->target->relation, name);

    if (column < 0)
        die_hint(EXIT_SERVER, column_hint, "table %s has no column \"%s\" for %s",
                 table->name, name, what);
    return column;
}

/* Can the column be set to the time? */
static bool
has_time_type(const LoadTable *table, int column)
{
    CatalogOid type = table->target->relation->columns[column].type;

    return type == OID_DATE || type == OID_TIMESTAMP || type == OID_TIMESTAMPTZ;
}

static void
check_time_column(const LoadTable *table, int column, const char *what)
{
    const Column *found = &table->target->relation->columns[column];

    if (!has_time_type(table, column))
        die_hint(EXIT_SERVER, "It must be a date, a timestamp or a timestamptz.",
                 "column \"%s\" of table %s cannot be used for %s: its type is not a "
                 "point in time",
                 found->name, table->name, what);
    if (found->is_generated)
        die_message(EXIT_SERVER,
                    "column \"%s\" of table %s cannot be used for %s: it is generated "
                    "by the server",
                    found->name, table->name, what);
    if (diff_query_columns_is_key(table, column))
        die_message(EXIT_SERVER,
                    "column \"%s\" of table %s cannot be used for %s: it is part of "
                    "the key",
                    found->name, table->name, what);
}

/* By column; columns of the key do not change anyway. */
static bool *
find_immutable(const LoadBatch *batch, const LoadTable *table, bool *has_any)
{
    const StringList *names = &table->settings->immutable_fields;
    bool *is_immutable =
        ARENA_ARRAY(batch->arena, table->target->relation->n_columns, bool);

    *has_any = false;
    for (size_t i = 0; i < names->n_items; i++)
    {
        int column = get_rule_column(table, names->items[i], "immutable fields");

        if (diff_query_columns_is_key(table, column))
            continue;
        is_immutable[column] = true;
        *has_any = true;
    }
    return is_immutable;
}

/* -1: none. In a batch it need not be named. */
static int
find_updated_at(const LoadBatch *batch, const LoadTable *table)
{
    const char *name = table->settings->updated_at_column;
    int column;

    if (name == NULL)
    {
        column = batch->settings->is_batch && !table->settings->has_no_updated_at
                     ? catalog_find_column(table->target->relation, DEFAULT_UPDATED_AT)
                     : -1;
        return column >= 0 && column != table->timestamp &&
                       has_time_type(table, column) &&
                       !table->target->relation->columns[column].is_generated &&
                       !diff_query_columns_is_key(table, column)
                   ? column
                   : -1;
    }
    column = get_rule_column(table, name, "--updated-at-column");
    check_time_column(table, column, "--updated-at-column");
    if (column == table->timestamp)
        die_hint(EXIT_SERVER, "Use --timestamp-column to name another one, or none.",
                 "column \"%s\" of table %s cannot be both the timestamp and set by "
                 "updates",
                 name, table->name);
    return column;
}

static int
find_deleted_at(const LoadTable *table)
{
    static const char what[] = "--soft-delete";
    const char *name = table->settings->deleted_at_column;
    int column;

    if (!table->settings->has_soft_delete)
        return -1;
    column = get_rule_column(table, name, what);
    check_time_column(table, column, what);
    if (table->target->relation->columns[column].is_not_null)
        die_hint(EXIT_SERVER, "NULL means that the row is not deleted.",
                 "column \"%s\" of table %s cannot be used for --soft-delete: it is NOT "
                 "NULL",
                 name, table->name);
    if (column == table->timestamp)
        die_message(EXIT_SERVER,
                    "column \"%s\" of table %s cannot be both the timestamp and the mark "
                    "of soft deletes",
                    name, table->name);
    if (table->key == NULL)
        die_hint(EXIT_SERVER, "Name one with --natural-key.",
                 "table %s has no key, which --soft-delete needs", table->name);
    return column;
}

/* A column can have only one meaning. */
static void
check_meanings(const LoadTable *table, const RowRules *rules)
{
    const int managed[] = {rules->updated_at, rules->deleted_at};

    for (int i = 0; i < 2; i++)
    {
        if (managed[i] < 0 ||
            !(rules->is_immutable[managed[i]] || (i == 1 && managed[0] == managed[1])))
            continue;
        die_message(EXIT_SERVER,
                    "column \"%s\" of table %s is named for two purposes: immutable, "
                    "set by updates, set by soft deletes",
                    table->target->relation->columns[managed[i]].name, table->name);
    }
}

/* Rows that are all deleted and inserted keep nothing. */
static void
check_applied(const LoadTable *table, const RowRules *rules)
{
    if (table->apply == APPLY_DIFF)
        return;
    if (rules->is_merge || rules->has_immutable || rules->deleted_at >= 0)
        die_hint(EXIT_SERVER, "Use --apply=diff, with a key.",
                 "table %s: all rows would be deleted and inserted, so that %s has no "
                 "meaning",
                 table->name,
                 rules->deleted_at >= 0 ? "--soft-delete"
                 : rules->has_immutable ? "--immutable-fields"
                                        : "--conflict=merge");
}

/* The diff has the columns that the loader itself sets, too. */
void
load_plan_rules_set_written(const LoadBatch *batch, LoadTable *table)
{
    const int managed[] = {table->rules->updated_at, table->rules->deleted_at};
    int *written = ARENA_ARRAY(batch->arena, table->n_columns + 2, int);

    memcpy(written, table->columns, (size_t)table->n_columns * sizeof(int));
    table->n_written = table->n_columns;
    for (int i = 0; i < 2; i++)
    {
        if (managed[i] >= 0 && !batch_has_column(table, managed[i]))
            written[table->n_written++] = managed[i];
    }
    table->written = written;
}

void
load_plan_rules_settle(const LoadBatch *batch, LoadTable *table)
{
    RowRules rules = {.is_merge = table->settings->conflict == CONFLICT_MERGE};
    RowRules *copy;

    rules.is_immutable = find_immutable(batch, table, &rules.has_immutable);
    rules.updated_at = find_updated_at(batch, table);
    rules.deleted_at = find_deleted_at(table);
    check_meanings(table, &rules);
    if (table->key == NULL || table->settings->mode == MODE_APPEND)
        return;
    check_applied(table, &rules);
    if (!rules.is_merge && !rules.has_immutable && rules.updated_at < 0 &&
        rules.deleted_at < 0)
        return;
    copy = arena_alloc(batch->arena, sizeof(*copy));
    *copy = rules;
    table->rules = copy;
    load_plan_rules_set_written(batch, table);
}
