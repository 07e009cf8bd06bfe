#include "model/catalog_load.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "db/row.h"
#include "db/sql_text.h"

static const char *
load_identity(Catalog *catalog, Answers *answers)
{
    PGresult *result = answers_query_row(answers, sql_identity);
    const char *identity = arena_copy_string(catalog->arena, PQgetvalue(result, 0, 0));

    PQclear(result);
    return identity;
}

static void
load_server(Catalog *catalog, Answers *answers)
{
    PGresult *result = answers_query_row(answers, sql_server);
    RowReader row = row_reader(result);

    row_next(&row);
    catalog->server_version = answers_get_server_version(answers);
    catalog->is_standby = row_bool(&row);
    catalog->lock_slots = row_int(&row);
    catalog->lock_slots_used = row_int(&row);
    catalog->block_size = row_int(&row);
    if (row_bool(&row))
        catalog->identity = load_identity(catalog, answers);
    PQclear(result);
}

static const char *
copy_catalog_text(Catalog *catalog, const char *text)
{
    return text != NULL ? arena_copy_string(catalog->arena, text) : NULL;
}

/* Reads oids that blanks separate. */
static void
read_parents(Catalog *catalog, Relation *relation, const char *text)
{
    size_t most = text != NULL ? strlen(text) : 0;
    char *next = NULL;

    relation->parents = ARENA_ARRAY(catalog->arena, most, CatalogOid);
    for (const char *at = text; most > 0 && *at != '\0'; at = next)
        relation->parents[relation->n_parents++] = (CatalogOid)strtoul(at, &next, 10);
}

static void
read_relation(Catalog *catalog, Relation *relation, RowReader *row)
{
    Leaf *leaf;

    relation->oid = row_oid(row);
    relation->schema = copy_catalog_text(catalog, row_text(row));
    relation->name = copy_catalog_text(catalog, row_text(row));
    relation->qname = copy_catalog_text(catalog, row_text(row));
    relation->is_partitioned = row_bool(row);
    relation->is_unlogged = row_bool(row);
    relation->is_readable = row_bool(row);
    relation->is_of_loader = row_bool(row);
    relation->extension = row_oid(row);
    relation->is_extension_member = relation->extension != 0;
    relation->is_configuration = row_bool(row);
    relation->configuration_condition = copy_catalog_text(catalog, row_text(row));
    relation->n_indexes = row_int(row);
    relation->n_tuples = row_double(row);
    relation->n_pages = row_int64(row);
    if (relation->is_partitioned)
    {
        /* its partitions are added up instead */
        relation->n_tuples = -1;
        relation->n_pages = 0;
        return;
    }
    /* an ordinary table is its own only leaf */
    leaf = arena_alloc(catalog->arena, sizeof(*leaf));
    *leaf = (Leaf){.oid = relation->oid,
                   .schema = relation->schema,
                   .name = relation->name,
                   .qname = relation->qname,
                   .n_tuples = relation->n_tuples,
                   .n_pages = relation->n_pages,
                   .filenode = row_oid(row)};
    relation->leaves = leaf;
    relation->n_leaves = 1;
    read_parents(catalog, relation, row_text(row));
}

static void
load_relations(Catalog *catalog, Answers *answers)
{
    PGresult *result = answers_query(answers, sql_relations);
    RowReader row = row_reader(result);
    int n = PQntuples(result);

    catalog->relations = ARENA_ARRAY(catalog->arena, n, Relation);
    catalog->n_relations = n;
    catalog->relation_map.entries = ARENA_ARRAY(catalog->arena, n, OidMapEntry);
    catalog->relation_map.n_entries = n;
    catalog->heirs = ARENA_ARRAY(catalog->arena, n, int);
    while (row_next(&row))
    {
        Relation *relation = &catalog->relations[row.row];

        read_relation(catalog, relation, &row);
        if (relation->n_parents > 0)
            catalog->heirs[catalog->n_heirs++] = row.row;
        catalog->relation_map.entries[row.row] =
            (OidMapEntry){.oid = relation->oid, .position = row.row};
    }
    oidmap_sort(&catalog->relation_map);
    PQclear(result);
}

static Column
read_table_column(Catalog *catalog, RowReader *row)
{
    Column column = {0};

    column.attnum = row_int(row);
    column.name = copy_catalog_text(catalog, row_text(row));
    column.qname = copy_catalog_text(catalog, row_text(row));
    column.type = row_oid(row);
    column.type_name = copy_catalog_text(catalog, row_text(row));
    column.is_not_null = row_bool(row);
    column.is_generated = row_bool(row);
    column.is_always_identity = row_bool(row);
    column.is_canonical = row_bool(row);
    column.is_padded = row_bool(row);
    column.is_number = row_bool(row);
    column.is_boolean = row_bool(row);
    column.is_checked = row_bool(row);
    column.declared_type = copy_catalog_text(catalog, row_text(row));
    column.collation = copy_catalog_text(catalog, row_text(row));
    column.operand = copy_catalog_text(catalog, row_text(row));
    return column;
}

static void
load_columns(Catalog *catalog, Answers *answers)
{
    PGresult *result = answers_query(answers, sql_columns);
    RowReader row = row_reader(result);
    Column *columns = ARENA_ARRAY(catalog->arena, PQntuples(result), Column);

    /* the rows of one relation are neighbours, so it gets a slice of the one array */
    while (row_next(&row))
    {
        int position = catalog_find_relation(catalog, row_oid(&row));
        Relation *relation;

        if (position < 0)
            continue;
        relation = &catalog->relations[position];
        if (relation->n_columns == 0)
            relation->columns = &columns[row.row];
        columns[row.row] = read_table_column(catalog, &row);
        relation->n_columns++;
    }
    PQclear(result);
}

static void
load_sequences(Catalog *catalog, Answers *answers)
{
    PGresult *result = answers_query(answers, sql_sequences);
    RowReader row = row_reader(result);

    catalog->n_sequences = PQntuples(result);
    catalog->sequences = ARENA_ARRAY(catalog->arena, catalog->n_sequences, Sequence);
    while (row_next(&row))
    {
        Sequence *sequence = &catalog->sequences[row.row];
        const char *column;

        sequence->oid = row_oid(&row);
        sequence->name = copy_catalog_text(catalog, row_text(&row));
        sequence->qname = copy_catalog_text(catalog, row_text(&row));
        sequence->is_readable = row_bool(&row);
        sequence->extension = row_oid(&row);
        sequence->is_configuration = row_bool(&row);
        sequence->is_descending = row_bool(&row);
        sequence->start = row_int64(&row);
        sequence->minimum = row_int64(&row);
        sequence->maximum = row_int64(&row);
        sequence->relation = catalog_find_root(catalog, row_oid(&row));
        column = row_text(&row);
        sequence->column =
            sequence->relation >= 0
                ? catalog_find_column(&catalog->relations[sequence->relation], column)
                : -1;
        if (sequence->column < 0)
            sequence->relation = -1;
    }
    PQclear(result);
}

/* Rows of one view are neighbours: one for each materialized view that it uses. */
static void
load_materialized_views(Catalog *catalog, Answers *answers)
{
    PGresult *result = answers_query(answers, sql_materialized_views);
    size_t n = (size_t)PQntuples(result);
    MaterializedView *views = ARENA_ARRAY(catalog->arena, n, *views);
    OidMap map = {.entries = ARENA_ARRAY(catalog->arena, n, OidMapEntry)};
    int *uses = ARENA_ARRAY(catalog->arena, n, int);
    RowReader row = row_reader(result);
    MaterializedView *view = NULL;

    while (row_next(&row))
    {
        CatalogOid oid = row_oid(&row);

        if (view != NULL && view->oid == oid)
            continue;
        view = &views[map.n_entries];
        view->oid = oid;
        view->qname = copy_catalog_text(catalog, row_text(&row));
        view->schema = copy_catalog_text(catalog, row_text(&row));
        view->name = copy_catalog_text(catalog, row_text(&row));
        view->is_populated = row_bool(&row);
        map.entries[map.n_entries] = (OidMapEntry){.oid = oid, .position = map.n_entries};
        map.n_entries++;
    }
    oidmap_sort(&map);
    row = row_reader(result);
    while (row_next(&row))
    {
        int position = oidmap_find(&map, row_oid(&row));
        int used;

        row.column += 4;
        used = oidmap_find(&map, row_oid(&row));
        view = &views[position];
        if (view->uses == NULL)
            view->uses = &uses[row.row];
        if (used >= 0)
            view->uses[view->n_uses++] = used;
    }
    catalog->materialized_views = views;
    catalog->n_materialized_views = map.n_entries;
    PQclear(result);
}

static void
load_other_relations(Catalog *catalog, Answers *answers)
{
    PGresult *result = answers_query(answers, sql_other_relations);
    RowReader row = row_reader(result);

    catalog->n_other_relations = PQntuples(result);
    catalog->other_relations =
        ARENA_ARRAY(catalog->arena, catalog->n_other_relations, OtherRelation);
    while (row_next(&row))
    {
        OtherRelation *other = &catalog->other_relations[row.row];

        other->schema = copy_catalog_text(catalog, row_text(&row));
        other->name = copy_catalog_text(catalog, row_text(&row));
    }
    PQclear(result);
}

Catalog *
catalog_load(Answers *answers, const char *original_search_path)
{
    Arena *arena = arena_new();
    Catalog *catalog = arena_alloc(arena, sizeof(*catalog));

    catalog->arena = arena;
    catalog->search_path = arena_copy_string(arena, original_search_path);
    answers_set_context(answers, "could not read the catalogs");
    load_server(catalog, answers);
    load_relations(catalog, answers);
    load_columns(catalog, answers);
    catalog_partitions_load(catalog, answers);
    catalog_keys_load(catalog, answers);
    catalog_keys_load_foreign(catalog, answers);
    load_sequences(catalog, answers);
    load_materialized_views(catalog, answers);
    load_other_relations(catalog, answers);
    answers_set_context(answers, NULL);
    return catalog;
}
