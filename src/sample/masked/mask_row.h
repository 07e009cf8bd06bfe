/*
 * The masks, applied to the rows of a batch: the values of each masked column are masked,
 * then the masked lines are put together from these and the bytes of the raw lines.
 *
 * Columns are masked one after the other: those whose masks look at other masked values
 * of the row (scrub, json) after all others. What a rule's sql() computes comes from the
 * server, for the whole batch.
 */
#ifndef SAMPLE_MASKED_MASK_ROW_H
#define SAMPLE_MASKED_MASK_ROW_H

#include "sample/masked/mask_batch.h"

typedef struct MaskRow MaskRow;

MaskRow *mask_row_new(const MaskPlan *plan);
void mask_row_free(MaskRow *row);

/*
 * Masks the rows of a batch whose raw side was split. Ends the program with
 * EXIT_INCONSISTENT when a value has no mask.
 */
void mask_row_apply(MaskRow *row, MaskBatch *batch);

/* Can parts of the value be in its mask, as they are? */
bool mask_row_keeps_text(const MaskColumn *column);

/* Does the mask depend on nothing but the value? */
bool mask_row_is_function(const MaskColumn *column);

#endif
