/*
 * The key by which rows of the batch and rows of the target are matched. A unique key
 * other than the primary key is only used if there is just one, since the choice would
 * decide which rows are updated.
 */
#ifndef LOAD_PLAN_LOAD_PLAN_KEY_H
#define LOAD_PLAN_LOAD_PLAN_KEY_H

#include "load/batch.h"

/*
 * Sets table->key: the columns of --natural-key, else the primary key, else the only
 * other unique key over NOT NULL columns; NULL if there is none. Its columns must be in
 * the batch.
 */
void load_plan_key_choose(LoadBatch *batch, LoadTable *table);

#endif
