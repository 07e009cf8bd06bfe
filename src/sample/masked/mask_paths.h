/* Rules for paths into json values that mask nothing, such as misspelt ones. */
#ifndef SAMPLE_MASKED_MASK_PATHS_H
#define SAMPLE_MASKED_MASK_PATHS_H

#include "sample/masked/mask_proof.h"

/*
 * Warns of each rule whose path leads to no part of any value, in none of its columns,
 * although they have values. All rows must have been masked.
 */
void mask_paths_report(const MaskPlan *plan, const MaskProof *proof);

#endif
