/*
 * The masked rows of relations, in the order of the dump: lines by sample->layouts, as
 * rowscan returned them, with masked values. They are in a spool of their own, each
 * behind its length, so that a row costs no memory besides its bytes; they are written
 * once, a relation at a time, and read from first to last, as often as is wanted.
 */
#ifndef SAMPLE_MASKED_MASKED_ROWS_H
#define SAMPLE_MASKED_MASKED_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct MaskedRows MaskedRows;

/* For so many relations; memory_limit: bytes, what exceeds them is in a file. */
MaskedRows *masked_rows_new(size_t memory_limit, int n_relations);
void masked_rows_free(MaskedRows *rows);

/* The lines that are appended from now on are those of the relation. */
void masked_rows_begin(MaskedRows *rows, int relation);
void masked_rows_append(MaskedRows *rows, const char *line, size_t length);

/* Are its rows here? NULL is accepted: no relation's are. */
bool masked_rows_has(const MaskedRows *rows, int relation);

/* How many rows of it are here. */
size_t masked_rows_count(const MaskedRows *rows, int relation);

/* Where in the rows of a relation one is. */
typedef struct MaskedReader
{
    MaskedRows *rows; /* NULL: nothing is read */
    uint64_t offset;
    size_t n_left;
} MaskedReader;

MaskedReader masked_rows_read(MaskedRows *rows, int relation);
/* The next line, valid until the next call for any relation. NULL: no more. */
const char *masked_rows_next(MaskedReader *reader, size_t *length);

#endif
