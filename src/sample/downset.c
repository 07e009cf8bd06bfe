#include "sample/downset.h"

#include <stdlib.h>

#include "base/mem.h"

DownSet *
downset_new(size_t n)
{
    DownSet *sets = mem_alloc_zero(n, sizeof(*sets));

    for (size_t i = 0; i < n; i++)
        sets[i].ids = idset_new();
    return sets;
}

void
downset_free(DownSet *sets, size_t n)
{
    for (size_t i = 0; sets != NULL && i < n; i++)
    {
        free(sets[i].rows);
        idset_free(sets[i].ids);
    }
    free(sets);
}

bool
downset_add(DownSet *set, const DownRow *row)
{
    if (!idset_add(set->ids, row->id))
        return false;
    MEM_GROW(set->rows, set->capacity, set->n_rows);
    set->rows[set->n_rows++] = *row;
    return true;
}

void
downset_sort(DownSet *set)
{
    if (set->n_rows > 0)
        qsort(set->rows, set->n_rows, sizeof(*set->rows), rowid_compare);
    idset_free(set->ids);
    set->ids = NULL;
}
