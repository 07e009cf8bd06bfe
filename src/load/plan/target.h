/*
 * Reads the definition of the tables that are loaded (target_types.h) from the catalogs:
 * four queries about all of them, in target_list.c, target.c and target_keys.c.
 */
#ifndef LOAD_PLAN_TARGET_H
#define LOAD_PLAN_TARGET_H

#include "db/db.h"
#include "load/target_types.h"

/*
 * The relation of a name, [SCHEMA.]TABLE with the quoting rules of SQL, by the user's
 * search_path: its index in the catalog. Ends the program with EXIT_SERVER if there is
 * none, with the nearest name as a hint, or if it cannot be loaded (a view, a partition).
 */
int target_find(Db *db, const Catalog *catalog, const char *name);

/* The same; for the name of a partition, which is *partition then, its root. */
int target_find_root(Db *db, const Catalog *catalog, const char *name,
                     const Partition **partition);

/* The targets of the relations, which are indexes in the catalog, in their order. */
Target *target_load(Db *db, const Catalog *catalog, const int *relations, int n);

/* Of one column; texts are in the catalog's arena. */
ColumnOrder target_load_order(Db *db, const Target *target, int column);

/*
 * A text that changes if the table's oid, columns, constraints, triggers or rules change.
 * It is compared before the commit. Owned by the caller.
 */
char *target_fingerprint(Db *db, CatalogOid relation);

#endif
