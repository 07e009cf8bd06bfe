#include "sample/masked/mask_groups.h"

#include <stdlib.h>

#include "base/mem.h"
#include "mask/mask_kind.h"

struct MaskGroups
{
    const MaskPlan *plan;
    MaskGrouping *groupings;
    size_t n_groupings;
    MaskGrouping current;
    uint64_t *hashes; /* of the rows of current, in its columns */
    size_t n_hashes;
    size_t n_allocated;
};

MaskGroups *
mask_groups_new(const MaskPlan *plan)
{
    MaskGroups *groups = mem_alloc_zero(1, sizeof(*groups));

    groups->plan = plan;
    return groups;
}

void
mask_groups_free(MaskGroups *groups)
{
    if (groups == NULL)
        return;
    for (size_t i = 0; i < groups->n_groupings; i++)
        free(groups->groupings[i].columns);
    free(groups->groupings);
    free(groups->current.columns);
    free(groups->hashes);
    free(groups);
}

static bool
generalises(const MaskColumn *column)
{
    return column != NULL && column->spec != NULL && column->spec->kind != NULL &&
           column->spec->kind->generalises;
}

void
mask_groups_begin(MaskGroups *groups, int relation)
{
    MaskColumn *const *columns = groups->plan->column_of[relation];
    MaskGrouping *current = &groups->current;
    int n = groups->plan->catalog->relations[relation].n_columns;

    mask_groups_finish(groups);
    current->relation = relation;
    for (int i = 0; columns != NULL && i < n; i++)
    {
        if (!generalises(columns[i]))
            continue;
        current->columns = mem_resize(current->columns, (size_t)current->n_columns + 1,
                                      sizeof(*current->columns));
        current->columns[current->n_columns++] = i;
    }
}

static void
add_hash(MaskGroups *groups, uint64_t hash)
{
    if (groups->n_hashes == groups->n_allocated)
    {
        groups->n_allocated = groups->n_allocated * 2 + MASK_BATCH_ROWS;
        groups->hashes =
            mem_resize(groups->hashes, groups->n_allocated, sizeof(*groups->hashes));
    }
    groups->hashes[groups->n_hashes++] = hash;
}

void
mask_groups_add(MaskGroups *groups, MaskBatch *batch)
{
    const MaskGrouping *current = &groups->current;
    const MaskTuple *tuples;

    if (current->n_columns == 0)
        return;
    tuples = mask_tuple_make(batch, MASK_MASKED, current->columns, current->n_columns);
    for (size_t i = 0; i < batch->n_rows; i++)
        add_hash(groups, tuples[i].hash);
}

static int
compare_hashes(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

static void
count_groups(MaskGrouping *grouping, const uint64_t *hashes, size_t n)
{
    grouping->n_smallest = n;
    for (size_t start = 0, end; start < n; start = end)
    {
        for (end = start + 1; end < n && hashes[end] == hashes[start];)
            end++;
        grouping->n_groups++;
        if (end - start < grouping->n_smallest)
            grouping->n_smallest = end - start;
    }
}

void
mask_groups_finish(MaskGroups *groups)
{
    MaskGrouping *current = &groups->current;

    if (groups->n_hashes > 0)
    {
        qsort(groups->hashes, groups->n_hashes, sizeof(*groups->hashes), compare_hashes);
        count_groups(current, groups->hashes, groups->n_hashes);
        groups->groupings = mem_resize(groups->groupings, groups->n_groupings + 1,
                                       sizeof(*groups->groupings));
        groups->groupings[groups->n_groupings++] = *current;
    }
    else
        free(current->columns);
    *current = (MaskGrouping){0};
    groups->n_hashes = 0;
}

const MaskGrouping *
mask_groups_get(const MaskGroups *groups, size_t *n)
{
    *n = groups->n_groupings;
    return groups->groupings;
}
