#include "model/oidmap.h"

#include <stdlib.h>

static int
oidmap_compare(const void *left, const void *right)
{
    const OidMapEntry *a = left;
    const OidMapEntry *b = right;

    return (a->oid > b->oid) - (a->oid < b->oid);
}

void
oidmap_sort(OidMap *map)
{
    if (map->n_entries > 0)
        qsort(map->entries, (size_t)map->n_entries, sizeof(*map->entries),
              oidmap_compare);
}

int
oidmap_find(const OidMap *map, uint32_t oid)
{
    const OidMapEntry key = {.oid = oid};
    const OidMapEntry *found;

    if (map->n_entries == 0)
        return -1;
    found =
        bsearch(&key, map->entries, (size_t)map->n_entries, sizeof(key), oidmap_compare);
    return found != NULL ? found->position : -1;
}
