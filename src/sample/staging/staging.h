/*
 * Staging mode: the rows of the sample are collected in tables of a schema on the server,
 * so that memory here does not grow with them, and people can look at them.
 *
 * Two connections share the work, because no single transaction can see both sides of it.
 * A transaction that imports the run's snapshot sees the source as it was then, but none
 * of the rows that are staged after the snapshot was taken, not even by itself a
 * transaction ago; one at READ COMMITTED sees all that is staged, but the source as it is
 * now. So the *writer* imports the snapshot, in one short transaction for each statement,
 * and reads only the source while it inserts into a staging table; the *keeper*, at READ
 * COMMITTED, reads only staging tables, whose committed rows never change. Keys that are
 * missing travel from the keeper to the writer through here, one batch at a time.
 *
 * The holder of the snapshot has the tables locked, too. If somebody's DDL queues behind
 * its locks, the writer would queue behind that, and all would wait for each other: so
 * the writer waits only briefly, and then staging is given up for direct mode, which
 * reads over the locks that it has.
 *
 * Whatever fails here in the machinery of staging, as opposed to the reading of the
 * source, goes through die_staging(), so that the run can go on in direct mode.
 */
#ifndef SAMPLE_STAGING_STAGING_H
#define SAMPLE_STAGING_STAGING_H

#include "base/strbuf.h"
#include "model/staging_names.h"
#include "sample/proof.h"
#include "sample/sample.h"
#include "sample/session.h"

typedef struct StagingOptions
{
    const char *schema;  /* name of the staging schema */
    bool is_requested;   /* --use-staging: a schema that is there ends the run */
    bool is_forced;      /* --force: what a dead run left there is dropped */
    bool is_kept;        /* --keep */
    const char *command; /* the options of the run for the manifest: SQL, jsonb */
    const char *version; /* of this program */
    const char *snapshot_time;
} StagingOptions;

/* What is known here of one staging table besides its rows. */
typedef struct StagedTable
{
    bool is_created;
    int pass; /* in which rows are inserted now */
    int first_pass;
    int last_pass;
    PQExpBufferData begin; /* of INSERT statements */
} StagedTable;

struct Staging
{
    const StagingOptions *options;
    Session *session;
    const Catalog *catalog;
    const Plan *plan;
    const FkGraph *graph; /* keyed: the server compares */
    Db *staging_db;
    Db *source_db;
    StagingNames names;
    RowLayout *fetch_layouts;
    StagedTable *tables;  /* by relation */
    bool is_unfit;        /* a role or server on which staging never is possible */
    bool has_found_table; /* the table for recursive queries is there */
    bool has_schema;      /* it is there, and ours to drop */
    bool is_complete;     /* all rows are staged and proved */
};

Staging *staging_new(Session *session, const StagingOptions *options);

/* What is where in the staging schema; part of staging_connect(). */
void staging_plan(Staging *staging, const Plan *plan);

/* Connects, and checks that staging is possible; to be done before pg_dump connects. */
void staging_connect(Staging *staging, const Plan *plan);

/* Creates the schema and its tables. */
void staging_open(Staging *staging);

/* An empty sample whose rows will be staged; freed by sample_free(). */
Sample *staging_new_sample(Staging *staging);

/* Inserts what an INSERT by the relation's fetch layout selects; returns how many. */
size_t staging_insert(Sample *sample, int relation, const char *sql);

/* Inserts places that a recursive query over the component reaches (query.h). */
void staging_insert_found(Staging *staging, const Component *component, const char *sql);

/* A transaction of the writer's for other statements that read the source. */
void staging_begin_writing(Staging *staging);
void staging_end_writing(Staging *staging);

/* The places of all staged rows of the relation, in an array of the caller's. */
RowId *staging_list_row_ids(Sample *sample, int relation, size_t *n);

/* From now on the relation's rows are inserted as of this pass. */
void staging_set_pass(Staging *staging, int relation, int pass);

/* Removes all rows of the relation. */
void staging_empty(Sample *sample, int relation);

/* The connection on which the relation's rows come, one COPY line each. */
Db *staging_begin_scan(Sample *sample, int relation, bool is_ordered);

/* Round trips to the server so far. */
uint64_t staging_count_statements(const Staging *staging);

/*
 * Ends the connections that are not needed any more and waits until witness, another
 * connection, sees that they have ended.
 */
void staging_disconnect(Staging *staging, Db *witness);

/*
 * Ends the connections, and drops the schema unless it is to be kept. A schema that
 * cannot be dropped is told. Happens at exit as well, whatever the reason. NULL is
 * accepted.
 */
void staging_close(Staging *staging);

#endif
