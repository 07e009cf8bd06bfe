/*
 * What is to be done with each table: from what the user asks for, what the table is, and
 * which columns the input has. Dies on what cannot be done, before anything is staged.
 */
#ifndef LOAD_PLAN_LOAD_PLAN_H
#define LOAD_PLAN_LOAD_PLAN_H

#include "load/registry/registry.h"
#include "load/stage/stage.h"

/* The settings for a table, options and configuration put together. */
typedef const TableSettings *(*PlanSettings)(void *context, const char *schema,
                                             const char *table);

/* The table that a name in a source stands for: the name itself, unless configured. */
typedef const char *(*PlanTarget)(void *context, const char *name);

/* Is the table of that name, as SQL has it, to be left out? */
typedef bool (*PlanExcludes)(void *context, const char *name);

typedef struct PlanContext
{
    const StageSource *sources;
    PlanSettings find_settings;
    PlanTarget find_target;
    PlanExcludes is_excluded; /* or NULL: none is */
    void *find_context;
    const StringList *only; /* tables that are to be loaded; none: all */
    int *only_relations;    /* indexes in the catalog, of load_plan_begin() */
    bool *is_only_used;
} PlanContext;

/* Prepares the batch for tables, and finds those of context->only. */
void load_plan_begin(LoadBatch *batch, PlanContext *context);

/* A StagePlanner; the context is a PlanContext. */
StageInput load_plan_input(void *context, LoadBatch *batch, int source,
                           const InputTable *table);

/* A table whose rows are staged already (--commit-staged), with all columns it has. */
int load_plan_staged(PlanContext *context, LoadBatch *batch, const StagedLoad *staged);

/*
 * When all inputs are known: the order of the tables, what was asked for in vain, and
 * which of them the server misreads.
 */
void load_plan_end(LoadBatch *batch, const PlanContext *context);

#endif
