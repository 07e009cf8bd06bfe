#include "load/batch.h"

#include <string.h>

bool
batch_has_column(const LoadTable *table, int column)
{
    for (int i = 0; i < table->n_columns; i++)
    {
        if (table->columns[i] == column)
            return true;
    }
    return false;
}

bool
batch_has_columns(const LoadTable *table, const int *columns, int n)
{
    for (int i = 0; i < n; i++)
    {
        if (!batch_has_column(table, columns[i]))
            return false;
    }
    return true;
}

bool
batch_has_any_column(const LoadTable *table, const int *columns, int n)
{
    for (int i = 0; i < n; i++)
    {
        if (batch_has_column(table, columns[i]))
            return true;
    }
    return false;
}

const int *
batch_get_written(const LoadTable *table, int *n)
{
    *n = table->written != NULL ? table->n_written : table->n_columns;
    return table->written != NULL ? table->written : table->columns;
}

bool
batch_writes_column(const LoadTable *table, int column)
{
    int n;
    const int *written = batch_get_written(table, &n);

    for (int i = 0; i < n; i++)
    {
        if (written[i] == column)
            return true;
    }
    return false;
}

bool
batch_writes_columns(const LoadTable *table, const int *columns, int n)
{
    for (int i = 0; i < n; i++)
    {
        if (!batch_writes_column(table, columns[i]))
            return false;
    }
    return true;
}

bool
batch_writes_any_column(const LoadTable *table, const int *columns, int n)
{
    for (int i = 0; i < n; i++)
    {
        if (batch_writes_column(table, columns[i]))
            return true;
    }
    return false;
}

bool
batch_is_matched_key(const LoadTable *table, const TargetKey *key)
{
    return !key->is_period && table->settings->mode != MODE_APPEND &&
           table->key != NULL && table->key->name != NULL &&
           strcmp(table->key->name, key->name) == 0;
}

bool
batch_is_deleting(const LoadTable *table)
{
    return table->settings->mode == MODE_FULL || table->settings->mode == MODE_SLICE;
}

LoadTable *
batch_find_table(const LoadBatch *batch, int relation)
{
    for (int i = 0; i < batch->n_tables; i++)
    {
        if (batch->tables[i].target->relation_index == relation)
            return &batch->tables[i];
    }
    return NULL;
}

int
batch_get_index(const LoadBatch *batch, const LoadTable *table)
{
    return (int)(table - batch->tables);
}

int
batch_get_component(const LoadBatch *batch, int table)
{
    return batch->graph->component_of[batch->tables[table].target->relation_index];
}

void
batch_note_source(LoadTable *table, int source)
{
    if (source < table->next_source)
        return;
    table->n_sources++;
    table->next_source = source + 1;
}

uint64_t
batch_get_record_base(int source)
{
    return (uint64_t)source << RECORD_BITS;
}

const char *
batch_get_source_name(const LoadBatch *batch, int64_t record)
{
    int64_t source = record >> RECORD_BITS;

    return source < batch->n_sources ? batch->sources[source].name : "?";
}

int64_t
batch_get_record_number(int64_t record)
{
    return record & (((int64_t)1 << RECORD_BITS) - 1);
}
