/*
 * Some rows of one relation at a time, raw and masked: what the masks, the proofs and the
 * server work on. A batch is filled with raw lines, as rowscan returns them; then
 * mask_row adds the masked line of each, as it will be in the dump. Both sides are split
 * into fields on their own, so that what is proved of the masked side is proved of its
 * bytes.
 *
 *     fields      of COPY's text format, in the lines
 *     values      their escapes resolved
 *     canonical   equal bytes for what the column's type takes for equal
 *
 * Values of a column are made when they are first asked for, and for all rows at once,
 * since the server may have to be asked for canonical ones.
 */
#ifndef SAMPLE_MASKED_MASK_BATCH_H
#define SAMPLE_MASKED_MASK_BATCH_H

#include "model/mask_plan.h"
#include "model/query_masked.h"
#include "sample/masked/mask_server.h"
#include "sample/sample.h"

enum
{
    MASK_BATCH_ROWS = 1000
};

/* The random seed of the hashes of a run; see mask_tuple.h. */
typedef struct MaskSeed
{
    uint64_t words[2];
} MaskSeed;

typedef enum MaskSide
{
    MASK_RAW,
    MASK_MASKED,
    MASK_SIDES
} MaskSide;

/* The lines of one side. */
typedef struct MaskLines
{
    PQExpBufferData text; /* one behind the other */
    size_t *starts;       /* by row, and the end of the last */
    size_t n;
    CopyField *fields; /* row by row */
    size_t n_allocated;
    MaskValue **values; /* by column; NULL: not asked for yet */
    MaskValue **canonical;
    struct MaskTuple **tuples; /* of one column; see mask_tuple.h */
} MaskLines;

typedef struct MaskBatch
{
    const Sample *sample;
    const MaskPlan *plan;
    MaskServer *server;
    MaskSeed seed;
    const RowLayout *layout;
    int n_fields; /* of a line: prefix and columns of the dump */
    size_t n_rows;
    MaskLines sides[MASK_SIDES];
    int *leaves;          /* by row */
    MaskCanonical *forms; /* by column ... */
    bool *has_form;       /* ... if it has one */
    Arena *arena;         /* for the values of the batch */
    PQExpBufferData scratch;
} MaskBatch;

MaskBatch *mask_batch_new(const Sample *sample, const MaskPlan *plan, MaskServer *server,
                          MaskSeed seed);
void mask_batch_free(MaskBatch *batch);

/* Makes it one of rows of the relation. */
void mask_batch_begin(MaskBatch *batch, int relation);
/* Forgets its rows. */
void mask_batch_clear(MaskBatch *batch);

/* Adds a raw row; true: the batch is full. */
bool mask_batch_add(MaskBatch *batch, const char *line, size_t length);
/* When the lines of a side are complete: splits them. */
void mask_batch_split(MaskBatch *batch, MaskSide side);

/* The line of a row. */
const char *mask_batch_get_line(const MaskBatch *batch, MaskSide side, size_t row,
                                size_t *length);

/* The field of a column of the relation that the lines have. */
static inline const CopyField *
mask_batch_get_field(const MaskBatch *batch, MaskSide side, size_t row, int column)
{
    return &batch->sides[side].fields[row * (size_t)batch->n_fields +
                                      (size_t)batch->layout->field_of_column[column]];
}

/* All rows of a side, for statements; valid until the batch is cleared. */
QueryRows mask_batch_get_rows(MaskBatch *batch, MaskSide side);

/* By row. The text of a NULL is NULL. */
const MaskValue *mask_batch_get_values(MaskBatch *batch, MaskSide side, int column);
const MaskValue *mask_batch_get_canonical(MaskBatch *batch, MaskSide side, int column);

#endif
