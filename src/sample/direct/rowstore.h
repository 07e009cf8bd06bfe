/*
 * The rows of the sample, collected before anything is emitted: as many bytes as the
 * memory bound allows stay in memory, the rest go to an unnamed temporary file. For each
 * row 24 bytes stay in memory: its place in the source and in the store.
 */
#ifndef SAMPLE_DIRECT_ROWSTORE_H
#define SAMPLE_DIRECT_ROWSTORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/rowid.h"
#include "sample/direct/spool.h"

#define ROWSTORE_NONE SIZE_MAX

/* The rows of one relation. */
typedef struct RowStore RowStore;

/* With has_duplicates, a row that comes again is told from a new one. */
RowStore *rowstore_new(Spool *spool, bool has_duplicates);
void rowstore_free(RowStore *store);

/* Adds a line; false, without adding it, when the row is there already. */
bool rowstore_add(RowStore *store, RowId id, const char *line, size_t length);
bool rowstore_contains(const RowStore *store, RowId id);
size_t rowstore_count(const RowStore *store);

/* Puts the rows into the order of their places in the source. */
void rowstore_sort(RowStore *store);

/* Where the row is in a sorted store; ROWSTORE_NONE: it is not there. */
size_t rowstore_find(const RowStore *store, RowId id);

/* The id of the i-th row. */
RowId rowstore_get_id(const RowStore *store, size_t i);

/* The line of the i-th row; valid until the next read of any store of the spool. */
const char *rowstore_get(const RowStore *store, size_t i, size_t *length);

/*
 * Puts the rows into another order: the rows of the ids come first to last as they are
 * given; ids that are not in the store are passed over. The store must be sorted. Returns
 * how many rows the ids named.
 */
size_t rowstore_reorder(RowStore *store, const RowId *ids, size_t n);

#endif
