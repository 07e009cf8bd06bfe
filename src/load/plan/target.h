/*
 * Reading what has to be known of tables that are loaded.
 */
#ifndef LOAD_PLAN_TARGET_H
#define LOAD_PLAN_TARGET_H

#include "db/db.h"
#include "load/target_types.h"

/*
 * Finds the relation that the user means by a name, which may have a schema and is folded
 * unless quoted; search_path is the user's own. Index in the catalog; dies with
 * EXIT_SERVER if there is none that can be loaded (a view, a partition, a typo), with the
 * nearest name as a hint.
 */
int target_find(Db *db, const Catalog *catalog, const char *name);

/* The same where the name may be that of a partition, *partition: its root then. */
int target_find_root(Db *db, const Catalog *catalog, const char *name,
                     const Partition **partition);

/* Reads what there is to know; relations are indexes in the catalog. */
Target *target_load(Db *db, const Catalog *catalog, const int *relations, int n);

/* Of one column; texts are in the catalog's arena. */
ColumnOrder target_load_order(Db *db, const Target *target, int column);

/*
 * A text that changes when the table's identity, columns, constraints, triggers or rules
 * change, for comparing it before the commit; owned by the caller.
 */
char *target_fingerprint(Db *db, CatalogOid relation);

#endif
