#include "sample/downset.h"

#include <stdlib.h>

#include "base/bigmem.h"
#include "base/bigsort.h"
#include "base/mem.h"

DownSet *
downset_new(size_t n)
{
    DownSet *sets = mem_alloc_zero(n, sizeof(*sets));

    for (size_t i = 0; i < n; i++)
        sets[i].ids = idset_new();
    return sets;
}

static void
forget_found(DownSet *set)
{
    bigmem_free(set->found.rows);
    bigmem_free(set->known);
    idset_free(set->ids);
    idset_free(set->settled);
    set->found = (DownList){0};
    set->known = NULL;
    set->n_known = set->known_capacity = 0;
    set->ids = NULL;
    set->settled = NULL;
}

void
downset_free(DownSet *sets, size_t n)
{
    for (size_t i = 0; sets != NULL && i < n; i++)
    {
        forget_found(&sets[i]);
        bigmem_free(sets[i].rows);
    }
    free(sets);
}

bool
downset_know(DownSet *set, RowId id)
{
    if (!idset_add(set->ids, id))
        return false;
    if (set->lists_known)
    {
        BIGMEM_GROW(set->known, set->known_capacity, set->n_known);
        set->known[set->n_known++] = id;
    }
    return true;
}

bool
downset_add(DownSet *set, const DownRow *row)
{
    DownList *found = &set->found;

    if (set->settled != NULL && idset_contains(set->settled, row->id))
        return false;
    BIGMEM_GROW(found->rows, found->capacity, found->n_rows);
    found->rows[found->n_rows++] = *row;
    return downset_know(set, row->id);
}

int
downset_get_depth(const DownSet *set)
{
    int depth = -1;

    for (size_t i = 0; i < set->found.n_rows; i++)
    {
        if (depth < 0 || set->found.rows[i].depth < depth)
            depth = set->found.rows[i].depth;
    }
    return depth;
}

static int
get_rank(const DownRow *row, const int *ranks)
{
    return row->fk == DOWN_ROOT ? -1 : ranks[row->fk];
}

/* Of the same row, the one that counts comes first. */
static int
compare_found(const void *one, const void *other, void *ranks)
{
    const DownRow *a = one;
    const DownRow *b = other;

    if (a->id != b->id)
        return a->id < b->id ? -1 : 1;
    if (a->depth != b->depth)
        return a->depth < b->depth ? -1 : 1;
    if (get_rank(a, ranks) != get_rank(b, ranks))
        return get_rank(a, ranks) < get_rank(b, ranks) ? -1 : 1;
    return a->parent < b->parent ? -1 : a->parent > b->parent;
}

static bool
is_settled(DownSet *set, RowId id)
{
    if (set->settled != NULL)
        return !idset_add(set->settled, id);
    return set->n_rows > set->first_new && set->rows[set->n_rows - 1].id == id;
}

void
downset_settle(DownSet *set, int depth, const int *ranks)
{
    DownList *found = &set->found;
    size_t n_left = 0;

    if (set->can_find_itself && set->settled == NULL)
        set->settled = idset_new();
    set->first_new = set->n_rows;
    if (found->n_rows > 0)
        bigsort_with(found->rows, found->n_rows, sizeof(DownRow), compare_found,
                     (void *)(uintptr_t)ranks);
    for (size_t i = 0; i < found->n_rows; i++)
    {
        const DownRow row = found->rows[i];

        if (depth >= 0 && row.depth != depth)
            found->rows[n_left++] = row;
        else if (!is_settled(set, row.id))
        {
            BIGMEM_GROW(set->rows, set->capacity, set->n_rows);
            set->rows[set->n_rows++] = row;
        }
    }
    found->n_rows = n_left;
}

void
downset_complete(DownSet *set)
{
    if (set->n_rows > 0)
        bigsort(set->rows, set->n_rows, sizeof(*set->rows));
    forget_found(set);
}

const DownRow *
downset_get(const DownSet *set, RowId id)
{
    return bsearch(&id, set->rows, set->n_rows, sizeof(*set->rows), rowid_compare);
}
