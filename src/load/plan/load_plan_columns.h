/* Which column each field of an input goes to. */
#ifndef LOAD_PLAN_LOAD_PLAN_COLUMNS_H
#define LOAD_PLAN_LOAD_PLAN_COLUMNS_H

#include "load/stage/stage.h"

/*
 * Decides it for an input of the table, and sets the table's columns by the first one;
 * the others must have the same ones, in whatever order. path is for messages. Dies with
 * EXIT_SERVER on columns that the table does not have, and such.
 */
void load_plan_columns_match(LoadBatch *batch, LoadTable *table, const char *path,
                             const InputTable *input, StageInput *result);

/* The column that a field of that name is for, or -1. */
int load_plan_columns_find(const LoadBatch *batch, const LoadTable *table,
                           const char *name);

#endif
