#include <stdlib.h>

#include "base/bigmem.h"
#include "base/mem.h"
#include "sample/direct/provenance_memory_internal.h"
#include "sample/provenance.h"

void
provenance_memory_pairs_add(PairList *list, uint32_t from, uint32_t to)
{
    if (to == PROVENANCE_NO_ROW)
        return;
    MEM_GROW(list->pairs, list->capacity, list->n_pairs);
    list->pairs[list->n_pairs++] = (ReferencePair){.from = from, .to = to};
}

typedef struct PairSearch
{
    const ProvenanceMemory *memory;
    const Reference *reference;
    PairList *list;
} PairSearch;

static void
note_pair(void *context, RowId from, RowId to)
{
    const PairSearch *search = context;

    provenance_memory_pairs_add(
        search->list,
        provenance_memory_rows_find(search->memory, search->reference->referencing, from),
        provenance_memory_rows_find(search->memory, search->reference->referenced, to));
}

static int
compare_pairs(const void *left, const void *right)
{
    const ReferencePair *a = left;
    const ReferencePair *b = right;

    if (a->from != b->from)
        return a->from < b->from ? -1 : 1;
    return (a->to > b->to) - (a->to < b->to);
}

void
provenance_memory_pairs_sort(PairList *list)
{
    if (list->n_pairs > 0)
        qsort(list->pairs, list->n_pairs, sizeof(ReferencePair), compare_pairs);
}

void
provenance_memory_pairs_find(ProvenanceMemory *memory, Session *session)
{
    const Catalog *catalog = memory->graph->catalog;

    for (int i = 0; i < catalog->n_references; i++)
    {
        const Reference *reference = &catalog->references[i];
        const RowStore *rows = memory->sample->tables[reference->referencing].rows;
        PairList *list = &memory->pairs[memory->graph->n_fks + i];
        PairSearch search = {.memory = memory, .reference = reference, .list = list};
        const ProvenancePairs pairs = {.sample = memory->sample,
                                       .session = session,
                                       .reference = reference,
                                       .found = note_pair,
                                       .context = &search};
        size_t n = rowstore_count(rows);
        RowId *ids = rowstore_list_ids(rows, 0);

        provenance_pairs_find(&pairs, ids, n);
        bigmem_free(ids);
        provenance_memory_pairs_sort(list);
    }
}
