/* --plan: what would be done and why, from catalogs and statistics only. */
#ifndef APP_PLAN_PRINT_H
#define APP_PLAN_PRINT_H

#include "model/plan.h"

/* Prints it on standard output; dies with EXIT_OUTPUT when that cannot be written. */
void plan_print(const Plan *plan);

#endif
