/*
 * Rows of a dump that complete others (see InputTable.is_postponed): which of their
 * columns are the key. The dump does not mark where the key ends and the foreign key
 * begins, and the key of the source's table may not be that of the target. So the columns
 * are compared with the primary key, and then with the foreign keys of the target.
 */
#ifndef LOAD_PLAN_LOAD_PLAN_COMPLETION_H
#define LOAD_PLAN_LOAD_PLAN_COMPLETION_H

#include "load/stage/stage.h"

/* Sets result; its table remains -1 if the columns to be set are not loaded. */
void load_plan_completion(LoadBatch *batch, const LoadTable *into, int source,
                          const char *path, const InputTable *input, StageInput *result);

/*
 * How many of the columns, which are those of a key and then those of a foreign key, are
 * of the key; 0: not known.
 */
int load_plan_completion_count_key(const Catalog *catalog, int relation,
                                   const int *columns, int n_columns);

#endif
