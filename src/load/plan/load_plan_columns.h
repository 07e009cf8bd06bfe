/*
 * Which column each field of a source goes to: by name, after --map, as spelled or else
 * folded to lower case; without names by position. A column of --slice with a single
 * value can be missing in the source, and is a constant then.
 *
 * The columns of the batch are ordered as the fields of the first source, constants last:
 * then lines can be copied as they are (see projection.h).
 */
#ifndef LOAD_PLAN_LOAD_PLAN_COLUMNS_H
#define LOAD_PLAN_LOAD_PLAN_COLUMNS_H

#include "load/stage/stage.h"

/*
 * Sets the fields of the result for a source of the table. The first source sets the
 * columns of the table; the others must have the same ones, in any order. Ends the
 * program with EXIT_SERVER if the table has no such column.
 */
void load_plan_columns_match(LoadBatch *batch, LoadTable *table, const char *path,
                             const InputTable *input, StageInput *result);

/* The column for a field of that name, or -1. */
int load_plan_columns_find(const LoadBatch *batch, const LoadTable *table,
                           const char *name);

#endif
