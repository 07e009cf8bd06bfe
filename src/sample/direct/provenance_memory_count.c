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
    uint32_t *chains = mem_alloc_zero(memory->n_rows, sizeof(*chains));

    for (uint32_t i = memory->n_visited; i-- > 0;)
    {
        uint32_t row = memory->visited[i];

        chains[row]++;
        if (memory->how[row] >= 0)
            chains[memory->from[row]] += chains[row];
    }
    return chains;
}

static void
note_largest(const ProvenanceMemory *memory, ProvenanceKey *key, uint32_t from,
             uint64_t n)
{
    key->n_origins++;
    if (n <= key->n_largest)
        return;
    key->n_largest = n;
    key->largest = provenance_memory_rows_get(memory, from);
}

/* Counts the rows that one link brought; those of one origin row are neighbours. */
static void
count_graph_key(const ProvenanceMemory *memory, const uint32_t *chains,
                const uint32_t *rows, uint32_t n, ProvenanceKey *key)
{
    for (uint32_t i = 0; i < n;)
    {
        uint32_t from = memory->from[rows[i]];
        uint64_t n_brought = 0;

        for (; i < n && memory->from[rows[i]] == from; i++)
            n_brought += chains[rows[i]];
        note_largest(memory, key, from, n_brought);
    }
}

static void
count_origins(const ProvenanceMemory *memory, const uint32_t *chains,
              ProvenanceCounts *counts)
{
    uint32_t chosen[PROVENANCE_MAX_ORIGINS];

    for (uint32_t i = 0; i < memory->n_rows; i++)
    {
        size_t place = counts->n_origins;

        if (chains[i] < 2)
            continue;
        while (place > 0 && chains[chosen[place - 1]] < chains[i])
            place--;
        if (place == PROVENANCE_MAX_ORIGINS)
            continue;
        if (counts->n_origins < PROVENANCE_MAX_ORIGINS)
            counts->n_origins++;
        memmove(&chosen[place + 1], &chosen[place],
                (counts->n_origins - place - 1) * sizeof(chosen[0]));
        chosen[place] = i;
    }
    for (size_t i = 0; i < counts->n_origins; i++)
        counts->origins[i] =
            (ProvenanceOrigin){.row = provenance_memory_rows_get(memory, chosen[i]),
                               .n_rows = chains[chosen[i]]};
}

void
provenance_memory_count(const ProvenanceMemory *memory, ProvenanceCounts *counts)
{
    uint32_t *chains = count_chains(memory);
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
            counts->n_roots = n;
        else if (how == PROVENANCE_PICKED)
            counts->n_picked = n;
        else
        {
            MEM_GROW(counts->fks, capacity, counts->n_fks);
            counts->fks[counts->n_fks] =
                (ProvenanceKey){.fk = how / 2, .is_down = how % 2 == 1, .n_rows = n};
            count_graph_key(memory, chains, rows + i, n, &counts->fks[counts->n_fks++]);
        }
    }
    counts->n_rows = memory->n_rows;
    count_origins(memory, chains, counts);
    free(rows);
    free(chains);
}
