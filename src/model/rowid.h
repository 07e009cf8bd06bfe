/*
 * The identity of a row in the snapshot: where it is stored. It holds while the snapshot
 * lives and the table is locked against rewriting. Packed into 64 bits so that numeric
 * order is the order of a sequential scan: leaf (16), block (32), offset (16).
 */
#ifndef MODEL_ROWID_H
#define MODEL_ROWID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint64_t RowId;

enum
{
    ROWID_MAX_LEAVES = 1 << 16
};

static inline RowId
rowid_make(int leaf, uint32_t block, uint32_t offset)
{
    return (uint64_t)leaf << 48 | (uint64_t)block << 16 | offset;
}

static inline int
rowid_leaf(RowId id)
{
    return (int)(id >> 48);
}

static inline uint32_t
rowid_block(RowId id)
{
    return (uint32_t)(id >> 16);
}

static inline uint32_t
rowid_offset(RowId id)
{
    return (uint32_t)(id & 0xffff);
}

/* For bsearch(), also of structs that begin with a RowId. */
int rowid_compare(const void *left, const void *right);
void rowid_sort(RowId *ids, size_t n);

/* How many of the ids, which are sorted, are in the same leaf as the first; n > 0. */
size_t rowid_count_same_leaf(const RowId *ids, size_t n);

/* Parses the text of a ctid, "(block,offset)". */
bool rowid_parse_ctid(const char *text, size_t length, uint32_t *block, uint32_t *offset);

#endif
