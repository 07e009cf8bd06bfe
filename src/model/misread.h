/*
 * Partitioned tables whose rows this release of the server can miss
 * (misread_tables.sql). From when they are found, statements that name them are sent
 * without partition pruning (db/db_pruning.h).
 *
 * Costs one query where there are partitions, and nothing else where no table is
 * concerned.
 */
#ifndef MODEL_MISREAD_H
#define MODEL_MISREAD_H

#include "model/catalog.h"

typedef struct Db Db; /* db/db.h */

typedef struct Misread
{
    bool *tables; /* by relation, in the catalog's arena; NULL: none */
    bool *met;    /* those of them that this run has to do with */
} Misread;

typedef enum MisreadScope
{
    MISREAD_OWN_SQL,  /* the snapshot is read, with no conditions but ours */
    MISREAD_USER_SQL, /* the snapshot is read, with the user's conditions as well */
    MISREAD_WRITES    /* anything may come */
} MisreadScope;

/*
 * Finds those that are misread in the scope: our own conditions on keys are equalities,
 * which harm only what the bounds of the levels above do; and partitions that are empty
 * stay so in a snapshot, which must have been taken.
 */
void misread_find(Misread *misread, Db *db, const Catalog *catalog, MisreadScope scope);

/* This run has to do with the relation; is it one of them? */
bool misread_meet(Misread *misread, int relation);

/* One warning that names those that were met, if there are any. */
void misread_warn(const Misread *misread, const Db *db, const Catalog *catalog);

#endif
