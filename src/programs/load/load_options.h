/*
 * The command line of pg-sample-load, and the configuration file that it may name,
 * parsed; the table of options is in load_option_table.c. Texts point into argv or the
 * arena.
 */
#ifndef PROGRAMS_LOAD_LOAD_OPTIONS_H
#define PROGRAMS_LOAD_LOAD_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/stringlist.h"
#include "cli/command_line.h"
#include "cli/option_value.h"
#include "load/settings.h"
#include "load/source/input.h"
#include "programs/load/table_layer.h"
#include "store/store.h"

/* A source as the user names it: a file, a directory, or "-" for standard input. */
typedef struct SourceName
{
    const char *table; /* as the user wrote it, or NULL: known from the source */
    const char *path;
} SourceName;

/* A name in sources and the table that it stands for: "target" of the configuration. */
typedef struct TableTarget
{
    TableName name;
    const char *target; /* as written there */
} TableTarget;

typedef enum LogFormat
{
    LOG_TEXT,
    LOG_JSON
} LogFormat;

/* What is to be done; only LOAD_SOURCES and LOAD_APPROVE have sources, or a batch. */
typedef enum LoadRequest
{
    LOAD_SOURCES,
    LOAD_COMMIT_STAGED,
    LOAD_STATUS,
    LOAD_GC,
    LOAD_INIT,
    LOAD_PRINT_DDL,
    LOAD_APPROVE,
    LOAD_ROLLBACK
} LoadRequest;

typedef struct LoadOptions
{
    Arena *arena;
    /* connection */
    const char *dbname; /* database, conninfo string or URI; NULL: PGDATABASE or user */
    const char *host;
    const char *port;
    const char *username;
    PasswordPrompt prompt;
    const char *password_file; /* has become PGPASSWORD */
    /* sources */
    SourceName *sources;
    size_t n_sources;
    InputSpec input;           /* how to read each of them; without a path */
    StoreSettings store;       /* and those that are URLs */
    char csv_escape;           /* 0, or the same as the quote */
    StringList tables;         /* only these; empty: all */
    StringList exclude_tables; /* patterns: not these */
    const char *config;        /* or NULL */
    TableTarget *targets;
    size_t n_targets;
    /* of the whole run */
    LoadSettings settings;
    bool status;
    bool gc;
    bool init;
    bool print_ddl;
    bool approve;
    bool rollback;       /* of the batch ... */
    const char *undo_of; /* ... or of the run with this id; or NULL */
    StringList commit_staged;
    LoadRequest request;     /* what these come to */
    const char *batch_root;  /* the directory or URL of --source, with --batch-id */
    bool is_dry_by_variable; /* the dry run was asked for by DRY_RUN */
    int64_t older_than;      /* seconds; -1: not given */
    bool no_staging;
    bool check_only;
    /* of tables: see table_settings_make() */
    TableLayer config_all;
    TableLayers config_tables;
    TableLayer all;
    TableLayers table_layers;
    /* output */
    const char *metrics_file; /* "-": standard output; or NULL */
    int metrics_format;       /* only one format exists */
    LogFormat log_format;
    bool is_quiet;
    int verbosity;
} LoadOptions;

/*
 * Reads the command line, which getopt permutes, and the configuration file that it may
 * name. False, with a message and a hint in diag, when something is wrong.
 */
bool load_options_read(LoadOptions *options, Arena *arena, int argc, char **argv,
                       OptionsRequest *request, Diag *diag)
    __attribute__((warn_unused_result));

/*
 * The same, or ends the program: with EXIT_USAGE and the message, or after --help and
 * --version. Passwords and the DB_* variables go into the variables of libpq.
 */
void load_options_parse(LoadOptions *options, Arena *arena, int argc, char **argv);

/*
 * The settings of a table, named as in the catalog, in the arena: the defaults,
 * overridden by the configuration file for all tables, then for this one, then by the
 * options for all tables, then for this one. NULL, with a message in diag, if they
 * contradict each other. The layers of this table count as used.
 */
const TableSettings *table_settings_make(const LoadOptions *options, const char *schema,
                                         const char *table, Diag *diag)
    __attribute__((warn_unused_result));

/*
 * The first table from *next on, as the user wrote it, that has options but for which
 * table_settings_make() was never called, or NULL. *next begins with 0, and is moved on.
 */
const char *table_settings_find_unused(const LoadOptions *options, size_t *next);

/* The name of the table that a name in a source stands for: itself, unless configured. */
const char *table_settings_find_target(const LoadOptions *options, const char *name);

/* ---- load_config.c */

/*
 * Stores the contents of the file in the config members of the options, and settings of
 * the whole run unless is_max_errors_given. False, with a message that names file and
 * member, if anything is wrong.
 */
bool load_config_read(const char *path, bool is_max_errors_given, LoadOptions *options,
                      Diag *diag) __attribute__((warn_unused_result));

/* ---- load_environment.c */

/* DB_HOST and so on set variables of libpq that are not set. */
void load_environment_read(void);

/*
 * BATCH_SIZE, DRY_RUN and so on, for batches: they count where the line has no option
 * that says the same. False, with a message that names the variable, if a value is wrong.
 */
bool load_environment_read_batch(const CommandLine *line, LoadOptions *options)
    __attribute__((warn_unused_result));

/* Where batches are if there is no --source: s3:// and S3_BUCKET, or ".". */
const char *load_environment_find_batch_root(Arena *arena);

/*
 * The first line of the file becomes PGPASSWORD of this process; NULL is accepted. False,
 * with a message in diag, if there is none.
 */
bool load_environment_read_password(const char *path, Diag *diag)
    __attribute__((warn_unused_result));

#endif
