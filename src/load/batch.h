/*
 * A batch: what one run loads, table by table, and what became of its rows.
 *
 *     files, standard input
 *        |  source/    records of any format, as lines of COPY text
 *        |  plan/      the target's definition; which field goes to which column
 *        v
 *     stage/           COPY into staging tables; rows that the server refuses: rejects
 *        |
 *     check/           rows, keys, foreign keys, guards: rejects and findings
 *        |
 *     commit/          the diff of staging table and target, and one transaction
 *
 *     direct/          without staging tables: COPY in the transaction itself
 *     registry/        the loader's schema: which table belongs to which run
 *
 * All phases share the LoadBatch. A LoadTable is filled in from left to right: plan/ sets
 * what is to be done, stage/ and check/ the names of the tables that they make and the
 * counts. The target is not written before the commit.
 *
 * Names of tables are qualified and quoted. A staging table has the columns of the batch
 * under their own names, and RECORD_COLUMN: source * 2^40 + number of the record, so that
 * its order is that of the input. Excluded rows stay in it; their records are in the
 * table of excluded records. For example, record 5 of the second file is in each of them
 * as 1099511627781.
 *
 * Records of JSON differ in their members. For these the columns of the batch are all
 * that can be loaded, and before RECORD_COLUMN there is PRESENT_COLUMN, which says which
 * of them the record has: a bit for each, in the order of the batch, or NULL for all.
 */
#ifndef LOAD_BATCH_H
#define LOAD_BATCH_H

#include <stdint.h>

#include "base/arena.h"
#include "load/settings.h"
#include "load/source/input.h"
#include "load/target_types.h"
#include "model/graph.h"
#include "model/misread.h"

typedef struct Db Db; /* db/db.h */

#define OWN_COLUMNS "_pg_sample_load_" /* what all of these begin with */
#define RECORD_COLUMN "_pg_sample_load_record"
#define PRESENT_COLUMN "_pg_sample_load_present" /* a record's columns; bit varying */
#define OP_COLUMN "_pg_sample_load_op"           /* of a diff: a DiffOp */
#define XID_COLUMN "_pg_sample_load_xid"         /* of a diff: the target's xmin */
#define REKEYED_COLUMN "_pg_sample_load_rekeyed" /* of a diff: see diff_query.h */
#define RECORD_BITS 40

/* Where rows are between reading and commit. */
typedef enum StageKind
{
    STAGE_UNLOGGED,  /* in tables of the loader's schema, before the commit */
    STAGE_TEMPORARY, /* in temporary tables, in the transaction of the commit */
    STAGE_NONE       /* no staging: they are sent to the target, in one transaction */
} StageKind;

/*
 * Numbers of rows. n_source = inserted + updated + unchanged + skipped_* + duplicate +
 * errors, always.
 */
typedef struct LoadCounts
{
    int64_t n_source;
    int64_t inserted;
    int64_t updated;
    int64_t unchanged;
    int64_t skipped_older;
    int64_t skipped_conflict;  /* insert_only: the key exists, with other values */
    int64_t skipped_not_found; /* update_only */
    int64_t duplicate;
    int64_t rejected_parse;
    int64_t rejected_null_key;
    int64_t rejected_check; /* NOT NULL, CHECK, UNIQUE, slice */
    int64_t rejected_fk;
    int64_t deleted;
    int64_t soft_deleted;        /* marked instead */
    int64_t immutable_conflicts; /* values for immutable columns that are not theirs */
    int64_t kept_moved;          /* not deleted, since they changed after the diff */
    int64_t moved;               /* decided again, since they changed after the diff */
    int64_t bytes;               /* of the input */
} LoadCounts;

/* Rows of a diff, by operation. */
typedef struct DiffOps
{
    int64_t inserts;
    int64_t updates;
    int64_t deletes;
    int64_t soft_deletes;
    int64_t older;
    int64_t conflicts;
    int64_t not_found;
} DiffOps;

/* What else than the record decides what its row becomes; see effective.h. */
typedef struct RowRules
{
    bool is_merge; /* NULL does not overwrite a value */
    bool has_immutable;
    const bool *is_immutable; /* by column of the relation */
    int updated_at;           /* index into the relation's columns, or -1 */
    int deleted_at;           /* the same: rows are marked there, not deleted */
} RowRules;

/* The images of changed rows that the commit keeps; see commit/capture.h. */
typedef struct LoadCapture
{
    bool is_audited;    /* as rows of audit_log ... */
    bool has_undo;      /* ... and as an undo table */
    bool is_findable;   /* the key finds each changed row again */
    const char *name;   /* of the table of images, which is the undo table; raw */
    const char *images; /* the same, qualified and quoted */
    const int *columns; /* of the relation: all but generated ones */
    int n_columns;
    bool is_active;    /* in this attempt: the table of images was created */
    int64_t n_touched; /* rows that the transaction had written before */
    int64_t n_lost;    /* changed rows that were not there at its end */
} LoadCapture;

typedef struct LoadTable
{
    const Target *target;
    const TableSettings *settings;
    const char *name;   /* schema.table, for messages; not quoted */
    const char *qname;  /* of the target */
    const char *rows;   /* its own rows: "ONLY s.t", or "s.t" if it is partitioned */
    LoadApply apply;    /* settled: never APPLY_AUTO */
    const int *columns; /* of the batch: indexes into the relation's, in this order */
    int n_columns;
    const int *staged; /* of the bits of PRESENT_COLUMN; NULL: columns */
    int n_staged_columns;
    const int *written; /* columns of the diff: these, and those of rules; NULL: these */
    int n_written;
    const RowRules *rules;      /* NULL: rows become what the records have */
    const JsonMembers *members; /* of JSON; NULL: rows have fields */
    bool has_presence;          /* the staging table has PRESENT_COLUMN ... */
    bool is_partial;            /* ... and some staged record lacks columns */
    const bool *lacking;        /* by column of the relation: which; NULL: any */
    const TargetKey *key;       /* or NULL: rows cannot be identified */
    int timestamp;              /* index into the relation's columns, or -1 */
    ColumnOrder timestamp_order;
    const char *scope_condition; /* SQL with the alias t for the target's rows, or NULL */
    const char *stage;           /* the staging table */
    const char *excluded; /* (record bigint, reason "char"): d duplicate, e error, f: the
                             last one of records that were folded */
    bool has_folds;       /* there are such records ... */
    const char *folded;   /* ... and their rows, as in the staging table; see fold.h */
    const char *diff;
    const char *diff_select; /* of a rollback: what is in the diff; NULL: see diff.h */
    int64_t n_altered;       /* that number */
    bool is_sorted;          /* staging table and target are in the order of the key */
    bool has_triggers;       /* of users; only known if it is sorted */
    DiffOps ops;             /* what the diff has */
    int64_t n_fixed;         /* rows with another value for an identity column */
    bool has_excluded;       /* the table of excluded records has any */
    bool is_deleting_first;  /* a new row has a unique value of a deleted one */
    bool is_untaken;         /* no row of the target has a unique value that is new */
    const char *fingerprint; /* of the target, when it was planned */
    int64_t n_staged;        /* rows in the staging table */
    LoadCounts counts;
    int n_sources; /* files that have rows of it, of those before next_source */
    int next_source;
    int numbered_source; /* the file that was read last, plus 1 ... */
    uint64_t n_numbered; /* ... and its records of the table in blocks that have ended */
    const char *origin;  /* Catalog.identity of the database of its rows; NULL: unknown */
    const char *mark;    /* how its rows are masked, see marks.c; NULL: not known */
    const char *old_mark; /* how those were that were there; only with a mark */
    bool has_old_rows;    /* there were any; only known where it matters */
    bool *has_leaf;       /* by leaf: a dump has rows under the partition's name ... */
    bool has_whole;       /* ... or under the table's own */
    LoadCapture *capture; /* NULL: no images are kept */
    double delete_seconds;
    double insert_seconds;
    double update_seconds;
} LoadTable;

/* A file, URL or standard input. There can be as many as RECORD_BITS leaves room for. */
typedef struct LoadSource
{
    const char *path;   /* "-": standard input */
    const char *name;   /* for messages: the path, without what may be secret */
    BytesObject object; /* of a URL that was listed */
    const char *table;  /* its target, or NULL: the source names it */
    InputFormat format; /* or INPUT_AUTO */
    bool is_guess;      /* the table is; a name in the source precedes it */
    bool is_encoding_reported;
} LoadSource;

typedef struct LoadBatch
{
    Arena *arena;
    Db *db; /* checks and commits, and holds the lock of the run */
    const LoadSettings *settings;
    const Catalog *catalog;
    const FkGraph *graph;
    Misread misread;
    LoadTable *tables; /* in the order of the input; they never move */
    int n_tables;
    int *order;      /* of tables: referenced ones before referencing ones */
    InputSpec input; /* of all sources, but for path and format */
    LoadSource *sources;
    int n_sources;
    BytesHash *hashes; /* of the sources, while they are staged; NULL: not asked */
    bool has_origins;  /* the table run has columns for origins and marks */
    const struct RecordedMarks *marks; /* what it has of them; NULL: it was not asked */
    InputSequence *sequences;          /* of dumps; in the arena */
    size_t n_sequences;
    StageKind stage_kind;
    const char *run_id;        /* uuid */
    const char *schema;        /* the loader's, quoted; NULL: it cannot be created */
    char *server_start;        /* unlogged tables are emptied by a crash; owned */
    struct Claim *claim;       /* of --batch-id; NULL: the batch has no id */
    struct Rollback *rollback; /* what is undone; NULL: it is a load */
    char *transaction;         /* transaction id of the commit, without a schema; owned */
    const char *audit_log;     /* the table, in SQL; NULL: nothing is audited */
} LoadBatch;

static inline int64_t
counts_skipped(const LoadCounts *counts)
{
    return counts->skipped_older + counts->skipped_conflict + counts->skipped_not_found;
}

static inline int64_t
counts_errors(const LoadCounts *counts)
{
    return counts->rejected_parse + counts->rejected_null_key + counts->rejected_check +
           counts->rejected_fk;
}

/* Has the batch the column of the relation; all of them; any? */
bool batch_has_column(const LoadTable *table, int column);
bool batch_has_columns(const LoadTable *table, const int *columns, int n);
bool batch_has_any_column(const LoadTable *table, const int *columns, int n);

/* The same of the columns that the diff has, of which there are *n in all. */
const int *batch_get_written(const LoadTable *table, int *n);
bool batch_writes_column(const LoadTable *table, int column);
bool batch_writes_columns(const LoadTable *table, const int *columns, int n);
bool batch_writes_any_column(const LoadTable *table, const int *columns, int n);

/* Is it the key by which rows are matched? */
bool batch_is_matched_key(const LoadTable *table, const TargetKey *key);

/* Does the mode delete rows that the batch lacks? */
bool batch_is_deleting(const LoadTable *table);

/* The table of the batch that is the relation of the catalog, or NULL. */
LoadTable *batch_find_table(const LoadBatch *batch, int relation);

/* The number of a table of the batch. */
int batch_get_index(const LoadBatch *batch, const LoadTable *table);

/* The component of the graph that the table is in. */
int batch_get_component(const LoadBatch *batch, int table);

/* Counts the source as one of the table's. */
void batch_note_source(LoadTable *table, int source);

/* The number of a source's first record, less one. */
uint64_t batch_get_record_base(int source);
/* The parts of a record's number: "?" if there is no such source. */
const char *batch_get_source_name(const LoadBatch *batch, int64_t record);
int64_t batch_get_record_number(int64_t record);

#endif
