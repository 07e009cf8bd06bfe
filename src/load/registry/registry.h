/*
 * The loader's schema in the database, the tables in it, and the runs they belong to.
 *
 * A run has a uuid, and holds an advisory lock whose number is derived from it from
 * registry_open() to its end. Each table that it creates has the id of the run, the lock
 * and the target in its comment, set in the same statement. So any session can see which
 * tables were left by a run that has ended: those whose lock can be taken. A lock cannot
 * be left behind by a crash, as a row in a table of runs would be, and needs no clock.
 *
 *     registry          the lock, names and comments of tables
 *     registry_schema   the schema and the tables in it; --init
 *     registry_name     names of at most 63 bytes
 *     registry_tables   drops the tables at the end, also after an error
 *     registry_status   --status: the list of tables and runs
 *     registry_collect  --gc: drops what was left; --commit-staged: finds a staged table
 *     registry_other    tables of users, which are used instead
 *     origins           databases that samples came from
 *     marks             how rows of samples are masked
 *
 * The table run has a row for each commit, inserted by its transaction: if the connection
 * is lost in the COMMIT, the row decides whether it succeeded (registry_find_outcome()).
 */
#ifndef LOAD_REGISTRY_REGISTRY_H
#define LOAD_REGISTRY_REGISTRY_H

#include "base/diag.h"
#include "base/strbuf.h"
#include "db/db.h"
#include "load/batch.h"
#include "load/findings.h"

/*
 * Creates the schema and its tables run, reject, batch, batch_load_log, undo and
 * audit_log if they do not exist, takes the lock of the run, and sets run_id and schema
 * of the batch. Without the privileges for that, batch->schema remains NULL, with the
 * reason in diag; other errors end the program.
 */
bool registry_open(LoadBatch *batch, Diag *diag) __attribute__((warn_unused_result));

/*
 * A new name <table>_<what>_<8 hex>_<yyyymmdd_hhmmss> (at most 63 bytes, cut in <table>
 * between characters), qualified and quoted, in the arena; in pg_temp for
 * STAGE_TEMPORARY.
 */
const char *registry_name_table(const LoadBatch *batch, const char *table,
                                const char *what);

/* The same for a table that stays, in the schema; *name is the name alone. */
const char *registry_name_kept(const LoadBatch *batch, const char *table,
                               const char *what, const char **name);

/*
 * The statement that sets the comment of a table, to be sent with the one that creates
 * it. Owned by the caller.
 */
char *registry_format_comment(const LoadBatch *batch, const LoadTable *table,
                              const char *qname, const char *what);
/* A query for that of a table that stays, with its number of rows. */
char *registry_format_kept(const LoadBatch *batch, const LoadTable *table,
                           const char *qname, const char *what, int64_t n_rows);
/* Sets the comment again, after the numbers have changed. */
void registry_describe(const LoadBatch *batch, const LoadTable *table, const char *qname,
                       const char *what);

/*
 * The statement that inserts the row of the commit into the table run, or NULL without a
 * schema. Owned by the caller.
 */
char *registry_format_commit(const LoadBatch *batch);

typedef enum RegistryOutcome
{
    OUTCOME_UNKNOWN, /* the query failed */
    OUTCOME_COMMITTED,
    OUTCOME_ROLLED_BACK
} RegistryOutcome;

/* Whether the commit succeeded; the connection must hold the lock. Never dies. */
RegistryOutcome registry_find_outcome(const LoadBatch *batch, Db *db);

/* Can this table in the loader's schema be trusted? False with a message in diag. */
bool registry_trust_table(const LoadBatch *batch, const char *name, Diag *diag)
    __attribute__((warn_unused_result));

/* Takes the lock on another connection, waiting until the first one has ended. */
bool registry_take_lock(const LoadBatch *batch, Db *db);

/* Drops all tables of the run; never dies. Also called when an error ends the program. */
void registry_tables_drop(void);
/* Keeps the tables: --keep, --stage-only. */
void registry_tables_keep(LoadBatch *batch);

/*
 * --status: the tables in the schema, their runs, alive or dead, rows and size; and
 * batches, or the one of that id, and what can be rolled back.
 */
void registry_status_print(Db *db, const char *schema_name, const char *batch_id);
/*
 * --gc: drops tables of dead runs; those of --stage-only and undo tables only if they
 * are older, and forgets batches that are older and were not loaded.
 */
void registry_collect(Db *db, const char *schema_name, const char *older_than);

/* A table that --stage-only has left, for --commit-staged. */
typedef struct StagedLoad
{
    const char *target;         /* schema.table, quoted */
    const char *qname;          /* of the staging table */
    const char *origin;         /* as in LoadTable; or NULL */
    const char *mark;           /* the same */
    int64_t n_rows;             /* in it now: none after a crash of the server */
    const char *const *columns; /* of the batch, raw names */
    size_t n_columns;
    bool has_presence; /* as in LoadTable */
} StagedLoad;
/* Takes its lock. Ends the program with EXIT_SERVER if there is no such table. */
StagedLoad registry_collect_find_staged(LoadBatch *batch, const char *name);

/* ---- registry_other.c */

/*
 * The table of that name in the search_path, in SQL and in the arena, or NULL: there is
 * none. Ends the program if it lacks the columns, the role the privileges, or it must not
 * be trusted.
 */
const char *registry_other_find(LoadBatch *batch, const char *name, const char *columns,
                                const char *privileges);

/* ---- registry_schema.c */

/* --init: creates what is missing of the schema, or ends the program. */
void registry_schema_init(LoadBatch *batch);
/* --print-ddl: prints the statements that would create all of it. */
void registry_schema_print(Db *db, const char *schema_name);

/* ---- origins.c */

/* Sets batch->has_origins; adds the columns to a table run of an earlier version. */
void origins_prepare(LoadBatch *batch);

/* ", ARRAY[...]" for the row of the run, in the order of the tables; or nothing. */
void origins_append(PQExpBuffer sql, const LoadBatch *batch);

/* Warns of each schema whose tables were loaded from another database before. */
void origins_warn(const LoadBatch *batch);

/* ---- marks.c */

/* Sets what is known of the table's rows, before those with its mark are loaded. */
void marks_look(LoadBatch *batch, LoadTable *table);

/* Finds rows that must not meet, of all tables of the batch. */
void marks_check(const LoadBatch *batch, Findings *findings);

/* ", ARRAY[...]" for the row of the run, in the order of the tables; or nothing. */
void marks_append(PQExpBuffer sql, const LoadBatch *batch);

/*
 * For the commit, where batch->marks is set: are rows of the batch masked; the query of
 * what other runs have recorded, owned by the caller; and would the check, with its
 * result, differ from the one that was made?
 */
bool marks_are_masked(const LoadBatch *batch);
char *marks_format_query(const LoadBatch *batch);
bool marks_have_changed(const LoadBatch *batch, PGresult *result);

#endif
