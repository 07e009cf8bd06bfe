/* A part of target_load(): keys, CHECK constraints, and foreign keys to the table. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "db/sql_text.h"
#include "load/plan/target_internal.h"

/* Reads a part; its key is added with the first part. */
static void
read_key_part(const TargetList *list, Target *target, CatalogOid *last, RowReader *row)
{
    CatalogOid index = row_oid(row);
    TargetKey *key;
    KeyPart *part;
    TargetKey found = {.name = row_text(row), .qname = row_text(row)};
    const char *used;
    int n_parts;
    int attnum;

    found.is_primary = row_bool(row);
    found.is_deferrable = row_bool(row);
    found.is_null_equal = row_bool(row);
    found.is_period = row_bool(row);
    found.predicate = row_text(row);
    used = row_text(row);
    n_parts = row_int(row);
    if (index != *last)
    {
        *last = index;
        found.name = target_list_copy(list, found.name);
        found.qname = target_list_copy(list, found.qname);
        found.predicate = target_list_copy(list, found.predicate);
        found.parts = ARENA_ARRAY(list->catalog->arena, n_parts, KeyPart);
        target_list_read_columns(list, target, used, &found.used_columns,
                                 &found.n_used_columns);
        target->keys[target->n_keys++] = found;
    }
    key = &target->keys[target->n_keys - 1];
    part = &key->parts[key->n_parts++];
    attnum = row_int(row);
    part->column = attnum > 0 ? catalog_find_attnum(target->relation, attnum) : -1;
    part->expression = target_list_copy(list, row_text(row));
    part->operator= target_list_copy(list, row_text(row));
    part->collation = target_list_copy(list, row_text(row));
}

/* How many rows of the result begin with the oid of the table. */
static size_t
count_target_rows(const PGresult *result, const Target *target)
{
    size_t n = 0;

    for (int i = 0; i < PQntuples(result); i++)
        n += strtoul(PQgetvalue(result, i, 0), NULL, 10) == target->relation->oid;
    return n;
}

void
target_keys_load(const TargetList *list)
{
    PGresult *result = target_list_query(list, sql_load_target_keys);
    RowReader row = row_reader(result);
    CatalogOid last = 0;

    for (int i = 0; i < list->n_targets; i++)
    {
        Target *target = &list->targets[i];
        size_t n = count_target_rows(result, target); /* of parts: no fewer than keys */

        target->keys = arena_alloc(list->catalog->arena, (n + 1) * sizeof(TargetKey));
    }
    while (row_next(&row))
    {
        Target *target = target_list_find(list, row_oid(&row));

        read_key_part(list, target, &last, &row);
    }
    PQclear(result);
}

void
target_keys_load_checks(const TargetList *list)
{
    PGresult *result = target_list_query(list, sql_load_target_checks);
    RowReader row = row_reader(result);

    for (int i = 0; i < list->n_targets; i++)
    {
        Target *target = &list->targets[i];
        size_t n = count_target_rows(result, target);

        target->checks = arena_alloc(list->catalog->arena, (n + 1) * sizeof(TargetCheck));
    }
    while (row_next(&row))
    {
        Target *target = target_list_find(list, row_oid(&row));
        TargetCheck *check = &target->checks[target->n_checks++];

        check->name = target_list_copy(list, row_text(&row));
        check->expression = target_list_copy(list, row_text(&row));
        target_list_read_columns(list, target, row_text(&row), &check->columns,
                                 &check->n_columns);
        check->has_whole_row = row_bool(&row);
    }
    PQclear(result);
}

static char *
format_references(const TargetList *list)
{
    PQExpBufferData text;
    char *copy;

    initPQExpBuffer(&text);
    appendPQExpBufferChar(&text, '{');
    for (int i = 0; i < list->catalog->n_foreign_keys; i++)
    {
        const ForeignKey *foreign_key = &list->catalog->foreign_keys[i];
        const Relation *referenced = &list->catalog->relations[foreign_key->referenced];

        if (target_list_find(list, referenced->oid) != NULL)
            appendPQExpBuffer(&text, "%s%u", text.len > 1 ? "," : "", foreign_key->oid);
    }
    appendPQExpBufferChar(&text, '}');
    copy = mem_copy_string(text.data);
    termPQExpBuffer(&text);
    return copy;
}

static const ForeignKey *
find_foreign_key(const Catalog *catalog, CatalogOid oid)
{
    for (int i = 0; i < catalog->n_foreign_keys; i++)
    {
        if (catalog->foreign_keys[i].oid == oid)
            return &catalog->foreign_keys[i];
    }
    return NULL;
}

static void
read_reference(const TargetList *list, RowReader *row)
{
    const Catalog *catalog = list->catalog;
    const ForeignKey *foreign_key = find_foreign_key(catalog, row_oid(row));
    Target *target;
    TargetReference *reference;

    if (foreign_key == NULL)
        return;
    target = target_list_find(list, catalog->relations[foreign_key->referenced].oid);
    if (target->references == NULL)
        target->references = arena_alloc(catalog->arena, (size_t)catalog->n_foreign_keys *
                                                             sizeof(TargetReference));
    reference = &target->references[target->n_references++];
    reference->foreign_key = foreign_key;
    reference->on_delete = row_text(row)[0];
    reference->is_deferrable = row_bool(row);
}

void
target_keys_load_references(const TargetList *list)
{
    char *oids = format_references(list);
    const char *values[] = {oids};
    PGresult *result = db_query_params(list->db, sql_load_target_references, 1, values);
    RowReader row = row_reader(result);

    while (row_next(&row))
        read_reference(list, &row);
    PQclear(result);
    free(oids);
}
