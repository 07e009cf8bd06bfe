/* The options of pg-sample-load about where and how it runs. */
#include "programs/load/load_option_table.h"

#include "programs/load/load_option_value.h"

const OptionRow load_option_general[] = {
    {OPTION("config", 0, "FILE", LOAD_WITH_COMMIT), STORE(option_set_name, config),
     .help = "read table settings from FILE, a JSON object",
     .manual = "Read table settings from FILE, a JSON object whose members are tables, "
               "and _defaults for all of them. Options on the command line override "
               "those in FILE. See CONFIGURATION FILE."},
    {OPTION("status", 0, NULL, LOAD_WITH_STATUS), STORE(option_set_flag, status),
     .help = "list staging tables, then exit",
     .manual = "List the staging tables in the database, the runs that they belong to, "
               "and whether these are alive; batches; and loads that can be rolled back "
               "or were; then exit."},
    {OPTION("gc", 0, NULL, LOAD_WITH_GC), STORE(option_set_flag, gc),
     .help = "drop staging tables of dead runs, then exit",
     .manual = "Drop the staging tables of dead runs, then exit. Staging tables of live "
               "runs are never dropped."},
    {OPTION("older-than", 0, "AGE", LOAD_WITH_ALL), .is_number = true,
     STORE(load_set_age, older_than),
     .help = "also drop kept tables older than AGE; needs --gc",
     .manual =
         "With --gc, also drop staging tables that were left by --stage-only or "
         "--keep and are older than AGE, and undo tables of loads before that, which "
         "cannot be rolled back any more then, and forget batches that failed or "
         "were approved before that and were not loaded since. AGE is a number of "
         "seconds, or a number with the unit s, min, h or d."},
    {OPTION("init", 0, NULL, LOAD_WITH_INIT | LOAD_WITH_PRINT_DDL),
     STORE(option_set_flag, init), .help = "create the schema and its tables, then exit",
     .manual = "Create the schema of the staging tables and the tables in it, unless "
               "they exist, then exit. A load does the same where it is needed."},
    {OPTION("print-ddl", 0, NULL, LOAD_WITH_INIT | LOAD_WITH_PRINT_DDL),
     STORE(option_set_flag, print_ddl), .help = "print the SQL of --init, then exit",
     .manual = "Print the SQL that --init executes, for the role of the connection, "
               "without changing anything, then exit. An administrator can run it with "
               "psql."},
    {OPTION("verbose", 'v', NULL, LOAD_WITH_ALL), STORE(option_count, verbosity),
     .help = "print progress messages on standard error"},
    {OPTION("quiet", 'q', NULL, LOAD_WITH_ALL), STORE(option_set_flag, is_quiet),
     .help = "print only warnings and errors"},
    {OPTION("version", 'V', NULL, LOAD_WITH_ALL),
     .help = "output version information, then exit"},
    {OPTION("help", '?', NULL, LOAD_WITH_ALL), .help = "show this help, then exit"},
    {.name = NULL},
};

const OptionRow load_option_connection[] = {
    {OPTION("dbname", 'd', "DBNAME", LOAD_WITH_ALL), STORE(option_set_text, dbname),
     .help = "database to load into",
     .manual = "Database to load into: a name, a connection string or a URI."},
    {OPTION("host", 'h', "HOSTNAME", LOAD_WITH_ALL), STORE(option_set_text, host),
     .help = "database server host or socket directory"},
    {OPTION("port", 'p', "PORT", LOAD_WITH_ALL), .is_number = true,
     STORE(option_set_text, port), .help = "database server port number"},
    {OPTION("username", 'U', "NAME", LOAD_WITH_ALL), STORE(option_set_text, username),
     .help = "connect as specified database user"},
    {OPTION("no-password", 'w', NULL, LOAD_WITH_ALL), STORE(option_prompt_never, prompt),
     .help = "never prompt for password"},
    {OPTION("password", 'W', NULL, LOAD_WITH_ALL), STORE(option_prompt_always, prompt),
     .help = "force password prompt",
     .manual = "Prompt for a password before connecting. Without this option, the "
               "prompt appears if the server requests a password."},
    {OPTION("password-file", 0, "FILE", LOAD_WITH_ALL),
     STORE(option_set_name, password_file), .help = "read the password from FILE",
     .manual = "Use the first line of FILE as the password."},
    {.name = NULL},
};

const OptionRow load_option_staging[] = {
    {OPTION("staging", 0, STAGING_WORDS, LOAD_WITH_READING),
     STORE(option_set_word, settings.staging),
     .help = "use of staging tables (default: auto)",
     .manual = "Whether new rows are collected in staging tables: always (if this is "
               "not possible, the run fails); never (same as --no-staging); or auto, "
               "which uses temporary tables for few rows or if staging tables are not "
               "possible, and writes directly if neither is possible."},
    {OPTION("no-staging", 0, NULL, LOAD_WITH_READING), STORE(option_set_flag, no_staging),
     .help = "write directly, in one transaction",
     .manual = "Write to the table directly, in one transaction. This is the same as "
               "--apply=direct for all tables."},
    {OPTION("staging-min-rows", 0, "N", LOAD_WITH_READING), .is_number = true,
     STORE(option_set_count, settings.staging_min_rows),
     .help = "temporary tables below N rows (default: 1000)",
     .manual = "For fewer than N rows, use temporary tables in the transaction of the "
               "commit instead of staging tables. The default is 1000."},
    {OPTION("batch-size", 0, "N", LOAD_WITH_READING), .is_number = true,
     STORE(option_set_positive, settings.batch_size),
     .help = "rows per COPY (default: 10000)",
     .manual = "Number of rows that are sent by one COPY, of one or more files. The "
               "default is 10000."},
    {OPTION("jobs", 'j', "N", LOAD_WITH_READING), .is_number = true,
     .parse = load_set_jobs, .help = "stage N files in parallel",
     .manual = "Number of files, or of ranges of many files of a table, that are staged "
               "in parallel, each over its own connection. The default is 1."},
    {OPTION("work-mem", 0, "SIZE", LOAD_WITH_COMMIT), .parse = load_set_work_mem,
     .help = "memory per sort or hash (default: 256MB)",
     .manual = "Value of work_mem and maintenance_work_mem in the sessions of "
               "pg-sample-load: an integer with the unit kB, MB, GB or TB. The default "
               "is 256MB."},
    {OPTION("stage-only", 0, NULL, LOAD_WITH_STAGE_ONLY),
     STORE(option_set_flag, settings.stage_only),
     .help = "stage and check, but do not commit",
     .manual = "Stage and check the rows, print the names of the staging tables, and "
               "keep them for --commit-staged."},
    {OPTION("commit-staged", 0, "NAME", LOAD_WITH_COMMIT_STAGED),
     STORE(option_append, commit_staged),
     .help = "check and commit a staging table; repeatable",
     .manual = "Check and commit a staging table that was left by --stage-only. If this "
               "option is given several times, the tables are committed together."},
    {OPTION("keep", 0, NULL, LOAD_WITH_COMMIT), STORE(option_set_flag, settings.keep),
     .help = "do not drop the staging tables"},
    {OPTION("schema-name", 0, "NAME", LOAD_WITH_ALL),
     STORE(option_set_name, settings.schema_name),
     .help = "staging schema (default: _pg_sample_load)",
     .manual = "Schema of the staging tables and of the tables of the loader. The "
               "default is _pg_sample_load. It is created if it does not exist, and is "
               "used only if the role itself owns the schema and its tables. pg-sample "
               "does not sample it unless it is named by -n or -t."},
    {.name = NULL},
};

const OptionRow load_option_output[] = {
    {OPTION("metrics-file", 0, "FILE", LOAD_WITH_COMMIT),
     STORE(option_set_output, metrics_file),
     .help = "write metrics to FILE (-: standard output)",
     .manual = "Write counts and durations as a JSON object to FILE, or to standard "
               "output if FILE is -."},
    {OPTION("metrics-format", 0, "json", LOAD_WITH_COMMIT),
     STORE(option_set_word, metrics_format),
     .help = "format of the metrics; only json is supported"},
    {OPTION("log-format", 0, "text|json", LOAD_WITH_ALL),
     STORE(option_set_word, log_format), .help = "format of messages (default: text)",
     .manual = "Write messages as text (the default), or as one JSON object per line."},
    {.name = NULL},
};
