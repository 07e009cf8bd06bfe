/*
 * How a table is loaded, and whether it can be. Privileges, rules and row security are
 * checked before rows are read: standard input can be read only once, and a commit that
 * fails for a privilege would fail after hours.
 */
#ifndef LOAD_PLAN_LOAD_PLAN_TABLE_H
#define LOAD_PLAN_LOAD_PLAN_TABLE_H

#include "load/batch.h"

/* Sets the names of a table whose target and settings are set. Ends the program if it has
 * INSTEAD rules or row security that apply. */
void load_plan_table_open(LoadBatch *batch, LoadTable *table);

/* After the columns are set: sets key, timestamp, scope and the way to apply. */
void load_plan_table_settle(LoadBatch *batch, LoadTable *table);

#endif
