/*
 * Staging mode: the rows of the sample are collected in tables of a schema on the server,
 * so that memory here does not grow with them, and they can be queried and kept.
 *
 *     source connection                        staging connection
 *     imports the snapshot, one short          READ COMMITTED; reads and changes only
 *     transaction for each statement           the staging schema
 *
 *     INSERT INTO staging table                SELECT the keys that staged rows refer to
 *     SELECT ... FROM source table             and that no staged row has
 *          ^                                         |
 *          +------ keys, 50,000 at a time, ----------+
 *                  through this program
 *
 *     staging_schema     creates, locks and drops the schema; staging_manifest, _resume
 *     staging_closure    passes; staging_missing: the keys; staging_recursion: chains;
 *                        staging_references: declared references
 *     staging_tables, staging_pending, staging_scan: many small tables at once
 *     staging_proof, staging_provenance
 *
 * There are two connections because no transaction sees both. One that imports the run's
 * snapshot sees the source as it was then, but no rows that were staged after that, not
 * even those that an own earlier transaction has staged. One in READ COMMITTED sees all
 * staged rows, but the source as it is now. Staged rows are never changed, so READ
 * COMMITTED is enough for them.
 *
 * The snapshot connection has the tables locked. If DDL of others waits for its locks,
 * the source connection would wait behind that DDL, and all would wait for each other: so
 * it waits only briefly, and then the run goes on in direct mode, which reads over the
 * locks that it holds. What fails in staging itself, as opposed to reading the source,
 * ends in die_staging(), with the same effect.
 *
 * Cost: 2 to 2.5 times the time of direct mode (BENCH.md). For 1.8 million rows the
 * program needed 15 MB of memory, in direct mode 196 MB.
 */
#ifndef SAMPLE_STAGING_STAGING_H
#define SAMPLE_STAGING_STAGING_H

#include "base/arena.h"
#include "base/strbuf.h"
#include "model/key_group.h"
#include "model/staging_names.h"
#include "sample/proof.h"
#include "sample/sample.h"
#include "sample/session.h"

typedef struct StagingOptions
{
    const char *schema;    /* name of the staging schema */
    bool is_requested;     /* --use-staging: a schema that exists is an error */
    bool is_forced;        /* --force: the schema of an earlier run is dropped */
    bool is_kept;          /* --keep */
    bool has_schema;       /* pg_dump will connect, too */
    bool makes_all_tables; /* from the beginning, also of tables that get no rows */
    const char *command;   /* the options of the run for the manifest: SQL, jsonb */
    const char *version;   /* of this program */
    const char *snapshot_time;
} StagingOptions;

/* What is known here of one staging table besides its rows. */
typedef struct StagedTable
{
    bool is_created; /* or is being created */
    bool is_source_empty;
    int pass; /* of the rows that are inserted now */
    int first_pass;
    int last_pass;
    PQExpBufferData begin; /* of INSERT statements */
} StagedTable;

/* Tables that will be read, in this order (staging_scan.c). */
typedef struct StagingScans
{
    int *relations;
    int n;
    int next;      /* the place of the first one that was not read */
    int end;       /* up to here they are asked for */
    int ahead_end; /* from the end up to here the other connection is asked for them */
    bool is_ordered;
    Db *db; /* which they are asked of */
} StagingScans;

struct Staging
{
    const StagingOptions *options;
    Session *session;
    const Catalog *catalog;
    const Plan *plan;
    const FkGraph *graph; /* keyed: the server compares */
    KeyGroups groups;     /* of it */
    Db *staging_db;
    Db *source_db;
    StagingNames names;
    RowLayout *fetch_layouts;
    StagedTable *tables; /* by relation */
    StagingScans scans;
    bool is_unfit;        /* staging is never possible with this role or server */
    bool has_found_table; /* the table for recursive queries exists */
    bool has_schema;      /* it exists, and this run is to drop it */
    bool is_complete;     /* all rows are staged and proved */
};

Staging *staging_new(Session *session, const StagingOptions *options);

/* Chooses the names in the staging schema; part of staging_connect(). */
void staging_plan(Staging *staging, const Plan *plan);

/* Connects, and checks that staging is possible; to be called before pg_dump connects. */
void staging_connect(Staging *staging, const Plan *plan);

/* From now on the connection joins so (staging_closure.h). */
void staging_join_by_hash(Db *db);
/* The other connection for one query string. */
#define STAGING_JOIN_BY_HASH                                                             \
    "SET LOCAL enable_nestloop = off;\n"                                                 \
    "SET LOCAL enable_mergejoin = off;\n"

/* Creates the schema; its tables follow when they are needed (staging_tables.h). */
void staging_open(Staging *staging);

/* An empty sample whose rows will be staged; freed by sample_free(). */
Sample *staging_new_sample(Staging *staging);

/* Inserts what an INSERT by the relation's fetch layout selects; returns how many. */
size_t staging_insert(Sample *sample, int relation, const char *sql);

/*
 * The same for n of them in one query string, each of its relation, in one transaction of
 * the source. Their tables exist already. False when it has failed: nothing is inserted
 * then, and each is to be tried alone.
 */
bool staging_insert_many(Sample *sample, const int *relations, int n, const char *sql);

/* Inserts the row ids that a recursive query over the component returns (query.h). */
void staging_insert_found(Staging *staging, const Component *component, const char *sql);

/* A transaction of the source connection for other statements. */
void staging_begin_writing(Staging *staging);
void staging_end_writing(Staging *staging);

/* The ids of all staged rows of the relation, in an array for bigmem_free(). */
RowId *staging_list_row_ids(Sample *sample, int relation, size_t *n);

/* From now on the relation's rows are inserted with this pass. */
void staging_set_pass(Staging *staging, int relation, int pass);

/* Removes all rows of the relation. */
void staging_empty(Sample *sample, int relation);

/* Round trips to the server so far. */
uint64_t staging_count_statements(const Staging *staging);

/*
 * Ends the connections that are not needed any more and waits until witness, another
 * connection, sees that they have ended.
 */
void staging_disconnect(Staging *staging, Db *witness);

/*
 * Ends the connections, and drops the schema unless it is to be kept, with a warning when
 * it cannot be dropped. Is called at every exit as well. NULL is accepted.
 */
void staging_close(Staging *staging);

/* ---- staging_scan.c */

/*
 * Begins a COPY of the relation's rows on the connection that is returned. It is faster
 * for relations that follow each other as they were planned.
 */
Db *staging_scan_begin(Sample *sample, int relation, bool is_ordered);

/* A plan takes the place of the last one. In direct mode it does nothing. */
void staging_scan_plan(Sample *sample, const int *relations, int n);

/* ---- staging_proof.c */

/*
 * Ends the program unless it is what is expected: rows in the staging table of the
 * relation, and those less what is there twice.
 */
typedef void (*StagingRowsCounted)(const Sample *sample, int relation, size_t n_rows,
                                   size_t n_distinct);

/* Counts rows and references without asking the source about those that find no row. */
void staging_proof_count(Proof *proof, Sample *sample, StagingRowsCounted counted);

/* With EXIT_INCONSISTENT it ends the program unless all rows are there, each once. */
void staging_proof_run(Proof *proof, Sample *sample, Session *session);

/* ---- staging_manifest.c */

/* Describes the complete and proved sample; from now on it can be kept. */
void staging_manifest_complete(Sample *sample, const Proof *proof);

/* ---- staging_resume.c */

/* The row of manifest_run. */
typedef struct StagingRun
{
    const char *database;
    const char *server_version;
    const char *snapshot_time;
    bool is_kept;
} StagingRun;

/*
 * Locks the schema and reads which run it is of; texts are in the arena. Ends the program
 * with EXIT_SERVER when there is no complete sample, or another run uses it.
 */
StagingRun staging_resume_open(Staging *staging, Arena *arena);

/* The staged sample of that run, by the plan that was made again. */
Sample *staging_resume_sample(Staging *staging, const Plan *plan);

/*
 * Proves it again: as many rows and references as then. Ends the program with EXIT_SERVER
 * when the tables have changed.
 */
void staging_resume_prove(Proof *proof, Sample *sample, const Session *session);

#endif
