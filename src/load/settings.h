/*
 * Settings of a run and of each table: the options and the configuration file merged.
 * Texts belong to the arena of the options.
 *
 * The words of an enum are those of its option and of the configuration file, in the
 * order of the enum.
 *
 * Pure: no server, no output.
 */
#ifndef LOAD_SETTINGS_H
#define LOAD_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/stringlist.h"

/* What the rows of the batch are. */
typedef enum LoadMode
{
    MODE_INCREMENTAL, /* rows to add or change */
    MODE_FULL,        /* the whole table: rows that it lacks are deleted */
    MODE_SLICE,       /* a whole scope: rows of the scope that it lacks are deleted */
    MODE_APPEND       /* rows to add, without comparing keys */
} LoadMode;

#define MODE_WORDS "incremental|full|slice|append"

/* Which rows are written, in the modes with a key. */
typedef enum LoadStrategy
{
    STRATEGY_UPSERT,
    STRATEGY_INSERT_ONLY,
    STRATEGY_UPDATE_ONLY
} LoadStrategy;

#define STRATEGY_WORDS "upsert|insert_only|update_only"

/* What becomes of the values of a row that exists, if the strategy updates it. */
typedef enum LoadConflict
{
    CONFLICT_MERGE,   /* the record's values, but NULL does not overwrite */
    CONFLICT_REPLACE, /* the record's values */
    CONFLICT_SKIP     /* they stay */
} LoadConflict;

#define CONFLICT_WORDS "merge|replace|skip"

/* How the commit writes. */
typedef enum LoadApply
{
    APPLY_AUTO,
    APPLY_DIFF,
    APPLY_DELETE_INSERT,
    APPLY_TRUNCATE,
    APPLY_SWAP,
    APPLY_DIRECT
} LoadApply;

#define APPLY_WORDS "auto|diff|delete-insert|truncate|swap|direct"

/* Which of several rows with the same key is loaded, if timestamps do not decide. */
typedef enum LoadDuplicates
{
    DUPLICATES_LAST,
    DUPLICATES_FIRST,
    DUPLICATES_ERROR
} LoadDuplicates;

#define DUPLICATES_WORDS "last|first|error"

typedef enum LoadStaging
{
    STAGING_AUTO,
    STAGING_ALWAYS,
    STAGING_NEVER
} LoadStaging;

#define STAGING_WORDS "auto|always|never"

/* What a rollback does with rows that are not as the load left them. */
typedef enum RollbackConflicts
{
    ROLLBACK_FAIL,
    ROLLBACK_SKIP, /* they stay */
    ROLLBACK_FORCE /* they are restored as well */
} RollbackConflicts;

#define ROLLBACK_WORDS "fail|skip|force"

typedef enum LoadDryRun
{
    DRY_RUN_NO,
    DRY_RUN_PLAN,   /* stops before the commit */
    DRY_RUN_EXECUTE /* executes the commit, and rolls it back */
} LoadDryRun;

/* "column = one of the values"; all terms together are the scope (--slice). */
typedef struct ScopeTerm
{
    const char *column;
    StringList values;
} ScopeTerm;

typedef struct ColumnMap
{
    const char *file_column;
    const char *column;
} ColumnMap;

/* A query that must return no rows; {staging} and {target} are replaced. */
typedef struct LoadAssertion
{
    const char *name; /* for messages */
    const char *sql;
    bool is_warning; /* rows found are a warning only */
} LoadAssertion;

typedef struct TableSettings
{
    const char *table; /* as it was given, or NULL: of all tables */
    LoadMode mode;
    LoadStrategy strategy;
    LoadConflict conflict;
    LoadApply apply;
    StringList natural_key;        /* column names; none: a key of the table */
    StringList immutable_fields;   /* columns that updates do not change ... */
    bool is_immutable_rejected;    /* ... and a record that would is rejected */
    const char *updated_at_column; /* set by updates; NULL: none, ... */
    bool has_no_updated_at;        /* ... also in a batch */
    bool has_soft_delete;          /* absent rows are marked, instead of deleted ... */
    const char *deleted_at_column; /* ... in this column */
    bool is_audited;               /* changes are written to audit_log */
    bool has_undo;                 /* they can be undone ... */
    bool is_undo_given;            /* ... which is no default */
    const char *timestamp_column;  /* NULL: captured_at, if the table has it */
    bool has_no_timestamp;         /* --timestamp-column=none */
    bool is_timestamp_strict;      /* equal timestamps do not overwrite */
    bool is_null_timestamp_newest; /* NULL counts as newest, not as oldest */
    LoadDuplicates duplicates;
    ScopeTerm *scope;
    size_t n_scope;
    ColumnMap *map;
    size_t n_map;
    bool ignores_unknown_columns;
    const char
        *data_member; /* of JSON: has the record; NULL: "data", if that is no ... */
    bool has_no_data_member; /* ... column; --data-member=none */
    LoadAssertion *assertions;
    size_t n_assertions;
    int64_t expected_rows; /* of the input; -1: any number */
} TableSettings;

typedef struct LoadSettings
{
    const char *encoding;    /* of all sources; NULL: that of a dump, or UTF8 */
    const char *schema_name; /* of the loader's schema */
    LoadStaging staging;
    int64_t staging_min_rows; /* fewer rows: temporary tables in one transaction */
    int64_t batch_size;       /* rows that one COPY sends */
    int jobs;                 /* connections that stage */
    int lock_timeout;         /* milliseconds */
    int transaction_timeout;  /* milliseconds; of the commit */
    int max_retries;          /* attempts after the first one */
    const char *work_mem;     /* as SET takes it, or NULL */
    int64_t max_errors;       /* rows that may be rejected ... */
    double max_errors_pct;    /* ... or percent of the rows read, if not negative */
    double max_delete_pct;    /* of the rows of the table or slice */
    int64_t min_rows;         /* of the whole batch */
    bool allow_cascade;
    bool allow_same_database;  /* a dump may be loaded into the database it is of */
    bool allow_unknown_source; /* a masked dump may be, if it is not known to be of it */
    bool allow_mixed_masks;    /* rows that are masked in several ways may meet */
    LoadDryRun dry_run;
    bool stage_only;
    bool keep;                /* do not drop the staging tables */
    const char *rejects_file; /* or NULL */
    bool is_batch;            /* --batch-id is given ... */
    const char *batch_id;     /* ... and this is it */
    bool is_forced;           /* the batch is loaded whatever its state is */
    bool require_approval;
    bool require_queue;
    RollbackConflicts rollback_conflicts;
    int64_t max_records; /* of a batch; 0: any number; -1: not given */
} LoadSettings;

/* The word of a value of an enum; *length is its length. */
const char *settings_get_word(const char *words, int value, int *length);

#endif
