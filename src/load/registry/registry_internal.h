/* What the files behind load/registry/registry.h share. */
#ifndef LOAD_REGISTRY_REGISTRY_INTERNAL_H
#define LOAD_REGISTRY_REGISTRY_INTERNAL_H

#include "db/row.h"
#include "db/trust.h"
#include "load/registry/registry.h"

enum
{
    REGISTRY_LOCK_CLASS = 1347636292 /* the first number of a run's advisory lock */
};

/* As trust_ask(): may these tables in our schema be used? */
SchemaTrust registry_trust(Db *db, const char *schema_name, const char *tables,
                           const char *table, Diag *diag)
    __attribute__((warn_unused_result));

/* Why there is no schema; without a message if there is one. */
const Diag *registry_get_obstacle(void);

/* The second number of the run's lock. */
int registry_get_lock(void);

/* Is it for want of a privilege or of room that something cannot be made? */
bool registry_is_obstacle(const PGresult *result);

/* Takes a lock of a run without waiting, or gives it back. */
bool registry_try_lock(Db *db, int lock);
void registry_unlock(Db *db, int lock);

/* Remembers a table to be dropped at the end; adopted: but not after an error. */
void registry_tables_note(const LoadBatch *batch, const char *qname, bool is_adopted);

/* ---- registry_status.c */

/* A table in our schema, as load_tables.sql finds it; texts belong to the result. */
typedef struct RegistryRow
{
    const char *name;
    const char *qname;
    const char *target; /* or NULL: it has no comment */
    const char *what;
    const char *run;
    bool is_kept;
    int lock;
    int64_t n_rows;     /* when it was staged */
    const char *origin; /* as in LoadTable; or NULL */
    const char *size;
    bool is_empty;
    const char *age;
    bool is_live;
    bool is_old;
} RegistryRow;

/* Sets the session up for --status and --gc. */
void registry_status_prepare(Db *db);
/*
 * older_than is an interval or NULL: nothing is old. Dies if the schema is of another
 * role.
 */
PGresult *registry_status_list(Db *db, const char *schema_name, const char *older_than);
RegistryRow registry_status_read_row(RowReader *reader);

#endif
