/* --plan: what would be done and why, from catalogs and statistics only. */
#ifndef PROGRAMS_SAMPLE_PLAN_PRINT_H
#define PROGRAMS_SAMPLE_PLAN_PRINT_H

#include "programs/sample/mode.h"
#include "sample/child_index.h"

/*
 * Prints it on standard output; indexes are those of the children, by link. Ends the
 * program with EXIT_OUTPUT if that cannot be written.
 */
void plan_print(const Plan *plan, const ModeChoice *mode, const ChildIndex *indexes);

#endif
