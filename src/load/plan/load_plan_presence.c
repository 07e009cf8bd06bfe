/*
 * Which columns the records have, once all are staged: the presence bits of all records
 * together, from one query.
 *
 * Columns that no record has leave the batch, as if a file had no such column: they keep
 * their values, new rows have defaults that the server puts there, and no query looks at
 * them. What remains is partial if some records lack a column and others have it. So
 * records that are all alike cost no more than rows of CSV.
 */
#include "load/plan/load_plan.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/die.h"
#include "base/log.h"
#include "base/mem.h"
#include "db/db.h"
#include "load/plan/load_plan_internal.h"

/* Of each column of the batch, in its order. */
typedef struct Presence
{
    const char *in_all;  /* a 0 where some record lacks it */
    const char *in_some; /* a 0 where no record has it, but full ones */
    bool has_full;       /* there are records that have all */
} Presence;

static bool
is_in_scope(const LoadTable *table, int column)
{
    const TableSettings *settings = table->settings;

    for (size_t i = 0; settings->mode == MODE_SLICE && i < settings->n_scope; i++)
    {
        if (catalog_find_column(table->target->relation, settings->scope[i].column) ==
            column)
            return true;
    }
    return false;
}

static bool
is_presence_key(const LoadTable *table, int column)
{
    for (int i = 0; table->key != NULL && i < table->key->n_parts; i++)
    {
        if (table->key->parts[i].column == column)
            return true;
    }
    return false;
}

/* Records without it are rejected one by one. */
static bool
is_indispensable(const LoadTable *table, int column)
{
    return is_presence_key(table, column) || is_in_scope(table, column);
}

/* As of a file without the column. */
static void
drop_timestamp(LoadTable *table)
{
    if (table->settings->timestamp_column != NULL)
        die_hint(EXIT_SERVER, "Use --timestamp-column=none to load without one.",
                 "the rows for table %s have no column \"%s\", which is the timestamp",
                 table->name, table->settings->timestamp_column);
    table->timestamp = -1;
}

static void
drop_columns(LoadBatch *batch, LoadTable *table, const Presence *presence)
{
    int *columns = ARENA_ARRAY(batch->arena, table->n_columns, int);
    bool *lacking = ARENA_ARRAY(batch->arena, table->target->relation->n_columns, bool);
    int n = 0;

    table->staged = table->columns;
    table->n_staged_columns = table->n_columns;
    for (int i = 0; i < table->n_columns; i++)
    {
        int column = table->columns[i];
        bool is_last = n == 0 && i + 1 == table->n_columns;

        if (presence->has_full || presence->in_some[i] == '1' ||
            is_indispensable(table, column) || is_last)
        {
            columns[n++] = column;
            lacking[column] = presence->in_all[i] == '0';
            table->is_partial = table->is_partial || lacking[column];
        }
        else if (column == table->timestamp)
            drop_timestamp(table);
    }
    table->lacking = lacking;
    table->columns = columns;
    table->n_columns = n;
    if (table->rules != NULL)
        load_plan_rules_set_written(batch, table);
    if (n < table->n_staged_columns)
        load_plan_table_warn(table);
}

static void
find_presence(LoadBatch *batch, LoadTable *table)
{
    char *sql = mem_format("SELECT pg_catalog.bit_and(s." PRESENT_COLUMN "),\n"
                           "       pg_catalog.bit_or(s." PRESENT_COLUMN "),\n"
                           "       pg_catalog.count(*) OPERATOR(pg_catalog.>)\n"
                           "       pg_catalog.count(s." PRESENT_COLUMN ")\n"
                           "  FROM %s AS s",
                           table->stage);
    PGresult *result = db_query_row(batch->db, sql);

    if (!PQgetisnull(result, 0, 0))
    {
        const Presence presence = {.in_all = PQgetvalue(result, 0, 0),
                                   .in_some = PQgetvalue(result, 0, 1),
                                   .has_full = PQgetvalue(result, 0, 2)[0] == 't'};

        drop_columns(batch, table, &presence);
    }
    PQclear(result);
    free(sql);
}

void
load_plan_presence(LoadBatch *batch)
{
    for (int i = 0; i < batch->n_tables; i++)
    {
        LoadTable *table = &batch->tables[i];

        if (!table->has_presence)
            continue;
        find_presence(batch, table);
        load_plan_table_check_columns(batch, table);
        if (table->is_partial)
            log_verbose("Some records for %s lack columns", table->name);
    }
}
