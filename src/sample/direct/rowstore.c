#include "sample/direct/rowstore.h"

#include <stdlib.h>

#include "base/bigmem.h"
#include "base/bigsort.h"
#include "base/die.h"
#include "base/mem.h"
#include "model/idset.h"

typedef struct StoredRow
{
    RowId id; /* first, for bigsort() and rowid_compare() */
    uint64_t offset;
    uint32_t length;
} StoredRow;

struct RowStore
{
    Spool *spool;
    StoredRow *rows;
    size_t n_rows;
    size_t capacity;
    IdSet *ids; /* NULL if rows cannot come again */
    bool is_sorted;
};

RowStore *
rowstore_new(Spool *spool, bool has_duplicates)
{
    RowStore *store = mem_alloc_zero(1, sizeof(*store));

    store->spool = spool;
    store->ids = has_duplicates ? idset_new() : NULL;
    store->is_sorted = true;
    return store;
}

void
rowstore_free(RowStore *store)
{
    if (store == NULL)
        return;
    idset_free(store->ids);
    bigmem_free(store->rows);
    free(store);
}

bool
rowstore_add(RowStore *store, RowId id, const char *line, size_t length)
{
    if (store->ids != NULL && !idset_add(store->ids, id))
        return false;
    if (length > UINT32_MAX)
        die_message(EXIT_SERVER, "cannot sample a row of more than 4 GB");
    if (store->n_rows > 0 && store->rows[store->n_rows - 1].id > id)
        store->is_sorted = false;
    BIGMEM_GROW(store->rows, store->capacity, store->n_rows);
    store->rows[store->n_rows++] =
        (StoredRow){.id = id,
                    .offset = spool_append(store->spool, line, length),
                    .length = (uint32_t)length};
    return true;
}

bool
rowstore_contains(const RowStore *store, RowId id)
{
    return store->ids != NULL && idset_contains(store->ids, id);
}

size_t
rowstore_count(const RowStore *store)
{
    return store->n_rows;
}

void
rowstore_sort(RowStore *store)
{
    if (!store->is_sorted)
        bigsort(store->rows, store->n_rows, sizeof(StoredRow));
    store->is_sorted = true;
}

size_t
rowstore_find(const RowStore *store, RowId id)
{
    const StoredRow *row = store->n_rows > 0 ? bsearch(&id, store->rows, store->n_rows,
                                                       sizeof(StoredRow), rowid_compare)
                                             : NULL;

    return row != NULL ? (size_t)(row - store->rows) : ROWSTORE_NONE;
}

RowId
rowstore_get_id(const RowStore *store, size_t i)
{
    return store->rows[i].id;
}

RowId *
rowstore_list_ids(const RowStore *store, size_t first)
{
    RowId *ids = bigmem_alloc((store->n_rows - first + 1) * sizeof(*ids));

    for (size_t i = first; i < store->n_rows; i++)
        ids[i - first] = store->rows[i].id;
    return ids;
}

const char *
rowstore_get(const RowStore *store, size_t i, size_t *length)
{
    *length = store->rows[i].length;
    return spool_read(store->spool, store->rows[i].offset, *length);
}

size_t
rowstore_reorder(RowStore *store, const RowId *ids, size_t n)
{
    StoredRow *ordered = bigmem_alloc(store->n_rows * sizeof(StoredRow));
    size_t n_ordered = 0;

    for (size_t i = 0; i < n && n_ordered < store->n_rows; i++)
    {
        size_t position = rowstore_find(store, ids[i]);

        if (position != ROWSTORE_NONE)
            ordered[n_ordered++] = store->rows[position];
    }
    if (n_ordered == store->n_rows)
    {
        bigmem_free(store->rows);
        store->rows = ordered;
        store->is_sorted = false;
    }
    else
        bigmem_free(ordered);
    return n_ordered;
}
