/*
 * The key by which rows of the batch and rows of the target are matched. A unique key
 * other than the primary key is only used if there is just one, since the choice would
 * decide which rows are updated.
 */
#include "load/plan/load_plan_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/die.h"
#include "base/log.h"
#include "base/mem.h"
#include "load/plan/target.h"

/* Without expressions and predicate? */
static bool
is_over_columns(const TargetKey *key)
{
    for (int i = 0; i < key->n_parts; i++)
    {
        if (key->parts[i].column < 0)
            return false;
    }
    return key->predicate == NULL;
}

static bool
is_without_nulls(const LoadTable *table, const TargetKey *key)
{
    for (int i = 0; i < key->n_parts; i++)
    {
        if (!table->target->relation->columns[key->parts[i].column].is_not_null)
            return false;
    }
    return true;
}

static bool
is_in_key(const TargetKey *key, int column)
{
    for (int i = 0; i < key->n_parts; i++)
    {
        if (key->parts[i].column == column)
            return true;
    }
    return false;
}

/* ---- a natural key */

static int
find_natural_column(const LoadTable *table, const char *name)
{
    int column = catalog_find_column(table->target->relation, name);

    if (column < 0)
        die_message(EXIT_USAGE, "table %s has no column \"%s\" for --natural-key",
                    table->name, name);
    return column;
}

/* The unique index over exactly these columns, or NULL. */
static const TargetKey *
find_index(const LoadTable *table, const int *columns, int n)
{
    for (int i = 0; i < table->target->n_keys; i++)
    {
        const TargetKey *key = &table->target->keys[i];
        bool is_same = is_over_columns(key) && key->n_parts == n;

        for (int j = 0; j < n && is_same; j++)
            is_same = is_in_key(key, columns[j]);
        if (is_same)
            return key;
    }
    return NULL;
}

/* A key without a unique index. */
static const TargetKey *
make_key(LoadBatch *batch, const LoadTable *table, const int *columns, int n)
{
    TargetKey *key = arena_alloc(batch->arena, sizeof(*key));

    key->parts = ARENA_ARRAY(batch->arena, n, *key->parts);
    key->n_parts = n;
    key->used_columns = ARENA_ARRAY(batch->arena, n, int);
    key->n_used_columns = n;
    memcpy(key->used_columns, columns, (size_t)n * sizeof(int));
    for (int i = 0; i < n; i++)
    {
        const Column *column = &table->target->relation->columns[columns[i]];
        ColumnOrder order = target_load_order(batch->db, table->target, columns[i]);

        if (order.equal == NULL)
            die_message(EXIT_USAGE,
                        "values of column \"%s\" of table %s cannot be compared",
                        column->name, table->name);
        key->parts[i] = (KeyPart){.column = columns[i],
                                  .expression = column->operand,
                                  .operator= order.equal,
                                  .collation = ""};
    }
    return key;
}

static const TargetKey *
choose_natural(LoadBatch *batch, const LoadTable *table)
{
    const StringList *names = &table->settings->natural_key;
    int n = (int)names->n_items;
    int *columns = mem_alloc(names->n_items * sizeof(int));
    const TargetKey *key;

    for (int i = 0; i < n; i++)
        columns[i] = find_natural_column(table, names->items[i]);
    key = find_index(table, columns, n);
    if (key == NULL)
    {
        key = make_key(batch, table, columns, n);
        log_warning_hint("Create a unique index on its columns.",
                         "no unique index on the natural key of table %s: the commit "
                         "blocks other writers, and is slower",
                         table->name);
    }
    free(columns);
    return key;
}

/* ---- the table's own keys */

static const TargetKey *
choose_own(const LoadTable *table)
{
    const TargetKey *found = NULL;
    int n_found = 0;

    for (int i = 0; i < table->target->n_keys; i++)
    {
        const TargetKey *key = &table->target->keys[i];

        if (key->is_primary)
            return key;
        if (!is_over_columns(key) || !is_without_nulls(table, key))
            continue;
        found = key;
        n_found++;
    }
    return n_found == 1 ? found : NULL;
}

static void
check_key_columns(const LoadTable *table, const TargetKey *key)
{
    for (int i = 0; i < key->n_parts; i++)
    {
        int column = key->parts[i].column;

        if (!batch_has_column(table, column))
            die_hint(
                EXIT_SERVER,
                "Name another key with --natural-key, or add all rows with "
                "--mode=append.",
                "the rows for table %s have no column \"%s\", which is part of the key",
                table->name, table->target->relation->columns[column].name);
    }
}

/* An explicit --apply that replaces all rows needs no key. */
static bool
needs_key(const LoadTable *table)
{
    LoadApply apply = table->settings->apply;

    return table->settings->mode != MODE_APPEND && apply != APPLY_TRUNCATE &&
           apply != APPLY_SWAP && apply != APPLY_DELETE_INSERT;
}

static bool
has_columns(const LoadTable *table, const TargetKey *key)
{
    for (int i = 0; i < key->n_parts; i++)
    {
        if (!batch_has_column(table, key->parts[i].column))
            return false;
    }
    return true;
}

void
load_plan_key_choose(LoadBatch *batch, LoadTable *table)
{
    const TargetKey *key = table->settings->natural_key.n_items > 0
                               ? choose_natural(batch, table)
                               : choose_own(table);

    if (key != NULL && !needs_key(table) && !has_columns(table, key))
        key = NULL;
    if (key != NULL)
        check_key_columns(table, key);
    table->key = key;
}
