/*
 * A part of rollback.h: loads that have changed rows since, and have kept undo that is
 * not applied yet. They are to be rolled back before.
 *
 * If such a load has made a row what it was before the earlier one, nothing is left to be
 * rolled back of it. But the rollback of the later load would restore what the earlier
 * one has made of the row. So these rows are conflicts, too:
 *
 *     batch 1   U (1,a) -> (1,b)      rolled back: (1,a), as it is
 *     batch 2   U (1,b) -> (1,a)      rolled back: (1,b)
 */
#ifndef LOAD_ROLLBACK_ROLLBACK_LATER_H
#define LOAD_ROLLBACK_ROLLBACK_LATER_H

#include <libpq-fe.h>

#include "load/rollback/rollback.h"

enum
{
    MAX_LISTED = 20 /* conflicts that are printed */
};

/* A conflict that is printed. */
typedef struct Conflict
{
    int64_t record;
    const char *key;
    char kind;
    const char *later; /* "batch b2", or NULL: not known */
} Conflict;

typedef struct ConflictList
{
    Conflict items[MAX_LISTED];
    int n_items;
    const char *later; /* the last load that has changed any of them */
} ConflictList;

/* Later loads of the table, the last one first; freed by the caller. */
PGresult *rollback_later_query(LoadBatch *batch, const RollbackTable *undone);

/* Adds the conflicts to the diff that only these loads show. */
void rollback_later_add(LoadBatch *batch, const RollbackTable *undone,
                        const PGresult *later);

/* Which of these loads have changed the listed rows? */
void rollback_later_find(LoadBatch *batch, const RollbackTable *undone,
                         const PGresult *later, ConflictList *list);

#endif
