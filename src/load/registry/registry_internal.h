/* What the files of registry.h share. */
#ifndef LOAD_REGISTRY_REGISTRY_INTERNAL_H
#define LOAD_REGISTRY_REGISTRY_INTERNAL_H

#include "db/row.h"
#include "db/trust.h"
#include "load/registry/registry.h"

enum
{
    REGISTRY_LOCK_CLASS = 1347636292 /* the first number of a run's advisory lock */
};

/* ---- registry_trust.c */

/* As trust_ask(): can these tables in the loader's schema be trusted? */
SchemaTrust registry_trust(Db *db, const char *schema_name, const char *tables,
                           const char *table, Diag *diag)
    __attribute__((warn_unused_result));

/* ---- registry_schema.c */

/* As registry_open(), without a run. */
bool registry_schema_open(LoadBatch *batch, Diag *diag)
    __attribute__((warn_unused_result));

/* Is the error a missing privilege, or no space? */
bool registry_schema_is_obstacle(const PGresult *result);

/* ---- registry.c */

/* Why there is no schema; without a message if there is one. */
const Diag *registry_get_obstacle(void);

/* The second number of the run's lock. */
int registry_get_lock(void);

/* When the run began, as the server reads it. */
const char *registry_get_started(void);

/* Takes the lock of a run without waiting; releases it. */
bool registry_try_lock(Db *db, int lock);
void registry_unlock(Db *db, int lock);

/* Adds a table to be dropped at the end; is_adopted: but not after an error. */
void registry_tables_note(const LoadBatch *batch, const char *qname, bool is_adopted);

/* ---- registry_status.c */

/* A table in the loader's schema, of load_tables.sql; texts belong to the result. */
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
    const char *mark;   /* the same */
    const char *size;
    bool is_empty;
    const char *age;
    bool is_live;
    bool is_old;
} RegistryRow;

/* ---- registry_batches.c */

/*
 * All batches, or that of the id: seven texts each, for --status. NULL if there is no
 * table of batches. Ends the program if it cannot be trusted.
 */
PGresult *registry_batches_list(Db *db, const char *schema_name, const char *batch_id);
/* Forgets and prints those that failed or were approved before the interval. */
void registry_batches_collect(Db *db, const char *schema_name, const char *older_than);

/* ---- marks.c */

/*
 * How the rows of each table are masked: three texts each, for --status. NULL if nothing
 * was recorded. Ends the program if it cannot be trusted.
 */
PGresult *marks_list(Db *db, const char *schema_name);

/* ---- registry_undo.c */

/*
 * What is kept or was rolled back, of all loads or of the batch: eight texts each, for
 * --status. NULL if there is no table undo. Ends the program if it cannot be trusted.
 */
PGresult *registry_undo_list(Db *db, const char *schema_name, const char *batch_id);
/*
 * Drops and prints undo tables of what is rolled back, and of loads before the interval,
 * which can be NULL; how many it could not.
 */
int registry_undo_collect(Db *db, const char *schema_name, const char *older_than);

/* ---- registry_status.c */

/* Prepares the session for --status and --gc. */
void registry_status_prepare(Db *db);
/*
 * older_than is an interval, or NULL: no table is old. Ends the program if the schema
 * belongs to another role.
 */
PGresult *registry_status_list(Db *db, const char *schema_name, const char *older_than);
RegistryRow registry_status_read_row(RowReader *reader);

#endif
