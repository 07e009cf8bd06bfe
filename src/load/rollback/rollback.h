/*
 * Rollback: what a batch, or a single run, has changed is changed back.
 *
 * A rollback is a load whose diff is made from undo tables (registry/undo.h) instead of a
 * staging table, so that commit_run() does the rest: locks, the order of tables, cycles
 * of foreign keys, retries, lost connections, dry runs.
 *
 *     rollback_find      which undo tables; what the state of the batch allows
 *     rollback_plan      the tables and columns, as they are now
 *     rollback_compose   undo tables of several runs -> one row for each key
 *     (the diff is made: rollback_query)
 *     rollback_check     rows that are not as the load left them
 *     rollback_later     loads that have changed them since
 *     rollback_format    what the commit writes about the undo tables and the batch
 *
 * A batch can have been loaded by several runs, one after the other: different tables, or
 * the same ones with --force. For each key, only the first image and the last one count:
 *
 *     run 1   U (1,a) -> (1,b)   I (2,x)             before   (1,a)   -      (3,q)
 *     run 2   U (1,b) -> (1,c)            D (3,q)    after    (1,c)  (2,x)    -
 *
 * So row 1 is set to a, row 2 deleted, and row 3 inserted. Where the last image of a run
 * is not the first one of the next, others have changed the row in between: this is a
 * conflict, as is a row that is not as it was after the last run. Images are compared
 * as such (record_image_eq), which is exact for every type. A row that is already as it
 * was before the load is left alone, and is no conflict unless a later load that can be
 * rolled back has made it so.
 */
#ifndef LOAD_ROLLBACK_ROLLBACK_H
#define LOAD_ROLLBACK_ROLLBACK_H

#include "base/strbuf.h"
#include "load/batch.h"
#include "load/findings.h"

typedef struct PlanContext PlanContext; /* load/plan/load_plan.h */

/* A row of the table undo, whose undo table is to be applied. */
typedef struct UndoRow
{
    int64_t id;
    const char *run;
    const char *table_name; /* of the target, as in SQL */
    const char *qname;      /* of the undo table; NULL: nothing was changed */
    const char *columns;    /* names, as the text of an array: "{id,name}" */
    const char *types;      /* the same, as they were declared */
    const char *key;        /* the same */
    bool is_undone;
    bool is_lost; /* it was dropped, but had rows */
    bool is_audited;
} UndoRow;

/* A table that is rolled back. */
typedef struct RollbackTable
{
    LoadTable *table;
    UndoRow *rows; /* of its runs, in the order of their commits */
    int n_rows;
    const char *const *casts; /* by column of the table: "", or "::x.y" of a domain */
} RollbackTable;

typedef struct Rollback
{
    const char *batch_id; /* or NULL */
    const char *run;      /* of --undo-of, or NULL */
    UndoRow *rows;        /* ordered by table, and then by id */
    int n_rows;
    RollbackTable *tables;
    int n_tables;
    int64_t n_conflicts;
} Rollback;

/* ---- rollback_find.c */

/*
 * Finds what is to be undone of the run, or of the batch if that is NULL, takes the lock
 * of the batch, and sets batch->rollback. False, with a message, if it was undone before.
 * Ends the program with EXIT_BATCH if it is not possible.
 */
bool rollback_find(LoadBatch *batch, const char *run) __attribute__((warn_unused_result));

/* ---- rollback_plan.c */

/*
 * Adds the tables to the batch. Tables and columns that do not exist any more or have
 * another type are findings.
 */
void rollback_plan(LoadBatch *batch, const PlanContext *context, Findings *findings);

/* ---- rollback_compose.c */

/* Makes the composed tables, which take the place of staging tables. */
void rollback_compose(LoadBatch *batch);

/* ---- rollback_check.c */

/*
 * After the diffs: counts the conflicts, and prints some of them the first time. False if
 * they prevent the rollback, with a message in diag.
 */
bool rollback_check(LoadBatch *batch, Diag *diag) __attribute__((warn_unused_result));

/* ---- rollback_format.c: statements of the commit; owned by the caller. Pure. */

/* Affects one row for each undo table, or others have rolled back. */
char *rollback_format_undone(const LoadBatch *batch);
/* Drops the undo tables; NULL: there is none. */
char *rollback_format_drop(const LoadBatch *batch);
/* Sets the state of tables of the batch of which nothing is left to be undone. */
char *rollback_format_state(const LoadBatch *batch);

#endif
