#include "model/catalog.h"

#include <string.h>

int
catalog_find_relation(const Catalog *catalog, CatalogOid oid)
{
    return oidmap_find(&catalog->relation_map, oid);
}

int
catalog_find_root(const Catalog *catalog, CatalogOid oid)
{
    const Partition *partition = catalog_find_partition(catalog, oid);

    return partition != NULL ? partition->relation : catalog_find_relation(catalog, oid);
}

const Partition *
catalog_find_partition(const Catalog *catalog, CatalogOid oid)
{
    int position = oidmap_find(&catalog->partition_map, oid);

    return position >= 0 ? &catalog->partitions[position] : NULL;
}

int
catalog_find_leaf(const Relation *relation, CatalogOid oid)
{
    for (int i = 0; i < relation->n_leaves; i++)
    {
        if (relation->leaves[i].oid == oid)
            return i;
    }
    return -1;
}

int
catalog_find_column(const Relation *relation, const char *name)
{
    for (int i = 0; i < relation->n_columns; i++)
    {
        if (strcmp(relation->columns[i].name, name) == 0)
            return i;
    }
    return -1;
}

int
catalog_find_attnum(const Relation *relation, int attnum)
{
    for (int i = 0; i < relation->n_columns; i++)
    {
        if (relation->columns[i].attnum == attnum)
            return i;
    }
    return -1;
}

bool
catalog_has_column(const int *columns, int n, int column)
{
    for (int i = 0; i < n; i++)
    {
        if (columns[i] == column)
            return true;
    }
    return false;
}

void
catalog_get_leaf_range(const Catalog *catalog, const Relation *relation,
                       CatalogOid partition, int *first, int *n)
{
    const Partition *found =
        partition != 0 ? catalog_find_partition(catalog, partition) : NULL;

    *first = found != NULL ? found->first_leaf : 0;
    *n = found != NULL ? found->n_leaves : relation->n_leaves;
}

bool
catalog_is_dumpable(const Catalog *catalog, int relation)
{
    if (!catalog->relations[relation].is_readable)
        return false;
    for (int i = 0; i < catalog->n_partitions; i++)
    {
        if (catalog->partitions[i].relation == relation &&
            !catalog->partitions[i].is_readable)
            return false;
    }
    return true;
}

void
catalog_free(Catalog *catalog)
{
    if (catalog != NULL)
        arena_free(catalog->arena);
}
