/*
 * What only the server can say of masked rows: the CHECK constraints of tables and
 * domains that mention a masked column, and the keys of unique indexes with expressions.
 * A batch of rows goes to it as texts (model/query_masked.h), READ ONLY.
 *
 * A row that breaks a constraint raw, because the constraint is NOT VALID or is not
 * immutable, may break it masked. A constraint is not satisfied either when the server
 * cannot evaluate it for a masked row. What it cannot evaluate for any row, because the
 * statement is wrong, is left out with a warning.
 */
#ifndef SAMPLE_MASKED_MASK_CHECKS_H
#define SAMPLE_MASKED_MASK_CHECKS_H

#include "sample/masked/mask_batch.h"

typedef struct MaskChecks MaskChecks;

MaskChecks *mask_checks_new(const MaskPlan *plan);
void mask_checks_free(MaskChecks *checks);

/* Ends the program with EXIT_INCONSISTENT when a masked row breaks a constraint. */
void mask_checks_run(MaskChecks *checks, MaskBatch *batch);

/*
 * For each of the masked rows: the index's key as text, whether no part of it is NULL,
 * and whether the row is in the index.
 */
PGresult *mask_checks_compute_keys(MaskBatch *batch, const MaskUniqueIndex *index,
                                   const size_t *rows, size_t n);

#endif
