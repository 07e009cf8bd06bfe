/*
 * The plan of a load: for each table of the sources the settings, the columns, the key,
 * and the way to apply. A table is planned when its first row is about to be read, since
 * the columns are those of the source. What cannot be done ends the program there, before
 * rows are staged.
 *
 *     name in the source -> target_find         the relation
 *                           target_load         its definition
 *                           load_plan_table     rules, privileges, timestamp, scope
 *                           load_plan_columns   fields of the source to columns
 *                           load_plan_members   members of JSON to columns
 *                           load_plan_key       natural, primary or other unique key
 *                           load_plan_capture   images of rows, for audit and undo
 *                           load_plan_completion   rows that complete others
 *     all sources read   -> load_plan_presence   columns that records lack
 *                           load_plan_end       the order: referenced tables first
 */
#ifndef LOAD_PLAN_LOAD_PLAN_H
#define LOAD_PLAN_LOAD_PLAN_H

#include "load/registry/registry.h"
#include "load/stage/stage.h"

/* The settings of a table: options and configuration merged. */
typedef const TableSettings *(*PlanSettings)(void *context, const char *schema,
                                             const char *table);

/* The target of a name in a source: the name itself, unless configured. */
typedef const char *(*PlanTarget)(void *context, const char *name);

/* Is the table of that name (quoted as in SQL) excluded? */
typedef bool (*PlanExcludes)(void *context, const char *name);

typedef struct PlanContext
{
    PlanSettings find_settings;
    PlanTarget find_target;
    PlanExcludes is_excluded; /* or NULL: none is */
    void *find_context;
    const StringList *only; /* the tables to be loaded; none: all */
    int *only_relations;    /* their indexes in the catalog, by load_plan_begin() */
    bool *is_only_used;
} PlanContext;

/* Prepares the batch for tables, and finds those of context->only. */
void load_plan_begin(LoadBatch *batch, PlanContext *context);

/* Is the relation one of context->only, or are there none? */
bool load_plan_wants(PlanContext *context, int relation);

/* Ends the program if load_plan_wants() was not asked for one of context->only. */
void load_plan_check_only(const LoadBatch *batch, const PlanContext *context);

/*
 * Ends the program if it is one of the loader's own tables: files must not decide what
 * was approved or loaded, or what a rollback does.
 */
void load_plan_refuse_own(const LoadBatch *batch, int relation);

/* A StagePlanner; the context is a PlanContext. */
StageInput load_plan_input(void *context, LoadBatch *batch, int source,
                           const InputTable *table);

/* A table whose rows are staged already (--commit-staged). */
int load_plan_staged(PlanContext *context, LoadBatch *batch, const StagedLoad *staged);

/*
 * A table to be rolled back, with its key and columns, whose rows can change in any way:
 * of its settings, only those that are not about the contents count. is_audited: in any
 * case.
 */
LoadTable *load_plan_restored(const PlanContext *context, LoadBatch *batch, int relation,
                              const StringList *key, const int *columns, int n_columns,
                              bool is_audited);

/*
 * After all rows are staged: which columns records lack. Those that all of them lack
 * leave the batch; sets is_partial if others remain.
 */
void load_plan_presence(LoadBatch *batch);

/*
 * After all sources: sets the order of the tables, warns of tables that the server
 * misreads, and ends the program if a table of --table-name is in no source.
 */
void load_plan_end(LoadBatch *batch, const PlanContext *context);

#endif
