#include <stdlib.h>

#include "base/mem.h"
#include "sample/why_memory_internal.h"
#include "sample/why_pairs.h"

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
    PairList *list = search->list;
    uint32_t target =
        why_memory_find_row(search->memory, search->reference->referenced, to);

    if (target == WHY_NO_ROW)
        return;
    MEM_GROW(list->pairs, list->capacity, list->n_pairs);
    list->pairs[list->n_pairs++] =
        (Pair){.from = why_memory_find_row(search->memory, search->reference->referencing,
                                           from),
               .to = target};
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
why_memory_find_pairs(WhyMemory *memory, Session *session)
{
    const Catalog *catalog = memory->graph->catalog;

    memory->pairs = mem_alloc_zero((size_t)catalog->n_references, sizeof(PairList));
    for (int i = 0; i < catalog->n_references; i++)
    {
        const Reference *reference = &catalog->references[i];
        const RowStore *rows = memory->sample->tables[reference->referencing].rows;
        PairList *list = &memory->pairs[i];
        PairSearch search = {.memory = memory, .reference = reference, .list = list};
        size_t n = rowstore_count(rows);
        RowId *ids = mem_alloc((n + 1) * sizeof(*ids));

        for (size_t j = 0; j < n; j++)
            ids[j] = rowstore_get_id(rows, j);
        why_pairs_find(memory->sample, session, reference, ids, n, note_pair, &search);
        free(ids);
        if (list->n_pairs > 0)
            qsort(list->pairs, list->n_pairs, sizeof(Pair), compare_pairs);
    }
}
