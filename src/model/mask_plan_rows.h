/*
 * What masked rows must satisfy: unique indexes, CHECK constraints and generated columns
 * that depend on masked columns. Pure.
 */
#ifndef MODEL_MASK_PLAN_ROWS_H
#define MODEL_MASK_PLAN_ROWS_H

#include "model/mask_facts.h"

/* Sets the plan's indexes, checks and generated columns; its columns must be there. */
void mask_plan_rows_find(MaskPlan *plan, const MaskFacts *facts);

#endif
