/* --plan: what would be done and why, from catalogs and statistics only. */
#ifndef APP_PLAN_PRINT_H
#define APP_PLAN_PRINT_H

#include "app/mode.h"

/* Prints it on standard output; dies with EXIT_OUTPUT when that cannot be written. */
void plan_print(const Plan *plan, const ModeChoice *mode);

#endif
