/* --plan: what would be done and why, from catalogs and statistics only. */
#ifndef PROGRAMS_SAMPLE_PLAN_PRINT_H
#define PROGRAMS_SAMPLE_PLAN_PRINT_H

#include "programs/sample/mode.h"
#include "sample/child_index.h"

/* Prints it on standard output, with which children have an index (by edge); dies with
 * EXIT_OUTPUT when that cannot be written. */
void plan_print(const Plan *plan, const ModeChoice *mode, const ChildIndex *indexes);

#endif
