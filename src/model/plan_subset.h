/*
 * The part of the plan that is about slices: which relations have roots, along which
 * edges children are followed, and the filter of each table.
 *
 * Pure: no server, no output.
 */
#ifndef MODEL_PLAN_SUBSET_H
#define MODEL_PLAN_SUBSET_H

#include "model/plan.h"

/*
 * Decides; the selection must be planned already. False, with the reason in diag, when a
 * pattern matches nothing, rules contradict each other, or a root cannot have rows.
 */
bool plan_subset_build(Plan *plan, Subset *subset, Diag *diag)
    __attribute__((warn_unused_result));

/* Marks the relations that may get rows of D. */
void plan_subset_mark(const Plan *plan, bool *is_marked);

#endif
