#include "programs/load/load_option_table.h"

#include "programs/load/load_option_value.h"

const OptionRow load_option_rows[] = {
    {.name = "config",
     .argument = "FILE",
     .parse = option_set_name,
     .target = offsetof(LoadOptions, config),
     .group = LOAD_GROUP_GENERAL,
     .help = "read settings of tables from FILE, in JSON",
     .manual =
         "Read settings of tables from FILE, a JSON object whose members are tables, "
         "and _defaults for all of them. What options say counts over it. The section "
         "behind the options says more."},
    {.name = "status",
     .parse = option_set_flag,
     .target = offsetof(LoadOptions, status),
     .group = LOAD_GROUP_GENERAL,
     .help = "tell what staging tables there are, and exit",
     .manual = "Tell which staging tables there are in the database, of which runs, and "
               "whether these are alive, and exit."},
    {.name = "gc",
     .parse = option_set_flag,
     .target = offsetof(LoadOptions, gc),
     .group = LOAD_GROUP_GENERAL,
     .help = "drop staging tables of dead runs, and exit",
     .manual =
         "Drop the staging tables that dead runs left, and exit. Those of live runs "
         "are never touched."},
    {.name = "older-than",
     .argument = "AGE",
     .is_number = true,
     .parse = load_set_age,
     .target = offsetof(LoadOptions, older_than),
     .group = LOAD_GROUP_GENERAL,
     .help = "... and staged ones that are older; needs --gc",
     .manual =
         "With --gc, also drop what --stage-only and --keep left, if it is older than "
         "AGE: whole seconds, or a number with s, min, h or d."},
    {.name = "verbose",
     .letter = 'v',
     .parse = option_count,
     .target = offsetof(LoadOptions, verbosity),
     .group = LOAD_GROUP_GENERAL,
     .help = "say on standard error what is being done"},
    {.name = "quiet",
     .letter = 'q',
     .parse = option_set_flag,
     .target = offsetof(LoadOptions, is_quiet),
     .group = LOAD_GROUP_GENERAL,
     .help = "say only what is wrong"},
    {.name = "version",
     .letter = 'V',
     .group = LOAD_GROUP_GENERAL,
     .help = "print the version, and exit"},
    {.name = "help",
     .letter = '?',
     .group = LOAD_GROUP_GENERAL,
     .help = "print this help, and exit"},

    {.name = "dbname",
     .letter = 'd',
     .argument = "DBNAME",
     .parse = option_set_text,
     .target = offsetof(LoadOptions, dbname),
     .group = LOAD_GROUP_CONNECTION,
     .help = "database, connection string or URI",
     .manual = "The database to load into, as a name, a connection string or a URI."},
    {.name = "host",
     .letter = 'h',
     .argument = "HOSTNAME",
     .parse = option_set_text,
     .target = offsetof(LoadOptions, host),
     .group = LOAD_GROUP_CONNECTION,
     .help = "database server host or socket directory"},
    {.name = "port",
     .letter = 'p',
     .argument = "PORT",
     .is_number = true,
     .parse = option_set_text,
     .target = offsetof(LoadOptions, port),
     .group = LOAD_GROUP_CONNECTION,
     .help = "database server port number"},
    {.name = "username",
     .letter = 'U',
     .argument = "NAME",
     .parse = option_set_text,
     .target = offsetof(LoadOptions, username),
     .group = LOAD_GROUP_CONNECTION,
     .help = "connect as this database user"},
    {.name = "no-password",
     .letter = 'w',
     .parse = option_prompt_never,
     .target = offsetof(LoadOptions, prompt),
     .group = LOAD_GROUP_CONNECTION,
     .help = "never ask for a password"},
    {.name = "password",
     .letter = 'W',
     .parse = option_prompt_always,
     .target = offsetof(LoadOptions, prompt),
     .group = LOAD_GROUP_CONNECTION,
     .help = "ask for a password before connecting",
     .manual =
         "Ask for a password before connecting. Without this option it is asked for "
         "when the server wants one."},
    {.name = "password-file",
     .argument = "FILE",
     .parse = option_set_name,
     .target = offsetof(LoadOptions, password_file),
     .group = LOAD_GROUP_CONNECTION,
     .help = "read the password from FILE",
     .manual = "Take the first line of FILE as the password."},

    {.name = "source",
     .argument = "SOURCE",
     .parse = load_add_source,
     .group = LOAD_GROUP_SOURCE,
     .help = "the same as the argument SOURCE; repeatable",
     .manual =
         "What to load: FILE, TABLE=FILE, a directory with one file a table, or - for "
         "standard input. The same as an argument without an option. Can be given "
         "several times."},
    {.name = "file",
     .argument = "TABLE=PATH",
     .parse = load_add_file,
     .group = LOAD_GROUP_SOURCE,
     .help = "load a file into a table; repeatable",
     .manual = "Load the file PATH, or standard input for -, into TABLE. Can be given "
               "several times."},
    {.name = "format",
     .argument = "auto|csv|copy|pg-sample",
     .parse = option_set_word,
     .target = offsetof(LoadOptions, input.format),
     .group = LOAD_GROUP_SOURCE,
     .help = "format of the sources",
     .manual =
         "What the sources are: CSV, the text format of COPY, or a dump that pg-sample "
         "or pg_dump made. Without this option, or with auto, the name of the file "
         "tells; or else the beginning of what is in it, which is a dump's or is CSV."},
    {.name = "csv-delimiter",
     .argument = "C",
     .parse = load_set_character,
     .target = offsetof(LoadOptions, input.delimiter),
     .group = LOAD_GROUP_SOURCE,
     .help = "what separates fields (default: comma)",
     .manual = "The character between fields of CSV: one ASCII character, or tab. The "
               "default is a comma."},
    {.name = "csv-quote",
     .argument = "C",
     .parse = load_set_character,
     .target = offsetof(LoadOptions, input.quote),
     .group = LOAD_GROUP_SOURCE,
     .help = "what quotes fields (default: \")",
     .manual = "The character around fields of CSV that contain others. The default is a "
               "double quote. Inside of quotes it is doubled."},
    {.name = "csv-escape",
     .argument = "C",
     .parse = load_set_character,
     .target = offsetof(LoadOptions, csv_escape),
     .group = LOAD_GROUP_SOURCE,
     .help = "only the same as the quote is possible",
     .manual = "What escapes a quote inside of quotes. Nothing but the quote itself is "
               "possible."},
    {.name = "csv-null",
     .argument = "TEXT",
     .parse = option_set_text,
     .target = offsetof(LoadOptions, input.null_text),
     .group = LOAD_GROUP_SOURCE,
     .help = "unquoted text that is NULL (default: empty)",
     .manual =
         "The text that means NULL in CSV where it is not quoted. The default is the "
         "empty one."},
    {.name = "csv-header",
     .parse = option_set_flag,
     .target = offsetof(LoadOptions, input.has_copy_header),
     .group = LOAD_GROUP_SOURCE,
     .help = "the first record has the names of columns",
     .manual =
         "The first record names the columns. This is the default for CSV; for COPY "
         "text it has to be said."},
    {.name = "no-csv-header",
     .parse = option_set_flag,
     .target = offsetof(LoadOptions, input.has_no_header),
     .group = LOAD_GROUP_SOURCE,
     .help = "there is no such record",
     .manual = "There are no names of columns: fields are in the order of the table's "
               "columns."},
    {.name = "encoding",
     .letter = 'E',
     .argument = "ENCODING",
     .parse = option_set_name,
     .target = offsetof(LoadOptions, settings.encoding),
     .group = LOAD_GROUP_SOURCE,
     .help = "encoding of the sources (default: UTF8)",
     .manual =
         "The encoding of the sources. Without this option it is what a dump says of "
         "itself, and UTF8 for all others. A dump that says something else than this "
         "option is read as the option has it, with a warning."},
    {.name = "map",
     .argument = "FILECOL:DBCOL,...",
     .parse = load_set_setting,
     .group = LOAD_GROUP_SOURCE,
     .help = "columns that have other names in the file",
     .manual =
         "Columns of the file that have another name in the table, separated by "
         "commas. A name that contains a comma or a colon stands in double quotes."},
    {.name = "ignore-unknown-columns",
     .parse = load_set_setting,
     .group = LOAD_GROUP_SOURCE,
     .help = "skip columns that the table does not have",
     .manual = "Skip columns of the file that the table does not have, or that are "
               "generated. Without this option they are an error."},
    {.name = "table-name",
     .letter = 't',
     .argument = "TABLE",
     .parse = load_add_table,
     .target = offsetof(LoadOptions, tables),
     .group = LOAD_GROUP_SOURCE,
     .help = "load only these tables; repeatable",
     .manual =
         "Load only this table of the sources, named as TABLE or SCHEMA.TABLE. Can be "
         "given several times."},
    {.name = "exclude-table",
     .letter = 'T',
     .argument = "PATTERN",
     .parse = option_append,
     .target = offsetof(LoadOptions, exclude_tables),
     .group = LOAD_GROUP_SOURCE,
     .help = "do not load these tables; repeatable",
     .manual = "Leave out the tables of the sources that match, even if -t names them; "
               "they need not exist. Patterns are those of psql: [SCHEMA.]NAME, with * "
               "and ?, and folded to lower case outside of double quotes. Can be given "
               "several times."},

    {.name = "mode",
     .argument = MODE_WORDS,
     .parse = load_set_setting,
     .group = LOAD_GROUP_ROWS,
     .help = "what the batch means",
     .manual =
         "What the rows of the sources are: rows to add or change (incremental, the "
         "default); the whole table, so that rows which are absent are deleted (full); "
         "the whole slice that --slice names (slice); or rows to add, whatever is "
         "there (append)."},
    {.name = "slice",
     .argument = "COLUMN=VALUE,...",
     .parse = load_set_setting,
     .group = LOAD_GROUP_ROWS,
     .help = "the batch is this slice of the table",
     .manual =
         "The sources have all rows whose COLUMN is one of the values; other rows of "
         "the table are left alone. Can be given several times, for rows that satisfy "
         "all of it. Implies --mode=slice."},
    {.name = "strategy",
     .argument = STRATEGY_WORDS,
     .parse = load_set_setting,
     .group = LOAD_GROUP_ROWS,
     .help = "what may happen to rows (upsert)",
     .manual = "What may happen to rows: new ones are inserted and others are updated "
               "(upsert, the default), or only one of the two."},
    {.name = "natural-key",
     .argument = "[T=]COLUMN,...",
     .parse = load_set_table_setting,
     .group = LOAD_GROUP_ROWS,
     .help = "columns that tell rows apart",
     .manual = "The columns that tell rows apart, of the table T or of all. Without this "
               "option it is the primary key, or else the only unique index over columns "
               "that are NOT NULL."},
    {.name = "timestamp-column",
     .argument = "[T=]COLUMN|none",
     .parse = load_set_table_setting,
     .group = LOAD_GROUP_ROWS,
     .help = "older rows never overwrite newer ones",
     .manual =
         "The column that says how old a row is: older rows never overwrite newer "
         "ones. Without this option it is captured_at, where file and table have it and "
         "it holds dates, times or numbers; none switches this off."},
    {.name = "timestamp-compare",
     .argument = "'>='|'>'",
     .parse = load_set_setting,
     .group = LOAD_GROUP_ROWS,
     .help = "may an equal timestamp overwrite (>=)",
     .manual =
         "Whether a row of the same timestamp overwrites (>=, the default) or does not "
         "(>)."},
    {.name = "timestamp-nulls",
     .argument = NULLS_WORDS,
     .parse = load_set_setting,
     .group = LOAD_GROUP_ROWS,
     .help = "how old a row without a timestamp is",
     .manual =
         "Whether rows whose timestamp is NULL are older than all others (oldest, the "
         "default), or newer."},
    {.name = "on-duplicate",
     .argument = DUPLICATES_WORDS,
     .parse = load_set_setting,
     .group = LOAD_GROUP_ROWS,
     .help = "which row of the same key counts (last)",
     .manual =
         "Which of several rows with the same key counts, where timestamps do not say: "
         "the last one of the sources (the default), or the first. With error several "
         "rows with one key stop the run, whatever their timestamps say."},

    {.name = "dry-run",
     .argument = "plan|execute",
     .is_optional = true,
     .parse = load_set_dry_run,
     .group = LOAD_GROUP_SAFETY,
     .help = "count what would be done, but do nothing",
     .manual =
         "Stage, check and count what would be done, without changing the table (plan, "
         "the default). With execute the commit is done and rolled back, so that "
         "triggers and deferred constraints have their say."},
    {.name = "check-only",
     .parse = option_set_flag,
     .target = offsetof(LoadOptions, check_only),
     .group = LOAD_GROUP_SAFETY,
     .help = "the same as --dry-run=plan"},
    {.name = "max-errors",
     .argument = "N|N%",
     .is_number = true,
     .parse = load_set_max_errors,
     .group = LOAD_GROUP_SAFETY,
     .help = "how many rows may be rejected (default: 0)",
     .manual = "How many rows may be rejected, as a number or as a part of all rows. The "
               "default is 0: one bad row, and nothing is loaded."},
    {.name = "rejects-file",
     .argument = "FILE",
     .parse = option_set_output,
     .target = offsetof(LoadOptions, settings.rejects_file),
     .group = LOAD_GROUP_SAFETY,
     .help = "write rejected rows to FILE",
     .manual = "Write rejected rows to FILE, each with its source, record, column and "
               "reason."},
    {.name = "max-delete-pct",
     .argument = "N",
     .is_number = true,
     .parse = load_set_percent,
     .target = offsetof(LoadOptions, settings.max_delete_pct),
     .group = LOAD_GROUP_SAFETY,
     .help = "how much may be deleted (default: 20)",
     .manual =
         "In the modes that delete rows which are absent, how much of the table or of "
         "the slice that may be, in percent. The default is 20; 100 allows everything."},
    {.name = "min-rows",
     .argument = "N",
     .is_number = true,
     .parse = option_set_count,
     .target = offsetof(LoadOptions, settings.min_rows),
     .group = LOAD_GROUP_SAFETY,
     .help = "how many rows there must be (default: 1)",
     .manual = "How many rows the sources must have together. The default is 1: an empty "
               "file is not loaded."},
    {.name = "expect",
     .argument = "[T=]N",
     .parse = load_set_table_setting,
     .group = LOAD_GROUP_SAFETY,
     .help = "how many rows there must be, exactly",
     .manual = "How many rows the sources must have for the table T, or for each table."},
    {.name = "check",
     .argument = "[NAME:] SQL",
     .parse = load_set_setting,
     .group = LOAD_GROUP_SAFETY,
     .help = "SQL that must return no row; repeatable",
     .manual = "A query that must return no row, run before the commit. In it, {staging} "
               "stands for the table of the new rows and {target} for the one that is "
               "loaded. A name in front of it is used in messages. Can be given several "
               "times."},
    {.name = "allow-cascade",
     .parse = option_set_flag,
     .target = offsetof(LoadOptions, settings.allow_cascade),
     .group = LOAD_GROUP_SAFETY,
     .help = "let deletes change rows of other tables",
     .manual =
         "Let deletes reach rows of other tables through foreign keys with CASCADE, "
         "SET NULL or SET DEFAULT. Without this option such rows stop the run."},
    {.name = "allow-same-database",
     .parse = option_set_flag,
     .target = offsetof(LoadOptions, settings.allow_same_database),
     .group = LOAD_GROUP_SAFETY,
     .help = "let a dump go back to where it was made",
     .manual = "Load a dump of pg-sample into the database that it was sampled from, or "
               "into one whose files are a copy of that one's. Without this option that "
               "is an error: the rows may be old, or not be meant for it."},

    {.name = "apply",
     .argument = APPLY_WORDS,
     .parse = load_set_setting,
     .group = LOAD_GROUP_COMMIT,
     .help = "how the commit is done",
     .manual =
         "How the commit is done: only rows that differ are written (diff, which auto "
         "means where it is possible); the rows of the table or slice are deleted and "
         "inserted (delete-insert); the table is truncated (truncate) or replaced by a "
         "new one (swap), which need --mode=full; or without staging tables (direct)."},
    {.name = "lock-timeout",
     .argument = "TIME",
     .is_number = true,
     .parse = option_set_timeout,
     .target = offsetof(LoadOptions, settings.lock_timeout),
     .group = LOAD_GROUP_COMMIT,
     .help = "how long to wait for locks (default: 2s)",
     .manual = "How long the commit waits for a lock before it is rolled back and tried "
               "again: whole seconds, or a number with a unit (ms, s, min, h, d). The "
               "default is 2s; 0 waits for ever."},
    {.name = "transaction-timeout",
     .argument = "TIME",
     .is_number = true,
     .parse = option_set_timeout,
     .target = offsetof(LoadOptions, settings.transaction_timeout),
     .group = LOAD_GROUP_COMMIT,
     .help = "how long a commit may take (default: 300s)",
     .manual = "How long the transaction of the commit may take, in the same form. The "
               "default is 300s; 0 is no limit."},
    {.name = "max-retries",
     .argument = "N",
     .is_number = true,
     .parse = option_set_number,
     .target = offsetof(LoadOptions, settings.max_retries),
     .group = LOAD_GROUP_COMMIT,
     .help = "how often it is tried again (default: 3)",
     .manual =
         "How often the commit is tried again after a lock was not to be had, a "
         "deadlock, a serialization failure or a lost connection, and the connection "
         "while the server starts, with growing pauses. The default is 3."},

    {.name = "staging",
     .argument = STAGING_WORDS,
     .parse = option_set_word,
     .target = offsetof(LoadOptions, settings.staging),
     .group = LOAD_GROUP_STAGING,
     .help = "are there staging tables (auto)",
     .manual =
         "Whether new rows wait in staging tables: always, or else the run ends; "
         "never (the same as --no-staging); or auto, in temporary tables where "
         "they are few or where there can be no others, and nowhere where there can "
         "be none at all."},
    {.name = "no-staging",
     .parse = option_set_flag,
     .target = offsetof(LoadOptions, no_staging),
     .group = LOAD_GROUP_STAGING,
     .help = "write directly, in one transaction",
     .manual =
         "Write to the table directly, in one transaction: the same as --apply=direct "
         "for all tables."},
    {.name = "staging-min-rows",
     .argument = "N",
     .is_number = true,
     .parse = option_set_count,
     .target = offsetof(LoadOptions, settings.staging_min_rows),
     .group = LOAD_GROUP_STAGING,
     .help = "temporary tables below N rows (default 1000)",
     .manual = "With fewer rows than N, use temporary tables in the transaction of the "
               "commit instead of staging tables of their own. The default is 1000."},
    {.name = "batch-size",
     .argument = "N",
     .is_number = true,
     .parse = option_set_positive,
     .target = offsetof(LoadOptions, settings.batch_size),
     .group = LOAD_GROUP_STAGING,
     .help = "rows that are sent at once (default: 10000)",
     .manual = "How many rows one COPY sends. The default is 10000."},
    {.name = "jobs",
     .letter = 'j',
     .argument = "N",
     .is_number = true,
     .parse = load_set_jobs,
     .group = LOAD_GROUP_STAGING,
     .help = "load N files at the same time",
     .manual = "How many files are staged at the same time, with a connection each. The "
               "default is 1."},
    {.name = "work-mem",
     .argument = "SIZE",
     .parse = load_set_work_mem,
     .group = LOAD_GROUP_STAGING,
     .help = "memory for a sort or hash (default: 256MB)",
     .manual = "The setting work_mem of our sessions, and maintenance_work_mem: a whole "
               "number with kB, MB, GB or TB. The default is 256MB."},
    {.name = "stage-only",
     .parse = option_set_flag,
     .target = offsetof(LoadOptions, settings.stage_only),
     .group = LOAD_GROUP_STAGING,
     .help = "stage and check, but do not commit",
     .manual =
         "Stage and check, print the names of the staging tables, and leave them for "
         "--commit-staged."},
    {.name = "commit-staged",
     .argument = "NAME",
     .parse = option_append,
     .target = offsetof(LoadOptions, commit_staged),
     .group = LOAD_GROUP_STAGING,
     .help = "check and commit this table; repeatable",
     .manual = "Check and commit a staging table that --stage-only left. Can be given "
               "several times, for one commit of all of them."},
    {.name = "keep",
     .parse = option_set_flag,
     .target = offsetof(LoadOptions, settings.keep),
     .group = LOAD_GROUP_STAGING,
     .help = "do not drop the staging tables"},
    {.name = "schema-name",
     .argument = "NAME",
     .parse = option_set_name,
     .target = offsetof(LoadOptions, settings.schema_name),
     .group = LOAD_GROUP_STAGING,
     .help = "schema for our tables (_pg_sample_load)",
     .manual =
         "The schema of the staging tables and of the tables that tell about runs, "
         "instead of _pg_sample_load. It is made if it is not there, and used only if "
         "the role itself owns it and its tables. pg-sample leaves it out of samples "
         "unless -n or -t name it."},

    {.name = "metrics-file",
     .argument = "FILE",
     .parse = option_set_output,
     .target = offsetof(LoadOptions, metrics_file),
     .group = LOAD_GROUP_OUTPUT,
     .help = "write metrics to FILE (-: standard output)",
     .manual =
         "Write to FILE, or to standard output for -, what was done and how long it "
         "took, as one JSON object."},
    {.name = "metrics-format",
     .argument = "json",
     .parse = option_set_word,
     .target = offsetof(LoadOptions, metrics_format),
     .group = LOAD_GROUP_OUTPUT,
     .help = "their format; there is only one"},
    {.name = "log-format",
     .argument = "text|json",
     .parse = option_set_word,
     .target = offsetof(LoadOptions, log_format),
     .group = LOAD_GROUP_OUTPUT,
     .help = "how messages are written",
     .manual = "Write messages as text (the default), or as one JSON object a line."},
    {.name = NULL},
};
