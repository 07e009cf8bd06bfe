#include "model/catalog_partitions.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/strbuf.h"
#include "db/row.h"
#include "db/sql_text.h"

enum
{
    ROOTS_PER_PLAN = 100
};

/* What a partition is while its root's leaves are put in order. */
typedef struct Loading
{
    Catalog *catalog;
    Leaf *leaves; /* by partition; unused for those that are partitioned themselves */
    const Partition **by_name;
    int *n_ordered; /* by relation: leaves whose place is known */
} Loading;

static int
compare_names(const void *left, const void *right)
{
    const Partition *a = *(const Partition *const *)left;
    const Partition *b = *(const Partition *const *)right;
    int order = strcmp(a->schema, b->schema);

    return order != 0 ? order : strcmp(a->name, b->name);
}

static void
read_partition(Loading *loading, int position, RowReader *row)
{
    Catalog *catalog = loading->catalog;
    Partition *partition = &catalog->partitions[position];
    const char *kind;

    partition->oid = row_oid(row);
    partition->parent = row_oid(row);
    partition->schema = arena_copy_string(catalog->arena, row_text(row));
    partition->name = arena_copy_string(catalog->arena, row_text(row));
    partition->qname = arena_copy_string(catalog->arena, row_text(row));
    partition->first_leaf = -1;
    kind = row_text(row);
    partition->is_leaf = kind[0] != 'p';
    if (!partition->is_leaf)
        return;
    loading->leaves[position] = (Leaf){.oid = partition->oid,
                                       .schema = partition->schema,
                                       .name = partition->name,
                                       .qname = partition->qname,
                                       .n_tuples = row_double(row),
                                       .n_pages = row_int64(row),
                                       .filenode = row_oid(row),
                                       .is_foreign = kind[0] == 'f'};
}

/* The relation at the top of the partition's tree, or -1. */
static int
find_top(const Catalog *catalog, const Partition *partition)
{
    while (partition != NULL)
    {
        int relation = catalog_find_relation(catalog, partition->parent);

        if (relation >= 0)
            return relation;
        partition = catalog_find_partition(catalog, partition->parent);
    }
    return -1;
}

static void
read_partitions(Loading *loading, const PGresult *result)
{
    Catalog *catalog = loading->catalog;
    RowReader row = row_reader(result);

    while (row_next(&row))
    {
        read_partition(loading, row.row, &row);
        catalog->partition_map.entries[row.row] =
            (OidMapEntry){.oid = catalog->partitions[row.row].oid, .position = row.row};
        loading->by_name[row.row] = &catalog->partitions[row.row];
    }
    oidmap_sort(&catalog->partition_map);
    qsort(loading->by_name, (size_t)catalog->n_partitions, sizeof(Partition *),
          compare_names);
}

/* Counts the leaves of each root and gives it room for them. */
static void
allocate_leaves(Loading *loading, const PGresult *result)
{
    Catalog *catalog = loading->catalog;
    RowReader row = row_reader(result);

    while (row_next(&row))
    {
        Partition *partition = &catalog->partitions[row.row];
        int relation = find_top(catalog, partition);

        partition->relation = relation;
        if (relation < 0)
            continue;
        row.column = 9;
        catalog->relations[relation].n_indexes += row_int(&row);
        if (partition->is_leaf)
            catalog->relations[relation].n_leaves++;
    }
    for (int i = 0; i < catalog->n_relations; i++)
    {
        Relation *relation = &catalog->relations[i];

        if (relation->is_partitioned)
            relation->leaves =
                arena_alloc(catalog->arena, (size_t)relation->n_leaves * sizeof(Leaf));
    }
}

/* Gives the next place among its root's leaves to the partition, if it is a leaf. */
static void
place_leaf(Loading *loading, Partition *partition)
{
    Catalog *catalog = loading->catalog;
    int position = (int)(partition - catalog->partitions);
    const Leaf *leaf = &loading->leaves[position];
    Relation *relation;

    if (!partition->is_leaf || partition->relation < 0 || partition->first_leaf >= 0)
        return;
    relation = &catalog->relations[partition->relation];
    partition->first_leaf = loading->n_ordered[partition->relation]++;
    partition->n_leaves = 1;
    relation->leaves[partition->first_leaf] = *leaf;
    if (leaf->n_tuples > 0)
        relation->n_tuples =
            (relation->n_tuples > 0 ? relation->n_tuples : 0) + leaf->n_tuples;
    relation->n_pages = (relation->n_pages > 0 ? relation->n_pages : 0) + leaf->n_pages;
}

static void
place_planned(Loading *loading, const json_t *node)
{
    const char *schema = json_string_value(json_object_get(node, "Schema"));
    const char *name = json_string_value(json_object_get(node, "Relation Name"));
    const json_t *child;
    size_t i;

    if (schema != NULL && name != NULL)
    {
        Partition key = {.schema = schema, .name = name};
        const Partition *wanted = &key;
        const Partition **found =
            bsearch(&wanted, loading->by_name, (size_t)loading->catalog->n_partitions,
                    sizeof(wanted), compare_names);

        if (found != NULL)
            place_leaf(loading, &loading->catalog
                                     ->partitions[*found - loading->catalog->partitions]);
    }
    json_array_foreach(json_object_get(node, "Plans"), i, child)
        place_planned(loading, child);
}

/*
 * The planner alone knows the bound order, in which an unordered scan of the root reads
 * the partitions (they are expanded by partition descriptor: bounds ascending, default
 * last). So it is asked for the plan of such a scan.
 */
static void
plan_scan(Loading *loading, Db *db, const char *sql)
{
    char *text = db_query_value(db, sql);
    json_error_t error;
    json_t *plan = json_loads(text, 0, &error);

    if (plan == NULL)
        die_message(EXIT_SERVER, "could not parse a query plan: %s", error.text);
    place_planned(loading, json_object_get(json_array_get(plan, 0), "Plan"));
    json_decref(plan);
    free(text);
}

static void
order_leaves(Loading *loading, Db *db)
{
    const Catalog *catalog = loading->catalog;
    PQExpBufferData sql;
    int n = 0;

    initPQExpBuffer(&sql);
    for (int i = 0; i < catalog->n_relations; i++)
    {
        const Relation *relation = &catalog->relations[i];

        if (relation->is_partitioned && relation->is_readable && relation->n_leaves > 0)
        {
            appendPQExpBuffer(&sql, "%s SELECT FROM %s\n",
                              n++ == 0 ? "EXPLAIN (VERBOSE, FORMAT JSON)" : "UNION ALL",
                              relation->qname);
        }
        if (n == ROOTS_PER_PLAN || (n > 0 && i == catalog->n_relations - 1))
        {
            plan_scan(loading, db, sql.data);
            resetPQExpBuffer(&sql);
            n = 0;
        }
    }
    termPQExpBuffer(&sql);
}

/* Partitions that are partitioned get the range of the leaves below them. */
static void
spread_ranges(Catalog *catalog)
{
    for (int i = 0; i < catalog->n_partitions; i++)
    {
        const Partition *leaf = &catalog->partitions[i];
        CatalogOid above = leaf->parent;
        Partition *partition;

        if (!leaf->is_leaf || leaf->first_leaf < 0)
            continue;
        while (catalog_find_partition(catalog, above) != NULL)
        {
            partition = &catalog->partitions[oidmap_find(&catalog->partition_map, above)];
            if (partition->first_leaf < 0 || leaf->first_leaf < partition->first_leaf)
                partition->first_leaf = leaf->first_leaf;
            partition->n_leaves++;
            above = partition->parent;
        }
    }
}

void
catalog_load_partitions(Catalog *catalog, Db *db)
{
    PGresult *result = db_query(db, sql_partitions);
    size_t n = (size_t)PQntuples(result);
    Loading loading = {.catalog = catalog};

    loading.leaves = arena_alloc(catalog->arena, n * sizeof(Leaf));
    loading.by_name = arena_alloc(catalog->arena, n * sizeof(Partition *));
    loading.n_ordered =
        arena_alloc(catalog->arena, (size_t)catalog->n_relations * sizeof(int));
    catalog->partitions = arena_alloc(catalog->arena, n * sizeof(Partition));
    catalog->n_partitions = (int)n;
    catalog->partition_map.entries = arena_alloc(catalog->arena, n * sizeof(OidMapEntry));
    catalog->partition_map.n_entries = (int)n;
    read_partitions(&loading, result);
    allocate_leaves(&loading, result);
    if (n > 0)
        order_leaves(&loading, db);
    /* those that no plan showed: the root cannot be read */
    for (size_t i = 0; i < n; i++)
        place_leaf(&loading, &catalog->partitions[i]);
    spread_ranges(catalog);
    PQclear(result);
}
