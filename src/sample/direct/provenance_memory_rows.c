#include <stdlib.h>

#include "sample/direct/provenance_memory_internal.h"

int
provenance_memory_rows_get_relation(const ProvenanceMemory *memory, uint32_t row)
{
    int low = 0;
    int high = memory->graph->catalog->n_relations - 1;

    /* the last relation whose first row is not behind; empty ones come before it */
    while (low < high)
    {
        int middle = low + (high - low + 1) / 2;

        if (memory->first[middle] <= row)
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}

ProvenanceRow
provenance_memory_rows_get(const ProvenanceMemory *memory, uint32_t row)
{
    int relation = provenance_memory_rows_get_relation(memory, row);
    size_t i = row - memory->first[relation];

    return (
        ProvenanceRow){.relation = relation,
                       .id = memory->merged[relation] != NULL
                                 ? memory->merged[relation][i]
                                 : rowstore_get_id(memory->sample->tables[relation].rows,
                                                   i)};
}

/* Its position among the rows that were merged, or ROWSTORE_NONE. */
static size_t
find_merged(const RowId *ids, size_t n, RowId id)
{
    const RowId *found = n > 0 ? bsearch(&id, ids, n, sizeof(*ids), rowid_compare) : NULL;

    return found != NULL ? (size_t)(found - ids) : ROWSTORE_NONE;
}

uint32_t
provenance_memory_rows_find(const ProvenanceMemory *memory, int relation, RowId id)
{
    size_t i =
        memory->merged[relation] != NULL
            ? find_merged(memory->merged[relation],
                          memory->first[relation + 1] - memory->first[relation], id)
            : rowstore_find(memory->sample->tables[relation].rows, id);

    return i != ROWSTORE_NONE ? memory->first[relation] + (uint32_t)i : PROVENANCE_NO_ROW;
}
