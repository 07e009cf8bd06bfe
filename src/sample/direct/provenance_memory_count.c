#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "sample/direct/provenance_memory_internal.h"

static int
compare_origins(const void *left, const void *right, void *context)
{
    const ProvenanceMemory *memory = context;
    uint32_t a = *(const uint32_t *)left;
    uint32_t b = *(const uint32_t *)right;

    if (memory->how[a] != memory->how[b])
        return memory->how[a] < memory->how[b] ? -1 : 1;
    return (memory->from[a] > memory->from[b]) - (memory->from[a] < memory->from[b]);
}

/* By row: how many rows' chains pass through it. */
static uint32_t *
count_chains(const ProvenanceMemory *memory)
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
note_largest(const ProvenanceMemory *memory, ProvenanceKey *fk, uint32_t from, uint64_t n)
{
    fk->n_origins++;
    if (n <= fk->n_largest)
        return;
    fk->n_largest = n;
    fk->largest = provenance_memory_get_row(memory, from);
}

/* Counts the rows that came in one way; they are neighbours, and so are brothers. */
static void
count_graph_key(const ProvenanceMemory *memory, const uint32_t *counts,
                const uint32_t *rows, uint32_t n, ProvenanceKey *fk)
{
    for (uint32_t i = 0; i < n;)
    {
        uint32_t from = memory->from[rows[i]];
        uint64_t n_brought = 0;

        for (; i < n && memory->from[rows[i]] == from; i++)
            n_brought += counts[rows[i]];
        note_largest(memory, fk, from, n_brought);
    }
}

static void
count_origins(const ProvenanceMemory *memory, const uint32_t *counts,
              ProvenanceCounts *fks)
{
    uint32_t chosen[PROVENANCE_MAX_ORIGINS];

    for (uint32_t i = 0; i < memory->n_rows; i++)
    {
        size_t place = fks->n_origins;

        if (counts[i] < 2)
            continue;
        while (place > 0 && counts[chosen[place - 1]] < counts[i])
            place--;
        if (place == PROVENANCE_MAX_ORIGINS)
            continue;
        if (fks->n_origins < PROVENANCE_MAX_ORIGINS)
            fks->n_origins++;
        memmove(&chosen[place + 1], &chosen[place],
                (fks->n_origins - place - 1) * sizeof(chosen[0]));
        chosen[place] = i;
    }
    for (size_t i = 0; i < fks->n_origins; i++)
        fks->origins[i] =
            (ProvenanceOrigin){.row = provenance_memory_get_row(memory, chosen[i]),
                               .n_rows = counts[chosen[i]]};
}

void
provenance_memory_count(const ProvenanceMemory *memory, ProvenanceCounts *fks)
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
        if (how == PROVENANCE_ROOT)
            fks->n_roots = n;
        else if (how == PROVENANCE_PICKED)
            fks->n_picked = n;
        else
        {
            MEM_GROW(fks->fks, capacity, fks->n_fks);
            fks->fks[fks->n_fks] =
                (ProvenanceKey){.fk = how / 2, .is_down = how % 2 == 1, .n_rows = n};
            count_graph_key(memory, counts, rows + i, n, &fks->fks[fks->n_fks++]);
        }
    }
    fks->n_rows = memory->n_rows;
    count_origins(memory, counts, fks);
    free(rows);
    free(counts);
}
