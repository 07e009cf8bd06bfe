/* Finding the position of an object by its oid. Pure. */
#ifndef MODEL_OIDMAP_H
#define MODEL_OIDMAP_H

#include <stdint.h>

typedef struct OidMapEntry
{
    uint32_t oid;
    int position;
} OidMapEntry;

typedef struct OidMap
{
    OidMapEntry *entries; /* sorted by oid; the owner's arena */
    int n_entries;
} OidMap;

/* Sorts the entries, after which they can be found. */
void oidmap_sort(OidMap *map);

/* The position of the oid, or -1. */
int oidmap_find(const OidMap *map, uint32_t oid);

#endif
