/*
 * The command line of pg-sample, and the configuration file that it can name, parsed; the
 * table of options is in sample_option_table.c.
 */
#ifndef PROGRAMS_SAMPLE_OPTIONS_H
#define PROGRAMS_SAMPLE_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/stringlist.h"
#include "cli/command_line.h"
#include "cli/option_value.h"
#include "model/plan.h"

/* What --cleanup asks for. */
typedef enum CleanupRequest
{
    CLEANUP_NONE,
    CLEANUP_LIST,
    CLEANUP_DROP
} CleanupRequest;

/* The options of slices. */
typedef struct SubsetOptions
{
    StringList roots;
    StringList root_files;
    bool warns_of_missing; /* --missing=warn */
    StringList children;
    int depth;       /* SUBSET_ANY_DEPTH: no limit */
    bool nulls_cut;  /* the run that took the sample had --data-only (ignored.h) */
    int lookup_rows; /* 0: none */
    StringList where_columns;
    StringList references;
    StringList ignored;
    int64_t max_rows; /* 0: no limit */
    int64_t max_size; /* bytes; 0: no limit */
    StringList explain;
    bool explain_keys;
} SubsetOptions;

/* What --mask-required requires. */
typedef enum MaskRequirement
{
    MASK_REQUIRED_NOT,
    MASK_REQUIRED_PERSONAL,
    MASK_REQUIRED_ALL
} MaskRequirement;

/* The options of masks. */
typedef struct MaskOptions
{
    StringList rules;
    const char *key_file; /* or NULL: the key is random */
    const char *new_key;  /* file to make a key in, or NULL */
    MaskRequirement required;
    bool labels;
    bool is_suggesting;
    bool is_listing;
    /* of --resume: of the key that the run was planned with; NULL: there was none */
    const char *fingerprint;
} MaskOptions;

#define OPTIONS_SAMPLE_SCHEMA "_pg_sample"

typedef struct Options
{
    /* connection */
    const char *dbname; /* database, conninfo string or URI; NULL: PGDATABASE or user */
    const char *host;
    const char *port;
    const char *username;
    PasswordPrompt prompt;
    const char *pg_dump; /* program to run, or NULL: found by version */
    /* output */
    const char *file;     /* NULL: standard output */
    const char *report;   /* JSON report, or NULL */
    const char *config;   /* configuration file, or NULL */
    int64_t memory_limit; /* bytes */
    /* by index of the row: given in the file, not on the command line; or NULL */
    const bool *is_from_file;
    bool no_sync;
    bool plan;
    int verbosity;
    /* rows */
    StringList limits;
    PickOrder order;
    uint64_t seed;
    bool has_seed;
    SubsetOptions subset;
    MaskOptions mask;
    /* selection */
    StringList schemas;
    StringList exclude_schemas;
    StringList tables;
    StringList exclude_tables;
    StringList exclude_table_data;
    /* dump */
    bool data_only;
    bool schema_only;
    bool clean;
    bool if_exists;
    const char *encoding;
    bool inserts;
    int rows_per_insert; /* at least 1 */
    bool on_conflict_do_nothing;
    bool disable_triggers;
    bool no_transaction;
    bool no_refresh;
    const char *restore_search_path; /* "source": that of the session; or NULL */
    bool owner;
    bool privileges;
    bool tablespaces;
    bool superuser_objects;
    /* server */
    const char *lock_timeout; /* a value of lock_timeout */
    bool enable_row_security;
    bool continue_on_error;
    /* staging */
    bool use_staging;
    bool no_staging;
    int staging_tables;        /* staging for more tables than these */
    int staging_fks;           /* ... or for more foreign keys on one of them */
    const char *sample_schema; /* NULL: OPTIONS_SAMPLE_SCHEMA */
    bool force;
    bool keep;
    bool verify_only;
    bool resume;
    CleanupRequest cleanup;
} Options;

/*
 * Reads the command line, which getopt permutes, and the configuration file that it may
 * name; strings point into argv or the arena. False, with a message and a hint in diag,
 * when something is wrong.
 */
bool options_read(Options *options, Arena *arena, int argc, char **argv,
                  OptionsRequest *request, Diag *diag)
    __attribute__((warn_unused_result));

/*
 * The same, or ends the program: with EXIT_USAGE and the message, or after --help and
 * --version.
 */
void options_parse(Options *options, Arena *arena, int argc, char **argv);

/* Is an option from the configuration file, so that its texts are in UTF-8? */
bool options_is_from_file(const Options *options, const char *name);

/* ---- config_file.c */

/*
 * Stores the options of the file; strings are copied into the arena. The arrays are by
 * index of the row: if is_given, the option is on the command line, and the member is
 * checked but not stored; is_from_file becomes true for the other members. False, with a
 * message that names file and member, if anything is wrong.
 */
bool config_file_read(const char *path, const bool *is_given, bool *is_from_file,
                      Options *options, Arena *arena, Diag *diag)
    __attribute__((warn_unused_result));

#endif
