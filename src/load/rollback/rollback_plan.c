/* A part of rollback.h: tables and columns as they are now. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "db/db.h"
#include "db/row.h"
#include "db/sql_text.h"
#include "load/plan/load_plan.h"
#include "load/registry/claim.h"
#include "load/rollback/rollback.h"

/* By its qualified name, which the load has written; -1: there is none. */
static int
find_relation_named(const Catalog *catalog, const char *qname)
{
    for (int i = 0; i < catalog->n_relations; i++)
    {
        if (strcmp(catalog->relations[i].qname, qname) == 0)
            return i;
    }
    return -1;
}

/* A row of load_rollback_columns.sql: what prevents the rollback, if anything. */
static bool
read_column(RowReader *row, const UndoRow *undo, int *attnum, const char **cast,
            Findings *findings)
{
    static const char hint[] = "Restore the column as it was, or correct the rows by "
                               "hand from the undo table %s.";
    const char *name = row_text(row);
    bool is_generated;
    const char *type;
    const char *old_type;
    bool is_same;
    char *text = mem_format(hint, undo->qname);

    *attnum = row_int(row);
    is_generated = row_bool(row);
    type = row_text(row);
    old_type = row_text(row);
    is_same = row_bool(row);
    *cast = row_text(row);
    if (*attnum == 0)
        findings_add(findings, text,
                     "column \"%s\" of table %s was dropped or renamed since the load",
                     name, undo->table_name);
    else if (is_generated)
        findings_add(findings, text,
                     "column \"%s\" of table %s is generated since the load", name,
                     undo->table_name);
    else if (!is_same)
        findings_add(findings, text,
                     "column \"%s\" of table %s has another type than when it was "
                     "loaded: %s, and then %s",
                     name, undo->table_name, type, old_type);
    free(text);
    return *attnum != 0 && !is_generated && is_same;
}

/*
 * Undo tables have columns in the order of the table. Names that are in another order now
 * were exchanged between columns.
 */
static bool
check_order(const UndoRow *undo, int attnum, int before, Findings *findings)
{
    if (attnum > before)
        return true;
    findings_add(findings, "Give the columns their names again.",
                 "columns of table %s have exchanged their names since it was loaded",
                 undo->table_name);
    return false;
}

/* Sets the columns of the undo table and their casts; how many there are, or -1. */
static int
match_columns(LoadBatch *batch, const UndoRow *undo, int relation, int *columns,
              const char **casts, Findings *findings)
{
    const Relation *found = &batch->catalog->relations[relation];
    char *oid = mem_format("%u", found->oid);
    const char *values[] = {undo->qname, undo->columns, undo->types, oid};
    PGresult *result = db_query_params(batch->db, sql_load_rollback_columns, 4, values);
    RowReader row = row_reader(result);
    bool is_good = true;
    int before = 0;
    int n = 0;

    while (row_next(&row))
    {
        const char *cast;
        int attnum;

        if (!read_column(&row, undo, &attnum, &cast, findings))
        {
            is_good = false;
            continue;
        }
        is_good = is_good && check_order(undo, attnum, before, findings);
        before = attnum;
        columns[n] = catalog_find_attnum(found, attnum);
        casts[columns[n++]] = arena_copy_string(batch->arena, cast);
    }
    PQclear(result);
    free(oid);
    return is_good ? n : -1;
}

static StringList
read_names(LoadBatch *batch, const char *array)
{
    PGresult *result = db_query_params(batch->db,
                                       "SELECT u.name FROM pg_catalog.unnest("
                                       "$1::pg_catalog.text[]) AS u (name)",
                                       1, &array);
    StringList names = {0};
    int n = PQntuples(result);
    const char **items = ARENA_ARRAY(batch->arena, n, *items);

    for (int i = 0; i < n; i++)
        items[i] = arena_copy_string(batch->arena, PQgetvalue(result, i, 0));
    names.items = items;
    names.n_items = (size_t)n;
    PQclear(result);
    return names;
}

static bool
is_any_audited(const RollbackTable *undone)
{
    for (int i = 0; i < undone->n_rows; i++)
    {
        if (undone->rows[i].is_audited)
            return true;
    }
    return false;
}

/* Images of several runs can be composed only if they are of the same columns. */
static bool
check_runs(const RollbackTable *undone, Findings *findings)
{
    for (int i = 1; i < undone->n_rows; i++)
    {
        const UndoRow *first = &undone->rows[0];
        const UndoRow *row = &undone->rows[i];

        if (strcmp(first->columns, row->columns) == 0 &&
            strcmp(first->key, row->key) == 0)
            continue;
        findings_add(findings,
                     "Undo one run after the other with --undo-of, the last one first.",
                     "the columns or the key of table %s were changed between two runs",
                     first->table_name);
        return false;
    }
    return true;
}

static void
plan_table(LoadBatch *batch, const PlanContext *context, RollbackTable *undone,
           Findings *findings)
{
    const UndoRow *undo = &undone->rows[0];
    int relation = find_relation_named(batch->catalog, undo->table_name);
    const char **casts;
    StringList key;
    int *columns;
    int n_all;
    int n;

    if (relation < 0)
    {
        findings_add(findings, "Give the table its name again.",
                     "table %s does not exist any more", undo->table_name);
        return;
    }
    if (!check_runs(undone, findings))
        return;
    n_all = batch->catalog->relations[relation].n_columns;
    columns = ARENA_ARRAY(batch->arena, n_all, int);
    casts = ARENA_ARRAY(batch->arena, n_all, *casts);
    n = match_columns(batch, undo, relation, columns, casts, findings);
    if (n < 0)
        return;
    key = read_names(batch, undo->key);
    undone->casts = casts;
    undone->table = load_plan_restored(context, batch, relation, &key, columns, n,
                                       is_any_audited(undone));
}

/* The rows of a table are adjacent; those without an undo table have changed nothing. */
static void
group_rows(LoadBatch *batch, Rollback *rollback)
{
    rollback->tables = ARENA_ARRAY(batch->arena, rollback->n_rows, RollbackTable);
    for (int i = 0; i < rollback->n_rows; i++)
    {
        UndoRow *row = &rollback->rows[i];
        RollbackTable *last =
            rollback->n_tables > 0 ? &rollback->tables[rollback->n_tables - 1] : NULL;

        if (row->qname == NULL)
            continue;
        if (last != NULL && strcmp(last->rows[0].table_name, row->table_name) == 0)
        {
            last->rows[last->n_rows++] = *row;
            continue;
        }
        last = &rollback->tables[rollback->n_tables++];
        last->rows = ARENA_ARRAY(batch->arena, rollback->n_rows, UndoRow);
        last->rows[last->n_rows++] = *row;
    }
}

/* So that the numbers of rows are logged. */
static void
note_relations(LoadBatch *batch)
{
    for (int i = 0; batch->claim != NULL && i < batch->claim->n_tables; i++)
        batch->claim->tables[i].relation =
            find_relation_named(batch->catalog, batch->claim->tables[i].qname);
}

void
rollback_plan(LoadBatch *batch, const PlanContext *context, Findings *findings)
{
    Rollback *rollback = batch->rollback;

    group_rows(batch, rollback);
    for (int i = 0; i < rollback->n_tables; i++)
        plan_table(batch, context, &rollback->tables[i], findings);
    note_relations(batch);
    if (findings_count(findings) == 0)
        load_plan_end(batch, context);
}
