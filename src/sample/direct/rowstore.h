/*
 * The rows of one relation in direct mode. A dump has each table in one block and in the
 * order of the source, while rows come in batches of several queries; so they are kept
 * until the sample is complete. The bytes are in a spool that all relations share; here
 * are 24 bytes for each row: its id, offset and length. They are sorted once, when the
 * table is to be read in order or searched, instead of being kept sorted: rows of a batch
 * come in any order. Where a row can come twice, its id is in a hash set besides.
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

/* With has_duplicates, rows may come again; that takes a set of their ids. */
RowStore *rowstore_new(Spool *spool, bool has_duplicates);
void rowstore_free(RowStore *store);

/* Adds a line; false: the row is there already. */
bool rowstore_add(RowStore *store, RowId id, const char *line, size_t length);
bool rowstore_contains(const RowStore *store, RowId id);
size_t rowstore_count(const RowStore *store);

/* Sorts the rows by their ids, which is the order of the source. */
void rowstore_sort(RowStore *store);

/* Where the row is in a sorted store; ROWSTORE_NONE: it is not there. */
size_t rowstore_find(const RowStore *store, RowId id);

/* The id of the i-th row. */
RowId rowstore_get_id(const RowStore *store, size_t i);

/* The ids of the rows from the first-th one on, in an array for bigmem_free(). */
RowId *rowstore_list_ids(const RowStore *store, size_t first);

/* The line of the i-th row; valid until the next read of any store of the spool. */
const char *rowstore_get(const RowStore *store, size_t i, size_t *length);

/*
 * Puts the rows into the order of the ids; other ids are ignored. The store must be
 * sorted. Returns how many of the rows have an id in the list.
 */
size_t rowstore_reorder(RowStore *store, const RowId *ids, size_t n);

#endif
