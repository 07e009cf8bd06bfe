/*
 * The part of the plan that is about slices: which relations have roots, by which links
 * children are added, and the filter of each table.
 *
 * A slice is what is added around root rows. Going down from them, children (rows that
 * refer to root rows or to other children) are added by every link whose cap is not 0,
 * generation by generation; going up, all that these rows refer to, as in any sample. The
 * set of relations that children can be in (is_entered) is found here, by walking the
 * links backwards from the relations with roots until no relation is new: it decides what
 * is locked, staged and indexed, before any row is read. Which filter holds for a
 * relation depends on its columns alone: each condition of --where-column is about all
 * relations that have the column.
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

/* Marks the relations that can have root rows or children. */
void plan_subset_mark(const Plan *plan, bool *is_marked);

#endif
