/* What the files behind load_plan.h share. */
#ifndef LOAD_PLAN_LOAD_PLAN_INTERNAL_H
#define LOAD_PLAN_LOAD_PLAN_INTERNAL_H

#include "load/batch.h"
#include "load/stage/stage.h"

/* ---- load_plan_columns.c */

/*
 * Sets the fields of the result for a source of the table. The first source sets the
 * columns of the table; the others must have the same ones, in any order. Ends the
 * program with EXIT_SERVER if the table has no such column.
 */
void load_plan_columns_match(LoadBatch *batch, LoadTable *table, const char *path,
                             const InputTable *input, StageInput *result);

/*
 * Sets the constant, a field of COPY text, of each column of the scope that has a single
 * value: it can be missing in the source.
 */
void load_plan_columns_match_scope(const LoadBatch *batch, const LoadTable *table,
                                   const char **constant_of);

/* Ends the program: the source cannot be loaded together with those before it. */
_Noreturn void load_plan_columns_die(const LoadBatch *batch, const LoadTable *table,
                                     const char *path, bool is_json);

/* The column for a field of that name, or -1. */
int load_plan_columns_find(const LoadBatch *batch, const LoadTable *table,
                           const char *name);

/* ---- load_plan_members.c */

/*
 * The same for a source whose records have members. The columns of the table are all that
 * can be loaded.
 */
void load_plan_members_match(LoadBatch *batch, LoadTable *table, const char *path,
                             StageInput *result);

/* ---- load_plan_completion.c */

/* Sets result; its table remains -1 if the columns to be set are not loaded. */
void load_plan_completion(LoadBatch *batch, const LoadTable *into, int source,
                          const char *path, const InputTable *input, StageInput *result);

/*
 * How many of the columns, which are those of a key and then those of a foreign key, are
 * of the key; 0: not known.
 */
int load_plan_completion_count_key(const Catalog *catalog, int relation,
                                   const int *columns, int n_columns);

/* ---- load_plan_origin.c */

/* Ends the program if rows of that origin and mark must not be loaded here. */
void load_plan_origin_check(const LoadBatch *batch, const char *path, const char *origin,
                            const char *mark);
/* Notes both for the table, before rows of it are loaded. */
void load_plan_origin_note(LoadBatch *batch, LoadTable *table, const char *path,
                           const InputTable *input);

/* ---- load_plan_key.c */

/*
 * Sets table->key: the columns of --natural-key, else the primary key, else the only
 * other unique key over NOT NULL columns; NULL if there is none. Its columns must be in
 * the batch.
 */
void load_plan_key_choose(LoadBatch *batch, LoadTable *table);

/* ---- load_plan_rules.c */

/*
 * Sets table->rules, and the columns that the diff has, once key, timestamp and the way
 * to apply are set. Ends the program with EXIT_SERVER if the table lacks a column or it
 * cannot be used.
 */
void load_plan_rules_settle(const LoadBatch *batch, LoadTable *table);
/* Sets the columns that the diff has, after those of the batch or the rules are set. */
void load_plan_rules_set_written(const LoadBatch *batch, LoadTable *table);

/* ---- load_plan_capture.c */

/*
 * Sets table->capture, once the way to apply is set. Ends the program with EXIT_SERVER if
 * audit or undo was asked for and is not possible.
 */
void load_plan_capture_settle(LoadBatch *batch, LoadTable *table);

/* ---- load_plan_table.c */

/* Sets the names of a table whose target and settings are set. Ends the program if it has
 * INSTEAD rules or row security that apply. */
void load_plan_table_open(LoadBatch *batch, LoadTable *table);

/* After the columns are set: sets key, timestamp, scope and the way to apply. */
void load_plan_table_settle(LoadBatch *batch, LoadTable *table);

/*
 * Ends the program if columns that are written lack privileges. Of records that lack
 * members, it is known when all are staged which these are.
 */
void load_plan_table_check_columns(LoadBatch *batch, const LoadTable *table);

/* Warns of columns whose values are lost where all rows are deleted and inserted. */
void load_plan_table_warn(const LoadTable *table);

#endif
