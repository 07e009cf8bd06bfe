#include <stdlib.h>

#include "base/mem.h"
#include "sample/direct/provenance_memory_internal.h"
#include "sample/provenance_pairs.h"

void
why_memory_add_pair(PairList *list, uint32_t from, uint32_t to)
{
    if (to == WHY_NO_ROW)
        return;
    MEM_GROW(list->pairs, list->capacity, list->n_pairs);
    list->pairs[list->n_pairs++] = (Pair){.from = from, .to = to};
}

typedef struct PairSearch
{
    const WhyMemory *memory;
    const Reference *reference;
    PairList *list;
} PairSearch;

static void
note_pair(void *context, RowId from, RowId to)
{
    const PairSearch *search = context;

    why_memory_add_pair(search->list,
                        why_memory_find_row(search->memory,
                                            search->reference->referencing, from),
                        why_memory_find_row(search->memory, search->reference->referenced,
                                            to));
}

static int
compare_pairs(const void *left, const void *right)
{
    const Pair *a = left;
    const Pair *b = right;

    if (a->from != b->from)
        return a->from < b->from ? -1 : 1;
    return (a->to > b->to) - (a->to < b->to);
}

void
why_memory_sort_pairs(PairList *list)
{
    if (list->n_pairs > 0)
        qsort(list->pairs, list->n_pairs, sizeof(Pair), compare_pairs);
}

void
why_memory_find_pairs(WhyMemory *memory, Session *session)
{
    const Catalog *catalog = memory->graph->catalog;

    for (int i = 0; i < catalog->n_references; i++)
    {
        const Reference *reference = &catalog->references[i];
        const RowStore *rows = memory->sample->tables[reference->referencing].rows;
        PairList *list = &memory->pairs[memory->graph->n_edges + i];
        PairSearch search = {.memory = memory, .reference = reference, .list = list};
        size_t n = rowstore_count(rows);
        RowId *ids = mem_alloc((n + 1) * sizeof(*ids));

        for (size_t j = 0; j < n; j++)
            ids[j] = rowstore_get_id(rows, j);
        why_pairs_find(memory->sample, session, reference, ids, n, note_pair, &search);
        free(ids);
        why_memory_sort_pairs(list);
    }
}
