/* What target.c, target_list.c and target_keys.c share. */
#ifndef LOAD_PLAN_TARGET_INTERNAL_H
#define LOAD_PLAN_TARGET_INTERNAL_H

#include "db/row.h"
#include "load/plan/target.h"

/* The targets that are being read, and their oids as the text of an array. */
typedef struct TargetList
{
    Db *db;
    const Catalog *catalog;
    Target *targets;
    int n_targets;
    char *oids;
} TargetList;

/* The target of the relation with that oid; NULL: it was dropped in the meantime. */
Target *target_list_find(const TargetList *list, CatalogOid oid);

/* Text in the arena, or NULL for NULL. */
const char *target_list_copy(const TargetList *list, const char *text);

/* An array of attnums, "{1,2}", as indexes into the relation's columns. */
void target_list_read_columns(const TargetList *list, const Target *target,
                              const char *attnums, int **columns, int *n_columns);

/* One query about all of them, with their oids as $1. */
PGresult *target_list_query(const TargetList *list, const char *sql);

/* Parts of target_load(). */
void target_keys_load(const TargetList *list);
void target_keys_load_checks(const TargetList *list);
void target_keys_load_references(const TargetList *list);

#endif
