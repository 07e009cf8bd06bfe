/*
 * Our own schema in the database, which tables of ours are in it, and which run they
 * belong to: so that what a dead run left can be told from what a live one works with.
 *
 * A run is known by a uuid. It holds an advisory lock from registry_open() to its end,
 * and every table that it makes has the run's id, the target and the lock in its comment.
 */
#ifndef LOAD_REGISTRY_REGISTRY_H
#define LOAD_REGISTRY_REGISTRY_H

#include "base/diag.h"
#include "db/db.h"
#include "load/batch.h"

/*
 * Makes the schema and its tables run and reject if they are not there, takes the run's
 * lock, and sets run_id and schema of the batch. Where a schema cannot be made for want
 * of a privilege, batch->schema stays NULL and the diag says why; other errors end the
 * program.
 */
bool registry_open(LoadBatch *batch, Diag *diag) __attribute__((warn_unused_result));

/*
 * A new name <table>_<what>_<8 hex>_<yyyymmdd_hhmmss> (at most 63 bytes, cut in <table>
 * between characters), qualified and quoted, in the arena; in pg_temp for
 * STAGE_TEMPORARY.
 */
const char *registry_name_table(const LoadBatch *batch, const char *table,
                                const char *what);

/*
 * The statement that comments a table of ours with the run's id and so on, to be sent
 * with the one that makes it: a table that a killed run leaves can then be told. Owned by
 * the caller.
 */
char *registry_format_comment(const LoadBatch *batch, const LoadTable *table,
                              const char *qname, const char *what);
/* Comments it anew, when the numbers have changed. */
void registry_describe(const LoadBatch *batch, const LoadTable *table, const char *qname,
                       const char *what);

/*
 * The statement that makes the commit known: a row in the table run, or NULL without a
 * schema. Owned by the caller.
 */
char *registry_format_commit(const LoadBatch *batch);

typedef enum RegistryOutcome
{
    OUTCOME_UNKNOWN, /* the server could not be asked */
    OUTCOME_COMMITTED,
    OUTCOME_ROLLED_BACK
} RegistryOutcome;

/* What became of the commit, over a connection that holds the run's lock. Never dies. */
RegistryOutcome registry_find_outcome(const LoadBatch *batch, Db *db);

/* Takes the run's lock on another connection when the first one is gone, or waits. */
bool registry_take_lock(const LoadBatch *batch, Db *db);

/* Drops all tables of the run; never dies. Also done when an error ends the program. */
void registry_tables_drop(void);
/* From now on they stay: --keep, --stage-only. */
void registry_tables_keep(LoadBatch *batch);

/* --status: the tables in the schema, their runs, alive or dead, rows and size. */
void registry_status_print(Db *db, const char *schema_name);
/* --gc: drops tables of dead runs; those that --stage-only left only if older. */
void registry_collect(Db *db, const char *schema_name, const char *older_than);

/* What --commit-staged has to know of a table that --stage-only left. */
typedef struct StagedLoad
{
    const char *target; /* schema.table, quoted */
    const char *qname;  /* of the staging table */
    const char *origin; /* as in LoadTable; or NULL */
    int64_t n_rows;     /* that were staged; after a crash of the server there are none */
    const char *const *columns; /* of the batch, raw names */
    size_t n_columns;
} StagedLoad;
/* Dies with EXIT_SERVER if there is no such table; takes over its run (its lock). */
StagedLoad registry_collect_find_staged(LoadBatch *batch, const char *name);

#endif
