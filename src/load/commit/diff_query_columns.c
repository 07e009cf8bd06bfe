/*
 * A part of diff_query.h: what an update changes, and whether another unique key than the
 * matched one has to do with it. Only such updates and new rows can meet another row of
 * the target there; often they are few, where all updates would have to be looked up.
 */
#include "load/commit/diff_query.h"

#include <string.h>

#include "load/effective.h"

enum
{
    TYPE_NUMERIC = 1700 /* oid of the server's type */
};

bool
diff_query_columns_is_key(const LoadTable *table, int column)
{
    for (int i = 0; table->key != NULL && i < table->key->n_parts; i++)
    {
        if (table->key->parts[i].column == column)
            return true;
    }
    return false;
}

bool
diff_query_columns_is_updated(const LoadTable *table, int column)
{
    const Column *found = &table->target->relation->columns[column];

    if (found->is_always_identity || effective_is_kept(table, column) ||
        effective_is_updated_at(table, column))
        return false;
    return !diff_query_columns_is_key(table, column) || !found->is_canonical;
}

bool
diff_query_columns_is_compared(const Column *column)
{
    return column->is_canonical || column->type == TYPE_NUMERIC;
}

/* A column of type numeric(p,s) has one scale; one of a domain may have others. */
static bool
has_scales(const Column *column)
{
    static const char fixed[] = "numeric(";

    return !column->is_canonical &&
           strncmp(column->declared_type, fixed, strlen(fixed)) != 0;
}

void
diff_query_columns_append_comparison(PQExpBuffer sql, const Column *column,
                                     const char *source)
{
    appendPQExpBuffer(sql, "COALESCE(%s%s OPERATOR(pg_catalog.<>) t.%s", source,
                      column->operand, column->operand);
    if (has_scales(column))
        appendPQExpBuffer(sql,
                          "\n         OR pg_catalog.scale(%s%s)"
                          " OPERATOR(pg_catalog.<>) pg_catalog.scale(t.%s)",
                          source, column->operand, column->operand);
    appendPQExpBuffer(sql, ", (%s%s IS NULL) OPERATOR(pg_catalog.<>) (t.%s IS NULL))",
                      source, column->operand, column->operand);
}

/* Rules change rows in ways that the columns of the batch do not show. */
bool
diff_query_columns_has_rekeyed(const LoadTable *table)
{
    if (table->key == NULL || table->settings->mode == MODE_APPEND ||
        table->diff_select != NULL || effective_is_needed(table))
        return false;
    for (int i = 0; i < table->target->n_keys; i++)
    {
        const TargetKey *key = &table->target->keys[i];

        if (!batch_is_matched_key(table, key) &&
            batch_writes_any_column(table, key->used_columns, key->n_used_columns))
            return true;
    }
    return false;
}

/* Is the column a part of a unique key besides the matched one? */
static bool
is_used(const LoadTable *table, int column)
{
    for (int i = 0; i < table->target->n_keys; i++)
    {
        const TargetKey *key = &table->target->keys[i];

        for (int j = 0; j < key->n_used_columns; j++)
        {
            if (key->used_columns[j] == column && !batch_is_matched_key(table, key))
                return true;
        }
    }
    return false;
}

void
diff_query_columns_append_rekeyed(PQExpBuffer sql, const LoadTable *table)
{
    int n;
    const int *columns = batch_get_written(table, &n);

    if (!diff_query_columns_has_rekeyed(table))
        return;
    appendPQExpBufferStr(sql, ",\n       false");
    for (int i = 0; i < n; i++)
    {
        const Column *column = &table->target->relation->columns[columns[i]];

        if (!is_used(table, columns[i]) ||
            (diff_query_columns_is_key(table, columns[i]) && column->is_canonical))
            continue;
        appendPQExpBufferStr(sql, "\n    OR ");
        if (diff_query_columns_is_updated(table, columns[i]) &&
            diff_query_columns_is_compared(column))
            diff_query_columns_append_comparison(sql, column, "s.");
        else
            appendPQExpBufferStr(sql, "true");
    }
    appendPQExpBufferStr(sql, " AS " REKEYED_COLUMN);
}
