#include "sample/direct/provenance_memory_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/bigmem.h"
#include "base/die.h"
#include "base/mem.h"

/* ---- root rows, picked rows and rows of D */

static void
set_base(ProvenanceMemory *memory, uint32_t row, int32_t how, uint32_t distance,
         uint32_t from)
{
    memory->how[row] = how;
    memory->distance[row] = distance;
    memory->from[row] = from;
}

typedef struct IdList
{
    RowId *ids;
    size_t n;
} IdList;

/*
 * By relation: picked rows and root rows, which come first in the store. Then sorts it.
 */
static IdList *
list_picked(Sample *sample)
{
    int n = sample->graph->catalog->n_relations;
    IdList *picked = mem_alloc_zero((size_t)n, sizeof(*picked));

    for (int i = 0; i < n; i++)
    {
        const SampleTable *table = &sample->tables[i];

        picked[i].n = sample->picking == i ? table->n_rows : table->n_picked;
        picked[i].ids = rowstore_list_ids(table->rows, 0);
        rowstore_sort(table->rows);
    }
    return picked;
}

static void
mark_picked(ProvenanceMemory *memory, IdList *picked)
{
    for (int i = 0; i < memory->graph->catalog->n_relations; i++)
    {
        for (size_t j = 0; j < picked[i].n; j++)
            set_base(memory, provenance_memory_rows_find(memory, i, picked[i].ids[j]),
                     PROVENANCE_PICKED, 0, PROVENANCE_NO_ROW);
        bigmem_free(picked[i].ids);
    }
    free(picked);
}

static void
mark_down(ProvenanceMemory *memory, int relation, const DownRow *down)
{
    uint32_t row = provenance_memory_rows_find(memory, relation, down->id);

    if (row == PROVENANCE_NO_ROW)
        return;
    if (down->fk == DOWN_ROOT)
        set_base(memory, row, PROVENANCE_ROOT, 0, PROVENANCE_NO_ROW);
    else if (memory->how[row] == HOW_UNKNOWN)
    {
        uint32_t from =
            provenance_memory_rows_find(memory, memory->order->names[down->fk].referenced,
                                        down->parent);

        if (from != PROVENANCE_NO_ROW)
            set_base(memory, row, down->fk * 2 + 1, (uint32_t)down->depth, from);
    }
}

static void
mark_all_down(ProvenanceMemory *memory)
{
    const DownSet *down = memory->sample->down;
    int n = memory->graph->catalog->n_relations;

    for (int i = 0; down != NULL && i < n; i++)
    {
        for (size_t j = 0; j < down[i].n_rows; j++)
            mark_down(memory, i, &down[i].rows[j]);
    }
}

/* ---- the breadth-first search */

static int
compare_distances(const void *left, const void *right, void *context)
{
    const uint32_t *distance = context;
    uint32_t a = *(const uint32_t *)left;
    uint32_t b = *(const uint32_t *)right;

    if (distance[a] != distance[b])
        return distance[a] < distance[b] ? -1 : 1;
    return (a > b) - (a < b);
}

/* Root rows, picked rows and rows of D by their distance. */
static uint32_t *
list_base(const ProvenanceMemory *memory, uint32_t *n)
{
    uint32_t *rows = mem_alloc((size_t)memory->n_rows * sizeof(*rows));

    *n = 0;
    for (uint32_t i = 0; i < memory->n_rows; i++)
    {
        if (memory->how[i] != HOW_UNKNOWN)
            rows[(*n)++] = i;
    }
    if (*n > 0)
        qsort_r(rows, *n, sizeof(*rows), compare_distances, memory->distance);
    return rows;
}

/* The row brings the other by the link, unless one that comes before does. */
static void
bring(ProvenanceMemory *memory, uint32_t row, int fk, uint32_t referenced_row)
{
    const int *ranks = memory->order->ranks;
    uint32_t distance = memory->distance[row] + 1;
    int32_t how = memory->how[referenced_row];

    if (how == HOW_UNKNOWN)
        memory->visited[memory->n_visited++] = referenced_row;
    else if (how < 0 || how % 2 == 1 || memory->distance[referenced_row] != distance ||
             ranks[how / 2] < ranks[fk] ||
             (how / 2 == fk && memory->from[referenced_row] < row))
        return;
    set_base(memory, referenced_row, fk * 2, distance, row);
}

/* What the row brings by a link with pairs. */
static void
visit_pairs(ProvenanceMemory *memory, uint32_t row, int link)
{
    const PairList *list = &memory->pairs[link];
    size_t low = 0;
    size_t high = list->n_pairs;

    while (low < high)
    {
        size_t middle = low + (high - low) / 2;

        if (list->pairs[middle].from < row)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < list->n_pairs && list->pairs[low].from == row; low++)
        bring(memory, row, link, list->pairs[low].to);
}

static void
visit_row(ProvenanceMemory *memory, uint32_t row)
{
    int relation = provenance_memory_rows_get_relation(memory, row);
    const IntList *outgoing = &memory->graph->outgoing[relation];
    const IntList *references = &memory->graph->references_from[relation];

    for (int i = 0; i < references->n_items; i++)
        visit_pairs(memory, row, memory->graph->n_fks + references->items[i]);
    for (int i = 0; i < outgoing->n_items; i++)
    {
        int fk = outgoing->items[i];
        uint32_t referenced_row = memory->referenced[fk][row - memory->first[relation]];

        if (referenced_row != PROVENANCE_NO_ROW)
            bring(memory, row, fk, referenced_row);
        visit_pairs(memory, row, fk);
    }
}

/*
 * Rows of D are added to those that are visited when their distance is reached.
 */
static void
search_breadth_first(ProvenanceMemory *memory)
{
    uint32_t n_base;
    uint32_t *base = list_base(memory, &n_base);
    uint32_t next_base = 0;
    uint32_t next = 0;

    memory->visited = mem_alloc((size_t)memory->n_rows * sizeof(*memory->visited));
    while (next < memory->n_visited || next_base < n_base)
    {
        uint32_t distance = next < memory->n_visited
                                ? memory->distance[memory->visited[next]]
                                : memory->distance[base[next_base]];
        uint32_t end;

        while (next_base < n_base && memory->distance[base[next_base]] <= distance)
            memory->visited[memory->n_visited++] = base[next_base++];
        for (end = memory->n_visited; next < end; next++)
            visit_row(memory, memory->visited[next]);
    }
    free(base);
}

/* ---- which rows there are */

/* The ids of the fetched rows and of those of D; returns how many. */
static size_t
merge(ProvenanceMemory *memory, int relation)
{
    const RowStore *rows = memory->sample->tables[relation].rows;
    const DownSet *down = &memory->sample->down[relation];
    size_t n_read = rowstore_count(rows);
    RowId *ids = mem_alloc((n_read + down->n_rows) * sizeof(*ids));
    size_t n = 0;

    for (size_t i = 0; i < n_read; i++)
        ids[n++] = rowstore_get_id(rows, i);
    for (size_t i = 0; i < down->n_rows; i++)
        ids[n++] = down->rows[i].id;
    rowid_sort(ids, n);
    n_read = n;
    n = 0;
    for (size_t i = 0; i < n_read; i++)
    {
        if (i == 0 || ids[i] != ids[i - 1])
            ids[n++] = ids[i];
    }
    memory->merged[relation] = ids;
    return n;
}

static void
number_rows(ProvenanceMemory *memory, bool is_complete)
{
    const Sample *sample = memory->sample;
    int n = memory->graph->catalog->n_relations;
    size_t n_rows = 0;

    memory->first = mem_alloc(((size_t)n + 1) * sizeof(*memory->first));
    memory->merged = mem_alloc_zero((size_t)n, sizeof(*memory->merged));
    for (int i = 0; i < n; i++)
    {
        memory->first[i] = (uint32_t)n_rows;
        if (is_complete || sample->down == NULL || sample->down[i].n_rows == 0)
            n_rows += rowstore_count(sample->tables[i].rows);
        else
            n_rows += merge(memory, i);
        if (n_rows >= PROVENANCE_NO_ROW)
            die_message(EXIT_OUTPUT,
                        "cannot determine the provenance of more than 4 billion "
                        "rows");
    }
    memory->first[n] = memory->n_rows = (uint32_t)n_rows;
    memory->how = mem_alloc(n_rows * sizeof(*memory->how));
    memory->distance = mem_alloc_zero(n_rows, sizeof(*memory->distance));
    memory->from = mem_alloc_zero(n_rows, sizeof(*memory->from));
    for (size_t i = 0; i < n_rows; i++)
        memory->how[i] = HOW_UNKNOWN;
}

ProvenanceMemory *
provenance_memory_build(Sample *sample, Session *session, const FkOrder *order,
                        bool is_complete)
{
    ProvenanceMemory *memory = mem_alloc_zero(1, sizeof(*memory));
    IdList *picked = list_picked(sample);

    memory->sample = sample;
    memory->graph = sample->graph;
    memory->order = order;
    number_rows(memory, is_complete);
    mark_picked(memory, picked);
    mark_all_down(memory);
    provenance_memory_references_find(memory);
    provenance_memory_pairs_find(memory, session);
    search_breadth_first(memory);
    return memory;
}

void
provenance_memory_free(ProvenanceMemory *memory)
{
    if (memory == NULL)
        return;
    for (int i = 0; i < memory->graph->n_fks; i++)
        free(memory->referenced[i]);
    for (int i = 0; i < memory->graph->catalog->n_relations; i++)
        free(memory->merged[i]);
    free(memory->merged);
    for (int i = 0; i < memory->graph->n_links; i++)
        free(memory->pairs[i].pairs);
    free(memory->pairs);
    free(memory->referenced);
    free(memory->visited);
    free(memory->first);
    free(memory->how);
    free(memory->distance);
    free(memory->from);
    free(memory);
}

/* ---- answers */

bool
provenance_memory_find(const ProvenanceMemory *memory, ProvenanceRow row,
                       ProvenanceStep *step, ProvenanceRow *from)
{
    uint32_t number = provenance_memory_rows_find(memory, row.relation, row.id);
    int32_t how = number != PROVENANCE_NO_ROW ? memory->how[number] : HOW_UNKNOWN;

    if (how == HOW_UNKNOWN)
        return false;
    *step = (ProvenanceStep){.row = row, .fk = how};
    if (how >= 0)
    {
        step->fk = how / 2;
        step->is_down = how % 2 == 1;
        *from = provenance_memory_rows_get(memory, memory->from[number]);
    }
    return true;
}

const char *
provenance_memory_get_line(const ProvenanceMemory *memory, ProvenanceRow row,
                           size_t *length)
{
    const RowStore *rows = memory->sample->tables[row.relation].rows;
    size_t i = rowstore_find(rows, row.id);

    return i != ROWSTORE_NONE ? rowstore_get(rows, i, length) : NULL;
}
