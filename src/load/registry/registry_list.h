/* Tables of all runs in our schema, as load_tables.sql finds them. */
#ifndef LOAD_REGISTRY_REGISTRY_LIST_H
#define LOAD_REGISTRY_REGISTRY_LIST_H

#include "db/row.h"
#include "load/registry/registry_internal.h"

/* Texts belong to the result. */
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
