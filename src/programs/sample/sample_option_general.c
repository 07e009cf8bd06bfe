/* The options of pg-sample about where and how it runs. */
#include "programs/sample/sample_option_table.h"

#include "programs/sample/sample_option_value.h"

const OptionRow sample_option_general[] = {
    {OPTION("file", 'f', "FILE", WITH_FILE), STORE(option_set_output, file),
     .help = "output file (default: standard output)",
     .manual = "Write the dump to FILE instead of standard output. The dump is written "
               "to FILE.part, flushed to disk, and renamed when it is complete: FILE "
               "never contains part of a dump, and an existing FILE is unchanged if the "
               "run fails."},
    {OPTION("plan", 0, NULL, WITH_TABLES & ~WITH_SUGGEST_MASKS),
     STORE(option_set_flag, plan), .help = "print what would be done and why, then exit",
     .manual = "For each table, print what would be done and why, then exit. Only the "
               "system catalogs and statistics are read, so numbers of rows are "
               "estimates."},
    {OPTION("report", 0, "FILE", WITH_FILE | WITH_VERIFY_ONLY),
     STORE(option_set_output, report), .help = "write a report as JSON to FILE",
     .manual = "In addition to the summary on standard error, write a report as JSON to "
               "FILE: for each table, in the order of the dump, the numbers of picked "
               "rows, children and referenced rows, the estimated number of rows in the "
               "source, bytes, and seconds."},
    {OPTION("no-sync", 0, NULL, WITH_SAMPLE), STORE(option_set_flag, no_sync),
     .help = "do not wait for FILE to be flushed to disk"},
    {OPTION("memory-limit", 0, "SIZE", WITH_ROWS), .is_number = true,
     STORE(option_set_size, memory_limit),
     .help = "memory for the rows of a sample (default: 256MB)",
     .manual = "Memory for the rows and keys of a sample in direct mode: a number of "
               "bytes, or a number with the unit kB, MB or GB. What exceeds it is kept "
               "in unnamed temporary files in TMPDIR, or /tmp. The default is 256MB."},
    {OPTION("config", 0, "FILE", WITH_ALL), STORE(option_set_name, config),
     .help = "read options from FILE, a JSON object",
     .manual = "Read options from FILE, a JSON object whose members are the long names "
               "of options. Options on the command line override those in FILE. See "
               "CONFIGURATION FILE."},
    {OPTION("verbose", 'v', NULL, WITH_ALL), STORE(option_count, verbosity),
     .help = "print progress messages on standard error"},
    {OPTION("version", 'V', NULL, WITH_ALL),
     .help = "output version information, then exit"},
    {OPTION("help", '?', NULL, WITH_ALL), .help = "show this help, then exit"},
    {.name = NULL},
};

const OptionRow sample_option_connection[] = {
    {OPTION("dbname", 'd', "DBNAME", WITH_ALL), STORE(option_set_text, dbname),
     .help = "database to sample",
     .manual = "Database to sample: a name, a connection string or a URI. This is the "
               "same as the argument without an option."},
    {OPTION("host", 'h', "HOSTNAME", WITH_ALL), STORE(option_set_text, host),
     .help = "database server host or socket directory"},
    {OPTION("port", 'p', "PORT", WITH_ALL), .is_number = true,
     STORE(option_set_text, port), .help = "database server port number"},
    {OPTION("username", 'U', "NAME", WITH_ALL), STORE(option_set_text, username),
     .help = "connect as specified database user"},
    {OPTION("no-password", 'w', NULL, WITH_ALL), STORE(option_prompt_never, prompt),
     .help = "never prompt for password"},
    {OPTION("password", 'W', NULL, WITH_ALL), STORE(option_prompt_always, prompt),
     .help = "force password prompt",
     .manual = "Prompt for a password before connecting. Without this option, the "
               "prompt appears if the server requests a password."},
    {OPTION("pg-dump", 0, "PATH", WITH_SAMPLE), STORE(option_set_name, pg_dump),
     .help = "pg_dump program to use",
     .manual = "Path of the pg_dump program that dumps the schema, if the program found "
               "by default does not fit the server. See NOTES."},
    {.name = NULL},
};

const OptionRow sample_option_server[] = {
    {OPTION("lock-timeout", 0, "TIME", WITH_ALL), .is_number = true,
     .parse = option_set_lock_timeout,
     .help = "maximum wait for a table lock (default: 30s)",
     .manual = "Maximum time to wait for a table that another session has locked "
               "exclusively: a number of seconds, or a number with the unit ms, s, min, "
               "h or d. The default is 30s; 0 disables the timeout. The error message "
               "names the blocking sessions."},
    {OPTION("enable-row-security", 0, NULL, WITH_TABLES),
     STORE(option_set_flag, enable_row_security),
     .help = "sample only rows that are visible to the user",
     .manual = "Set row_security to on, and sample only the rows that the policies of "
               "the tables make visible to the user. By default, it is an error to read "
               "a table whose policies would restrict the user."},
    {OPTION("continue-on-error", 0, NULL, WITH_TABLES),
     STORE(option_set_flag, continue_on_error), .help = "skip tables that cannot be read",
     .manual = "If a table cannot be read (missing privilege, lock timeout, damaged "
               "data), continue without its rows. The dump lists these tables with the "
               "reasons. A foreign key that references such a table is NOT VALID if "
               "rows reference missing rows, and is omitted if the definition of the "
               "table is. The exit status is then 6."},
    {.name = NULL},
};

const OptionRow sample_option_staging[] = {
    {OPTION("use-staging", 0, NULL, WITH_STAGING), STORE(option_set_flag, use_staging),
     .help = "collect the sample in a schema on the server",
     .manual = "Use staging mode, however small the database is. By default it is used "
               "for large or complex databases. See STAGING."},
    {OPTION("no-staging", 0, NULL,
            WITH_SCHEMA_ONLY | WITH_NO_STAGING | WITH_PLAN | WITH_SUGGEST_MASKS),
     STORE(option_set_flag, no_staging), .help = "never write to the server",
     .manual = "Use direct mode, however large the database is. Nothing is written on "
               "the server."},
    {OPTION("staging-tables", 0, "N", WITH_TABLES), .is_number = true,
     STORE(option_set_number, staging_tables),
     .help = "staging mode above N tables (default: 50)",
     .manual = "Use staging mode if more than N tables can have rows in the sample. The "
               "default is 50."},
    {OPTION("staging-fks", 0, "N", WITH_TABLES), .is_number = true,
     STORE(option_set_number, staging_fks),
     .help = "staging mode above N keys per table (default: 5)",
     .manual = "Use staging mode if one of these tables has more than N foreign keys. "
               "The default is 5."},
    {OPTION("sample-schema", 0, "NAME", WITH_ALL), STORE(option_set_name, sample_schema),
     .help = "name of the staging schema (_pg_sample)",
     .manual = "Name of the staging schema, at most 63 bytes. The default is "
               "_pg_sample. Runs that use different names can execute concurrently."},
    {OPTION("force", 0, NULL, WITH_STAGING), STORE(option_set_flag, force),
     .help = "replace an existing staging schema",
     .manual = "If the staging schema exists, drop it first, but only if it was created "
               "by pg-sample and is not used by a running pg-sample. Implies "
               "--use-staging, and is an error if staging mode is not possible."},
    {OPTION("keep", 0, NULL, WITH_STAGING), STORE(option_set_flag, keep),
     .help = "keep the staging schema",
     .manual = "Keep the staging schema for inspection or for --resume. It is kept as "
               "soon as the sample is complete and verified, whether or not the dump "
               "can be written. Implies --use-staging, and is an error if staging mode "
               "is not possible."},
    {OPTION("verify-only", 0, NULL, WITH_STAGING), STORE(option_set_flag, verify_only),
     .help = "take and verify a sample, but write no dump",
     .manual = "Take the sample, verify every foreign key, print the summary, and write "
               "no dump. Implies --use-staging, and is an error if staging mode is not "
               "possible."},
    {OPTION("resume", 0, NULL, WITH_RESUME), STORE(option_set_flag, resume),
     .help = "write the dump from a kept staging schema",
     .manual = "Write the dump from a staging schema that was kept, or that was "
               "complete when its run was killed, without reading the source again. The "
               "dump reflects the snapshot of that run. Options that control how the "
               "dump is written can differ from those of that run; options that choose "
               "rows or tables are not allowed. A kept schema is kept; a leftover one "
               "is dropped."},
    {OPTION("cleanup", 0, "drop", WITH_CLEANUP), .is_optional = true,
     .parse = option_set_cleanup, .help = "list (or drop) leftover schemas, then exit",
     .manual = "List the staging schemas in the database (with --sample-schema, only "
               "that one) and their states, then exit. With --cleanup=drop, drop those "
               "whose run is dead and did not finish, but never schemas that are kept, "
               "in use, or owned by another role."},
    {.name = NULL},
};
