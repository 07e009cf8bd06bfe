/* What is done with a table, and whether that is possible. */
#ifndef LOAD_PLAN_LOAD_PLAN_TABLE_H
#define LOAD_PLAN_LOAD_PLAN_TABLE_H

#include "load/batch.h"

/* Sets the names of a table whose target and settings are set, and refuses what cannot be
 * loaded at all: INSTEAD rules, row security, missing privileges. */
void load_plan_table_open(LoadBatch *batch, LoadTable *table);

/* Chooses, when the columns are known, key, timestamp, slice and the way to apply. */
void load_plan_table_settle(LoadBatch *batch, LoadTable *table);

#endif
