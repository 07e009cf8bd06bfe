/* Which columns the rows have that complete others, and which of them are the key. */
#ifndef LOAD_PLAN_LOAD_PLAN_COMPLETION_H
#define LOAD_PLAN_LOAD_PLAN_COMPLETION_H

#include "load/stage/stage.h"

/* Sets result; its table stays -1 where none of the columns they set is wanted. */
void load_plan_completion(LoadBatch *batch, const LoadTable *into, int source,
                          const char *path, const InputTable *input, StageInput *result);

/*
 * How many of the columns, which are those of a key and then those of a foreign key, are
 * of the key; 0: that cannot be told.
 */
int load_plan_completion_count_key(const Catalog *catalog, int relation,
                                   const int *columns, int n_columns);

#endif
