/*
 * Partitioned tables of which this release of the server can miss rows, because it prunes
 * partitions that have rows of the result (sql/misread_tables.sql has the conditions).
 * What is missed in a scan or a foreign key check cannot be seen in its result; so such
 * tables are found in the catalog, and statements with their names are sent with
 * partition pruning off (db/db_pruning.c).
 *
 * It costs one query where there are partitions, and nothing else where no table is
 * affected.
 */
#ifndef MODEL_MISREAD_H
#define MODEL_MISREAD_H

#include "model/catalog.h"

typedef struct Db Db; /* db/db.h */

typedef struct Misread
{
    bool *tables; /* by relation, in the catalog's arena; NULL: none */
    bool *met;    /* those of them that this run reads or writes */
} Misread;

typedef enum MisreadScope
{
    MISREAD_OWN_SQL,  /* the snapshot is read, by conditions of this program alone */
    MISREAD_USER_SQL, /* the snapshot is read, with the user's conditions as well */
    MISREAD_WRITES    /* rows are written: any condition can be sent */
} MisreadScope;

/*
 * Finds those that are misread in the scope. Conditions of this program on keys are
 * equalities, which are affected only by bounds of the levels above; and partitions that
 * are empty stay so in a snapshot, which must have been taken.
 */
void misread_find(Misread *misread, Db *db, const Catalog *catalog, MisreadScope scope);

/* Notes that this run reads or writes the relation. Is it one of them? */
bool misread_meet(Misread *misread, int relation);

/* One warning with the names of those that were noted, if there are any. */
void misread_warn(const Misread *misread, const Db *db, const Catalog *catalog);

#endif
