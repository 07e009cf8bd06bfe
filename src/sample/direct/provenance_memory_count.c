#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "sample/direct/provenance_memory_internal.h"

static int
compare_origins(const void *left, const void *right, void *context)
{
    const WhyMemory *memory = context;
    uint32_t a = *(const uint32_t *)left;
    uint32_t b = *(const uint32_t *)right;

    if (memory->how[a] != memory->how[b])
        return memory->how[a] < memory->how[b] ? -1 : 1;
    return (memory->from[a] > memory->from[b]) - (memory->from[a] < memory->from[b]);
}

/* By row: how many rows' chains pass through it. */
static uint32_t *
count_chains(const WhyMemory *memory)
{
    uint32_t *counts = mem_alloc_zero(memory->n_rows, sizeof(*counts));

    for (uint32_t i = memory->n_visited; i-- > 0;)
    {
        uint32_t row = memory->visited[i];

        counts[row]++;
        if (memory->how[row] >= 0)
            counts[memory->from[row]] += counts[row];
    }
    return counts;
}

static void
note_largest(const WhyMemory *memory, WhyEdge *edge, uint32_t from, uint64_t n)
{
    edge->n_bringers++;
    if (n <= edge->n_largest)
        return;
    edge->n_largest = n;
    edge->largest = why_memory_get_row(memory, from);
}

/* Counts the rows that came in one way; they are neighbours, and so are brothers. */
static void
count_edge(const WhyMemory *memory, const uint32_t *counts, const uint32_t *rows,
           uint32_t n, WhyEdge *edge)
{
    for (uint32_t i = 0; i < n;)
    {
        uint32_t from = memory->from[rows[i]];
        uint64_t n_brought = 0;

        for (; i < n && memory->from[rows[i]] == from; i++)
            n_brought += counts[rows[i]];
        note_largest(memory, edge, from, n_brought);
    }
}

static void
count_bringers(const WhyMemory *memory, const uint32_t *counts, WhyEdges *edges)
{
    uint32_t chosen[WHY_MAX_BRINGERS];

    for (uint32_t i = 0; i < memory->n_rows; i++)
    {
        size_t place = edges->n_bringers;

        if (counts[i] < 2)
            continue;
        while (place > 0 && counts[chosen[place - 1]] < counts[i])
            place--;
        if (place == WHY_MAX_BRINGERS)
            continue;
        if (edges->n_bringers < WHY_MAX_BRINGERS)
            edges->n_bringers++;
        memmove(&chosen[place + 1], &chosen[place],
                (edges->n_bringers - place - 1) * sizeof(chosen[0]));
        chosen[place] = i;
    }
    for (size_t i = 0; i < edges->n_bringers; i++)
        edges->bringers[i] = (WhyBringer){.row = why_memory_get_row(memory, chosen[i]),
                                          .n_rows = counts[chosen[i]]};
}

void
why_memory_count(const WhyMemory *memory, WhyEdges *edges)
{
    uint32_t *counts = count_chains(memory);
    uint32_t *rows = mem_alloc((size_t)memory->n_visited * sizeof(*rows));
    size_t capacity = 0;
    uint32_t n;

    memcpy(rows, memory->visited, (size_t)memory->n_visited * sizeof(*rows));
    if (memory->n_visited > 0)
        qsort_r(rows, memory->n_visited, sizeof(*rows), compare_origins,
                (void *)(uintptr_t)memory);
    for (uint32_t i = 0; i < memory->n_visited; i += n)
    {
        int32_t how = memory->how[rows[i]];

        for (n = 1; i + n < memory->n_visited && memory->how[rows[i + n]] == how; n++)
            continue;
        if (how == WHY_ROOT)
            edges->n_roots = n;
        else if (how == WHY_PICKED)
            edges->n_picked = n;
        else
        {
            MEM_GROW(edges->edges, capacity, edges->n_edges);
            edges->edges[edges->n_edges] =
                (WhyEdge){.edge = how / 2, .is_down = how % 2 == 1, .n_rows = n};
            count_edge(memory, counts, rows + i, n, &edges->edges[edges->n_edges++]);
        }
    }
    edges->n_rows = memory->n_rows;
    count_bringers(memory, counts, edges);
    free(rows);
    free(counts);
}
