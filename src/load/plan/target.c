#include "load/plan/target.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/die.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "db/sql_text.h"
#include "load/plan/target_internal.h"

static void
read_target_row(const TargetList *list, RowReader *row)
{
    Target *target = target_list_find(list, row_oid(row));

    target->kind = row_text(row)[0];
    target->has_insert_trigger = row_bool(row);
    target->has_update_trigger = row_bool(row);
    target->has_delete_trigger = row_bool(row);
    target->insert_rule = target_list_copy(list, row_text(row));
    target->update_rule = target_list_copy(list, row_text(row));
    target->delete_rule = target_list_copy(list, row_text(row));
    target->has_row_security = row_bool(row);
    target->missing_privilege = target_list_copy(list, row_text(row));
    target->may_select = row_bool(row);
    target->may_insert = row_bool(row);
    target->may_update = row_bool(row);
    target->may_truncate = row_bool(row);
    target->may_lock = row_bool(row);
    target->also_rule = target_list_copy(list, row_text(row));
    target->n_tuples = row_double(row);
    target->n_bytes = row_int64(row);
    target_list_read_columns(list, target, row_text(row), &target->partition_columns,
                             &target->n_partition_columns);
    /* a partitioned table has none of its own where it was never analyzed */
    if (target->kind == 'p')
        target->n_tuples = target->relation->n_tuples;
}

static void
load_target_tables(const TargetList *list)
{
    PGresult *result = target_list_query(list, sql_load_targets);
    RowReader row = row_reader(result);

    while (row_next(&row))
        read_target_row(list, &row);
    PQclear(result);
    for (int i = 0; i < list->n_targets; i++)
    {
        if (list->targets[i].kind == '\0')
            die_message(EXIT_SERVER, "table %s was dropped in the meantime",
                        list->targets[i].relation->qname);
    }
}

static void
load_target_columns(const TargetList *list)
{
    PGresult *result = target_list_query(list, sql_load_target_columns);
    RowReader row = row_reader(result);

    while (row_next(&row))
    {
        Target *target = target_list_find(list, row_oid(&row));
        int column = catalog_find_attnum(target->relation, row_int(&row));
        TargetColumn *found;

        if (column < 0)
            continue;
        found = &target->columns[column];
        found->default_expression = target_list_copy(list, row_text(&row));
        found->has_default = row_bool(&row);
        found->is_identity = row_bool(&row);
        found->is_time_or_number = row_bool(&row);
        found->element = row_oid(&row);
        found->delimiter = row_text(&row)[0];
        found->domain_base = target_list_copy(list, row_text(&row));
    }
    PQclear(result);
}

static char *
format_oids(const Target *targets, int n)
{
    PQExpBufferData text;
    char *copy;

    initPQExpBuffer(&text);
    for (int i = 0; i < n; i++)
        appendPQExpBuffer(&text, "%s%u", i == 0 ? "{" : ",", targets[i].relation->oid);
    appendPQExpBufferStr(&text, n == 0 ? "{}" : "}");
    copy = mem_copy_string(text.data);
    termPQExpBuffer(&text);
    return copy;
}

Target *
target_load(Db *db, const Catalog *catalog, const int *relations, int n)
{
    TargetList list = {.db = db, .catalog = catalog, .n_targets = n};

    list.targets = arena_alloc(catalog->arena, ((size_t)n + 1) * sizeof(Target));
    for (int i = 0; i < n; i++)
    {
        Target *target = &list.targets[i];

        target->arena = catalog->arena;
        target->relation = &catalog->relations[relations[i]];
        target->relation_index = relations[i];
        target->columns =
            arena_alloc(catalog->arena,
                        ((size_t)target->relation->n_columns + 1) * sizeof(TargetColumn));
    }
    list.oids = format_oids(list.targets, n);
    db_set_context(db, "could not read the definitions of the tables to be loaded");
    load_target_tables(&list);
    load_target_columns(&list);
    target_keys_load(&list);
    target_keys_load_checks(&list);
    target_keys_load_references(&list);
    db_set_context(db, NULL);
    free(list.oids);
    return list.targets;
}

ColumnOrder
target_load_order(Db *db, const Target *target, int column)
{
    char *oid = mem_format("%u", target->relation->oid);
    char *attnum = mem_format("%d", target->relation->columns[column].attnum);
    const char *values[] = {oid, attnum};
    PGresult *result = db_query_params(db, sql_load_order, 2, values);
    RowReader row = row_reader(result);
    ColumnOrder order = {0};

    if (row_next(&row))
    {
        const char **fields[] = {&order.less, &order.less_or_equal, &order.greater,
                                 &order.greater_or_equal, &order.equal};

        for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
        {
            const char *text = row_text(&row);

            if (text != NULL)
                *fields[i] = arena_copy_string(target->arena, text);
        }
    }
    PQclear(result);
    free(oid);
    free(attnum);
    return order;
}

char *
target_fingerprint(Db *db, CatalogOid relation)
{
    char *oid = mem_format("%u", relation);
    const char *values[] = {oid};
    PGresult *result = db_query_params(db, sql_load_fingerprint, 1, values);
    char *fingerprint = mem_copy_string(PQgetvalue(result, 0, 0));

    PQclear(result);
    free(oid);
    return fingerprint;
}
