/* The key that tells which row of the batch is which row of the target. */
#ifndef LOAD_PLAN_LOAD_PLAN_KEY_H
#define LOAD_PLAN_LOAD_PLAN_KEY_H

#include "load/batch.h"

/*
 * Sets table->key: the natural key that the user names, else the primary key, else the
 * only other unique key over columns without NULLs; NULL if there is none. Its columns
 * must be in the batch.
 */
void load_plan_key_choose(LoadBatch *batch, LoadTable *table);

#endif
