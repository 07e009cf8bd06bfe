/* A part of catalog_load(): partitions, and the order in which scans read them. */
#include "model/catalog_load.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "base/sqltext.h"
#include "base/strbuf.h"
#include "db/row.h"
#include "db/sql_text.h"

enum
{
    /* of partitions.sql */
    ESTIMATE_COLUMN = 6,
    INDEXES_COLUMN = 9,
    READABLE_COLUMN = 10
};

/* What a partition is while its root's leaves are put in order. */
typedef struct Loading
{
    Catalog *catalog;
    Leaf *leaves; /* by partition; unused for those that are partitioned themselves */
    const Partition **by_name;
    int *n_ordered; /* by relation: leaves whose position is known */
} Loading;

static int
compare_partition_names(const void *left, const void *right)
{
    const Partition *a = *(const Partition *const *)left;
    const Partition *b = *(const Partition *const *)right;

    return strcmp(a->qname, b->qname);
}

static void
read_partition(Loading *loading, int position, RowReader *row)
{
    Catalog *catalog = loading->catalog;
    Partition *partition = &catalog->partitions[position];
    bool has_row_security;
    const char *kind;

    partition->oid = row_oid(row);
    partition->parent = row_oid(row);
    partition->schema = arena_copy_string(catalog->arena, row_text(row));
    partition->name = arena_copy_string(catalog->arena, row_text(row));
    partition->qname = arena_copy_string(catalog->arena, row_text(row));
    partition->first_leaf = -1;
    kind = row_text(row);
    partition->is_leaf = kind[0] != 'p';
    row->column = READABLE_COLUMN;
    partition->is_readable = row_bool(row);
    has_row_security = row_bool(row);
    row->column = ESTIMATE_COLUMN;
    if (!partition->is_leaf)
        return;
    loading->leaves[position] =
        (Leaf){.oid = partition->oid,
               .schema = partition->schema,
               .name = partition->name,
               .qname = partition->qname,
               .n_tuples = row_double(row),
               .n_pages = row_int64(row),
               .filenode = row_oid(row),
               .is_foreign = kind[0] == 'f',
               .is_direct =
                   kind[0] == 'r' && partition->is_readable && !has_row_security};
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
          compare_partition_names);
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
        row.column = INDEXES_COLUMN;
        catalog->relations[relation].n_indexes += row_int(&row);
        if (partition->is_leaf)
            catalog->relations[relation].n_leaves++;
    }
    for (int i = 0; i < catalog->n_relations; i++)
    {
        Relation *relation = &catalog->relations[i];

        if (relation->is_partitioned)
            relation->leaves = ARENA_ARRAY(catalog->arena, relation->n_leaves, Leaf);
    }
}

/* Gives the next position among its root's leaves to the partition, if it is a leaf. */
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

/* The end of an identifier as quote_identifier() writes it, or NULL. */
static const char *
skip_identifier(const char *text)
{
    return *text == '"' ? sqltext_skip_quoted(text, false) : text + strcspn(text, ". ");
}

/* "... Seq Scan on schema.name alias": finds the partition that the line names. */
static Partition *
find_scanned(const Loading *loading, const char *line)
{
    const char *name = strstr(line, " on ");
    const char *end = name != NULL ? skip_identifier(name + 4) : NULL;
    const Partition **found;
    Partition key = {0};
    const Partition *wanted = &key;
    char *qname;

    if (end == NULL || *end != '.' || (end = skip_identifier(end + 1)) == NULL)
        return NULL;
    qname = mem_format("%.*s", (int)(end - name - 4), name + 4);
    key.qname = qname;
    found = bsearch(&wanted, loading->by_name, (size_t)loading->catalog->n_partitions,
                    sizeof(wanted), compare_partition_names);
    free(qname);
    return found != NULL
               ? &loading->catalog->partitions[*found - loading->catalog->partitions]
               : NULL;
}

/* Goes through the lines of a plan; one that ends inside a name goes on in the next. */
static void
place_scanned(Loading *loading, const PGresult *plan)
{
    PQExpBufferData line;

    initPQExpBuffer(&line);
    for (int i = 0; i < PQntuples(plan); i++)
    {
        Partition *scanned;
        bool is_quote_open;

        appendPQExpBufferStr(&line, PQgetvalue(plan, i, 0));
        (void)sqltext_find(line.data, "", &is_quote_open);
        if (is_quote_open)
        {
            appendPQExpBufferChar(&line, '\n');
            continue;
        }
        scanned = find_scanned(loading, line.data);
        if (scanned != NULL)
            place_leaf(loading, scanned);
        resetPQExpBuffer(&line);
    }
    termPQExpBuffer(&line);
}

/*
 * The planner alone knows the bound order, in which an unordered scan of the root reads
 * the partitions (they are expanded by partition descriptor: bounds ascending, default
 * last). So it is asked for the plan of such a scan; where it has none (row security, a
 * foreign table, a lock that another holds, too few lock slots) any fixed order must do.
 * answers_try() gives the locks back.
 */
static void
order_leaves(Loading *loading, Answers *answers, const Relation *relation)
{
    char *sql = mem_format("SET LOCAL lock_timeout = '1s';\n"
                           "EXPLAIN (VERBOSE, COSTS OFF) SELECT FROM %s",
                           relation->qname);
    PGresult *result = answers_try(answers, sql);

    if (db_succeeded(result))
        place_scanned(loading, result);
    PQclear(result);
    free(sql);
}

static void
order_all_leaves(Loading *loading, Answers *answers)
{
    const Catalog *catalog = loading->catalog;

    for (int i = 0; i < catalog->n_relations; i++)
    {
        const Relation *relation = &catalog->relations[i];

        if (relation->is_partitioned && relation->is_readable && relation->n_leaves > 1)
            order_leaves(loading, answers, relation);
    }
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
catalog_partitions_load(Catalog *catalog, Answers *answers)
{
    PGresult *result = answers_query(answers, sql_partitions);
    size_t n = (size_t)PQntuples(result);
    Loading loading = {.catalog = catalog};

    loading.leaves = ARENA_ARRAY(catalog->arena, n, Leaf);
    loading.by_name = ARENA_ARRAY(catalog->arena, n, Partition *);
    loading.n_ordered = ARENA_ARRAY(catalog->arena, catalog->n_relations, int);
    catalog->partitions = ARENA_ARRAY(catalog->arena, n, Partition);
    catalog->n_partitions = (int)n;
    catalog->partition_map.entries = ARENA_ARRAY(catalog->arena, n, OidMapEntry);
    catalog->partition_map.n_entries = (int)n;
    read_partitions(&loading, result);
    allocate_leaves(&loading, result);
    if (n > 0)
        order_all_leaves(&loading, answers);
    /* those that no plan showed */
    for (size_t i = 0; i < n; i++)
        place_leaf(&loading, &catalog->partitions[i]);
    spread_ranges(catalog);
    PQclear(result);
}
