#include "programs/sample/sample_option_table.h"

#include "programs/sample/sample_option_value.h"

/* An option that is given or not. */
#define FLAG(member) .parse = option_set_flag, .target = offsetof(Options, member)

const OptionRow option_rows[] = {
    {.name = "file",
     .letter = 'f',
     .argument = "FILE",
     .parse = option_set_output,
     .target = offsetof(Options, file),
     .group = GROUP_GENERAL,
     .help = "output file (default: standard output)",
     .manual = "Write the dump to FILE instead of standard output. The dump is written "
               "to FILE.part, flushed to disk, and renamed when it is complete: FILE "
               "never contains part of a dump, and an existing FILE is unchanged if the "
               "run fails."},
    {.name = "plan",
     FLAG(plan),
     .group = GROUP_GENERAL,
     .help = "print what would be done and why, then exit",
     .manual = "For each table, print what would be done and why, then exit. Only the "
               "system catalogs and statistics are read, so numbers of rows are "
               "estimates."},
    {.name = "report",
     .argument = "FILE",
     .parse = option_set_output,
     .target = offsetof(Options, report),
     .group = GROUP_GENERAL,
     .help = "write a report as JSON to FILE",
     .manual = "In addition to the summary on standard error, write a report as JSON to "
               "FILE: for each table, in the order of the dump, the numbers of picked "
               "rows, children and referenced rows, the estimated number of rows in the "
               "source, bytes, and seconds."},
    {.name = "no-sync",
     FLAG(no_sync),
     .group = GROUP_GENERAL,
     .help = "do not wait for FILE to be flushed to disk"},
    {.name = "config",
     .argument = "FILE",
     .parse = option_set_name,
     .target = offsetof(Options, config),
     .group = GROUP_GENERAL,
     .help = "read options from FILE, a JSON object",
     .manual = "Read options from FILE, a JSON object whose members are the long names "
               "of options. Options on the command line override those in FILE. See "
               "CONFIGURATION FILE."},
    {.name = "verbose",
     .letter = 'v',
     .parse = option_count,
     .target = offsetof(Options, verbosity),
     .group = GROUP_GENERAL,
     .help = "print progress messages on standard error"},
    {.name = "version",
     .letter = 'V',
     .group = GROUP_GENERAL,
     .help = "output version information, then exit"},
    {.name = "help",
     .letter = '?',
     .group = GROUP_GENERAL,
     .help = "show this help, then exit"},

    {.name = "dbname",
     .letter = 'd',
     .argument = "DBNAME",
     .parse = option_set_text,
     .target = offsetof(Options, dbname),
     .group = GROUP_CONNECTION,
     .help = "database to sample",
     .manual = "Database to sample: a name, a connection string or a URI. This is the "
               "same as the argument without an option."},
    {.name = "host",
     .letter = 'h',
     .argument = "HOSTNAME",
     .parse = option_set_text,
     .target = offsetof(Options, host),
     .group = GROUP_CONNECTION,
     .help = "database server host or socket directory"},
    {.name = "port",
     .letter = 'p',
     .argument = "PORT",
     .is_number = true,
     .parse = option_set_text,
     .target = offsetof(Options, port),
     .group = GROUP_CONNECTION,
     .help = "database server port number"},
    {.name = "username",
     .letter = 'U',
     .argument = "NAME",
     .parse = option_set_text,
     .target = offsetof(Options, username),
     .group = GROUP_CONNECTION,
     .help = "connect as specified database user"},
    {.name = "no-password",
     .letter = 'w',
     .parse = option_prompt_never,
     .target = offsetof(Options, prompt),
     .group = GROUP_CONNECTION,
     .help = "never prompt for password"},
    {.name = "password",
     .letter = 'W',
     .parse = option_prompt_always,
     .target = offsetof(Options, prompt),
     .group = GROUP_CONNECTION,
     .help = "force password prompt",
     .manual = "Prompt for a password before connecting. Without this option, the "
               "prompt appears if the server requests a password."},
    {.name = "pg-dump",
     .argument = "PATH",
     .parse = option_set_name,
     .target = offsetof(Options, pg_dump),
     .group = GROUP_CONNECTION,
     .help = "pg_dump program to use",
     .manual = "Path of the pg_dump program that dumps the schema, if the program found "
               "by default does not fit the server. See NOTES."},

    {.name = "limit",
     .argument = "RULES",
     .parse = option_append,
     .target = offsetof(Options, limits),
     .group = GROUP_ROWS,
     .help = "number of rows to pick, by table; repeatable",
     .manual = "Which rows, or how many, are picked from which tables: a list of rules "
               "separated by commas. The first rule that matches a table applies. See "
               "RULES. Can be given several times; the lists are read one after the "
               "other. If no rule matches a table, 100 rows of it are picked, or none "
               "in a slice."},
    {.name = "ordered",
     .argument = "desc|asc",
     .is_optional = true,
     .parse = option_set_ordered,
     .group = GROUP_ROWS,
     .help = "pick newest (or oldest) rows by primary key",
     .manual = "Where a rule takes only some of the rows, pick the newest (desc, the "
               "default) or the oldest (asc) by primary key, comparing its columns in "
               "the order of the key. The rows of each table are written in ascending "
               "order of the key. A table without a primary key keeps the order in "
               "which it is stored."},
    {.name = "ordered-asc",
     .parse = option_set_oldest,
     .group = GROUP_ROWS,
     .help = "same as --ordered=asc"},
    {.name = "ordered-desc",
     .parse = option_set_newest,
     .group = GROUP_ROWS,
     .help = "same as --ordered=desc"},
    {.name = "random",
     .argument = "SEED|stable",
     .is_optional = true,
     .is_number = true,
     .parse = option_set_random,
     .group = GROUP_ROWS,
     .help = "pick rows at random",
     .manual = "Where a rule takes only some of the rows, pick them at random, all with "
               "the same probability. SEED is an integer from 0 to "
               "18446744073709551615; the same seed picks the same rows as long as the "
               "database does not change. Without a seed, one is chosen at random and "
               "recorded in the header of the dump. With stable, rows are picked by a "
               "hash of their key: 1% is then a subset of 5%, and a sample taken after "
               "the database has changed has most rows in common with the previous one."},

    {.name = "root",
     .argument = "RULE",
     .parse = option_append,
     .target = offsetof(Options, subset.roots),
     .group = GROUP_SUBSETS,
     .help = "root rows of a slice, included with children",
     .manual = "Root rows of a slice: a rule as in --limit, or TABLE:KEY,KEY... for "
               "rows identified by key. The sample contains the root rows, the rows "
               "that reference them (their children), the children of these, and so on, "
               "and all rows that any of these reference. Only rows of tables named by "
               "--limit are picked in addition. Can be given several times, with one "
               "rule each."},
    {.name = "root-file",
     .argument = "TABLE=FILE",
     .parse = option_append,
     .target = offsetof(Options, subset.root_files),
     .group = GROUP_SUBSETS,
     .help = "root rows identified by values in a CSV file",
     .manual = "Root rows of TABLE, identified by the values in FILE (- for standard "
               "input): CSV with a header that names columns of the table, which need "
               "not be key columns. Can be given several times."},
    {.name = "missing",
     .argument = "error|warn",
     .parse = option_set_missing,
     .group = GROUP_SUBSETS,
     .help = "error or warning if a root matches no row",
     .manual = "What to do if a key in --root or --root-file, a rule of --root, or a "
               "--where-column without --root and --root-file matches no row: exit "
               "with an error (the default), or print a warning."},
    {.name = "children",
     .argument = "RULES",
     .parse = option_append,
     .target = offsetof(Options, subset.children),
     .group = GROUP_SUBSETS,
     .help = "maximum number of children per row; repeatable",
     .manual = "Maximum number of children of each root row and of each child, by "
               "foreign key: a list of PATTERN = N separated by commas. PATTERN matches "
               "the referencing table or the foreign key; N is a number, * for all (the "
               "default) or 0 for none. The first N children by key are included, the "
               "newest with --ordered, or a random selection with --random. A rule that "
               "names a foreign key takes precedence over one that names a table, and "
               "that over one with wildcards."},
    {.name = "depth",
     .argument = "N",
     .is_number = true,
     .parse = option_set_number,
     .target = offsetof(Options, subset.depth),
     .group = GROUP_SUBSETS,
     .help = "maximum number of generations of children",
     .manual = "Maximum number of generations of children; 0 includes no children. By "
               "default, there is no limit."},
    {.name = "lookup-rows",
     .argument = "N",
     .is_number = true,
     .parse = option_set_number,
     .target = offsetof(Options, subset.lookup_rows),
     .group = GROUP_SUBSETS,
     .help = "include referenced tables of up to N rows whole",
     .manual = "Include all rows of each referenced table that has at most N rows, such "
               "as a table of countries. A rule of --limit that names the table takes "
               "precedence. The default is 0, which includes no table as a whole."},
    {.name = "where-column",
     .argument = "CONDITION",
     .parse = option_append,
     .target = offsetof(Options, subset.where_columns),
     .group = GROUP_SUBSETS,
     .help = "filter for all tables that have the column",
     .manual = "A condition that begins with the name of a column, such as 'tenant_id = "
               "7'. In every table with that column, only rows that satisfy the "
               "condition are picked or included as children. Without --root and "
               "--root-file, all rows that satisfy it are root rows. Referenced rows "
               "are included whether they satisfy it or not; the report counts those "
               "that do not. Can be given several times."},
    {.name = "reference",
     .argument = "REFERENCE",
     .parse = option_append,
     .target = offsetof(Options, subset.references),
     .group = GROUP_SUBSETS,
     .help = "follow a reference that is not a foreign key",
     .manual =
         "Follow a reference that is not declared as a foreign key: "
         "'orders(customer_email) -> customers(email)'. The left side can contain "
         "expressions, and \"when CONDITION\" at the end restricts the reference to "
         "rows that satisfy the condition. Values without a matching row are "
         "reported. Can be given several times."},
    {.name = "ignore-fk",
     .argument = "PATTERN",
     .parse = option_append,
     .target = offsetof(Options, subset.ignored),
     .group = GROUP_SUBSETS,
     .help = "do not follow these foreign keys",
     .manual = "Do not follow the foreign keys that PATTERN matches (as KEY, SCHEMA.KEY "
               "or TABLE.KEY), or the foreign keys of the tables that it matches, in "
               "either direction. Where the referenced row is not in the sample, the "
               "nullable columns of the foreign key, with MATCH FULL all of its "
               "columns, are set to NULL in the dump; the constraint itself is "
               "restored, and valid. Such a column must not belong to a foreign key "
               "that is followed, to a referenced key, to a partition key, to a "
               "generated column's expression, to a unique index with NULLS NOT "
               "DISTINCT, or to an expression or predicate of a unique index or "
               "exclusion constraint. If a changed row would violate a CHECK "
               "constraint, the exit status is 5. A foreign key to a table that the "
               "role has no privilege to read is omitted together with that table, and "
               "its columns keep their values; with --data-only, they are set to NULL "
               "if they are nullable. Can be given several times."},
    {.name = "max-rows",
     .argument = "N",
     .is_number = true,
     .parse = option_set_positive,
     .target = offsetof(Options, subset.max_rows),
     .group = GROUP_SUBSETS,
     .help = "fail if the sample has more than N rows",
     .manual = "If the sample has more than N rows, write nothing and exit with an "
               "error that shows through which foreign keys the rows were included."},
    {.name = "max-size",
     .argument = "SIZE",
     .is_number = true,
     .parse = option_set_size,
     .target = offsetof(Options, subset.max_size),
     .group = GROUP_SUBSETS,
     .help = "fail if the sample is larger, such as 200MB",
     .manual = "The same for the size of the rows in the dump: a number of bytes, or a "
               "number with the unit kB, MB or GB."},
    {.name = "explain",
     .argument = "TABLE:KEY",
     .parse = option_append,
     .target = offsetof(Options, subset.explain),
     .group = GROUP_SUBSETS,
     .help = "print the provenance of a row",
     .manual = "Print on standard error why the row with this key is in the sample: the "
               "chain of references from a root row or a picked row to this row. Can be "
               "given several times."},
    {.name = "explain-edges",
     .parse = option_set_flag,
     .target = offsetof(Options, subset.explain_keys),
     .group = GROUP_SUBSETS,
     .help = "print how many rows each foreign key included",
     .manual = "For each foreign key and direction, print on standard error how many "
               "rows were included through it, through how many rows, and through which "
               "row the most."},

    {.name = "schema",
     .letter = 'n',
     .argument = "PATTERN",
     .parse = option_append,
     .target = offsetof(Options, schemas),
     .group = GROUP_SELECTION,
     .help = "sample the specified schema(s) only",
     .manual = "Sample only the tables in schemas that match. Can be given several "
               "times. Rows that are referenced in other schemas are included together "
               "with the definitions of their tables, and a notice names these tables; "
               "the same applies to -N, -t and -T."},
    {.name = "exclude-schema",
     .letter = 'N',
     .argument = "PATTERN",
     .parse = option_append,
     .target = offsetof(Options, exclude_schemas),
     .group = GROUP_SELECTION,
     .help = "do not sample the specified schema(s)",
     .manual = "Do not sample the tables in schemas that match. Can be given several "
               "times."},
    {.name = "table",
     .letter = 't',
     .argument = "PATTERN",
     .parse = option_append,
     .target = offsetof(Options, tables),
     .group = GROUP_SELECTION,
     .help = "sample the specified table(s) only",
     .manual = "Sample only the tables that match, regardless of -n and -N. Can be "
               "given several times."},
    {.name = "exclude-table",
     .letter = 'T',
     .argument = "PATTERN",
     .parse = option_append,
     .target = offsetof(Options, exclude_tables),
     .group = GROUP_SELECTION,
     .help = "do not sample the specified table(s)",
     .manual = "Do not sample the tables that match, even if they match -t. Can be "
               "given several times."},
    {.name = "exclude-table-data",
     .argument = "PATTERN",
     .parse = option_append,
     .target = offsetof(Options, exclude_table_data),
     .group = GROUP_SELECTION,
     .help = "do not dump rows of the specified table(s)",
     .manual = "Dump the definitions of the tables that match, but no rows. It is an "
               "error if a row of the sample references a row of such a table; to pick "
               "no rows but include referenced rows, use the rule PATTERN = 0 of "
               "--limit instead. Materialized views that match are not refreshed. Can "
               "be given several times."},

    {.name = "data-only",
     .letter = 'a',
     FLAG(data_only),
     .group = GROUP_DUMP,
     .help = "dump only the data, not the schema",
     .manual = "Dump only the data, not the schema. Each table follows the tables that "
               "it references. In a cycle of foreign keys, deferrable ones are "
               "deferred, and nullable columns are loaded as NULL and set afterwards. "
               "If that does not resolve the cycle, it is reported, and the dump needs "
               "--disable-triggers."},
    {.name = "schema-only",
     .letter = 's',
     FLAG(schema_only),
     .group = GROUP_DUMP,
     .help = "dump only the schema, no data"},
    {.name = "clean",
     .letter = 'c',
     FLAG(clean),
     .group = GROUP_DUMP,
     .help = "clean (drop) database objects before recreating"},
    {.name = "if-exists",
     FLAG(if_exists),
     .group = GROUP_DUMP,
     .help = "use IF EXISTS when dropping objects; needs -c"},
    {.name = "encoding",
     .letter = 'E',
     .argument = "ENCODING",
     .parse = option_set_name,
     .target = offsetof(Options, encoding),
     .group = GROUP_DUMP,
     .help = "dump the data in encoding ENCODING",
     .manual = "Encoding of the dump. The default is PGCLIENTENCODING if it is set, "
               "otherwise the encoding of the database."},
    {.name = "inserts",
     FLAG(inserts),
     .group = GROUP_DUMP,
     .help = "dump data as INSERT commands, rather than COPY",
     .manual = "Dump data as INSERT commands, rather than COPY. This makes restoration "
               "slower."},
    {.name = "rows-per-insert",
     .argument = "N",
     .is_number = true,
     .parse = option_set_rows_per_insert,
     .group = GROUP_DUMP,
     .help = "rows per INSERT (default: 100)",
     .manual = "Number of rows per INSERT command, at least 1. The default is 100. "
               "Implies --inserts."},
    {.name = "on-conflict-do-nothing",
     FLAG(on_conflict_do_nothing),
     .group = GROUP_DUMP,
     .help = "add ON CONFLICT DO NOTHING to INSERT commands",
     .manual = "Add ON CONFLICT DO NOTHING to the INSERT commands. Rows whose key, by "
               "any unique constraint, exists in the restored database stay as they are "
               "there (but the columns of a foreign key in a cycle are set where they "
               "are NULL), and sequences are not set back. Use it with --data-only to "
               "restore into a database whose tables were created, and partly filled, "
               "by migrations. Implies --inserts."},
    {.name = "disable-triggers",
     FLAG(disable_triggers),
     .group = GROUP_DUMP,
     .help = "disable triggers during restore; needs -a",
     .manual = "Disable all triggers, including those of foreign keys, while data is "
               "restored. Requires --data-only, and a superuser for the restore."},
    {.name = "no-transaction",
     FLAG(no_transaction),
     .group = GROUP_DUMP,
     .help = "do not restore in a single transaction",
     .manual = "Do not make the dump a single transaction. A dump that was truncated "
               "can then be restored, up to that point, without an error."},
    {.name = "no-refresh",
     FLAG(no_refresh),
     .group = GROUP_DUMP,
     .help = "do not refresh materialized views",
     .manual = "Do not refresh materialized views at the end of the restore; they stay "
               "unpopulated. To skip only some of them, name these with "
               "--exclude-table-data."},
    {.name = "restore-search-path",
     .argument = "PATH",
     .parse = option_set_text,
     .target = offsetof(Options, restore_search_path),
     .group = GROUP_DUMP,
     .help = "search_path during restore, or \"source\"",
     .manual = "Set search_path while rows, indexes and constraints are restored and "
               "materialized views are refreshed; \"source\" stands for the search_path "
               "of the session that takes the sample. By default it is empty, as in "
               "dumps of pg_dump, and functions that rely on search_path fail."},
    {.name = "no-owner",
     .letter = 'O',
     .group = GROUP_DUMP,
     .help = "do not restore object ownership (the default)"},
    {.name = "owner",
     FLAG(owner),
     .group = GROUP_DUMP,
     .help = "restore object ownership"},
    {.name = "no-privileges",
     .letter = 'x',
     .group = GROUP_DUMP,
     .help = "do not dump privileges (the default)"},
    {.name = "privileges",
     FLAG(privileges),
     .group = GROUP_DUMP,
     .help = "dump privileges (GRANT and REVOKE)"},
    {.name = "no-tablespaces",
     .group = GROUP_DUMP,
     .help = "do not dump tablespaces (the default)"},
    {.name = "tablespaces",
     FLAG(tablespaces),
     .group = GROUP_DUMP,
     .help = "dump tablespace assignments"},
    {.name = "superuser-objects",
     FLAG(superuser_objects),
     .group = GROUP_DUMP,
     .help = "include objects that require a superuser",
     .manual = "Include objects that only a superuser can restore: event triggers, "
               "publications FOR ALL TABLES or FOR TABLES IN SCHEMA, and untrusted "
               "languages and extensions. By default they are omitted, and listed on "
               "standard error and in the header of the dump. Subscriptions are always "
               "omitted."},

    {.name = "lock-timeout",
     .argument = "TIME",
     .is_number = true,
     .parse = option_set_lock_timeout,
     .group = GROUP_SERVER,
     .help = "maximum wait for a table lock (default: 30s)",
     .manual = "Maximum time to wait for a table that another session has locked "
               "exclusively: a number of seconds, or a number with the unit ms, s, min, "
               "h or d. The default is 30s; 0 disables the timeout. The error message "
               "names the blocking sessions."},
    {.name = "enable-row-security",
     FLAG(enable_row_security),
     .group = GROUP_SERVER,
     .help = "sample only rows that are visible to the user",
     .manual = "Set row_security to on, and sample only the rows that the policies of "
               "the tables make visible to the user. By default, it is an error to read "
               "a table whose policies would restrict the user."},
    {.name = "continue-on-error",
     FLAG(continue_on_error),
     .group = GROUP_SERVER,
     .help = "skip tables that cannot be read",
     .manual = "If a table cannot be read (missing privilege, lock timeout, damaged "
               "data), continue without its rows. The dump lists these tables with the "
               "reasons. A foreign key that references such a table is NOT VALID if "
               "rows reference missing rows, and is omitted if the definition of the "
               "table is. The exit status is then 6."},

    {.name = "use-staging",
     FLAG(use_staging),
     .group = GROUP_STAGING,
     .help = "collect the sample in a schema on the server",
     .manual = "Use staging mode, however small the database is. By default it is used "
               "for large or complex databases. See STAGING."},
    {.name = "no-staging",
     FLAG(no_staging),
     .group = GROUP_STAGING,
     .help = "never write to the server",
     .manual = "Use direct mode, however large the database is. Nothing is written on "
               "the server."},
    {.name = "staging-tables",
     .argument = "N",
     .is_number = true,
     .parse = option_set_number,
     .target = offsetof(Options, staging_tables),
     .group = GROUP_STAGING,
     .help = "staging mode above N tables (default: 50)",
     .manual = "Use staging mode if more than N tables can have rows in the sample. The "
               "default is 50."},
    {.name = "staging-fks",
     .argument = "N",
     .is_number = true,
     .parse = option_set_number,
     .target = offsetof(Options, staging_fks),
     .group = GROUP_STAGING,
     .help = "staging mode above N keys per table (default: 5)",
     .manual = "Use staging mode if one of these tables has more than N foreign keys. "
               "The default is 5."},
    {.name = "sample-schema",
     .argument = "NAME",
     .parse = option_set_name,
     .target = offsetof(Options, sample_schema),
     .group = GROUP_STAGING,
     .help = "name of the staging schema (_pg_sample)",
     .manual = "Name of the staging schema, at most 63 bytes. The default is "
               "_pg_sample. Runs that use different names can execute concurrently."},
    {.name = "force",
     FLAG(force),
     .group = GROUP_STAGING,
     .help = "replace an existing staging schema",
     .manual = "If the staging schema exists, drop it first, but only if it was created "
               "by pg-sample and is not used by a running pg-sample. Implies "
               "--use-staging, and is an error if staging mode is not possible."},
    {.name = "keep",
     FLAG(keep),
     .group = GROUP_STAGING,
     .help = "keep the staging schema",
     .manual = "Keep the staging schema for inspection or for --resume. It is kept as "
               "soon as the sample is complete and verified, whether or not the dump "
               "can be written. Implies --use-staging, and is an error if staging mode "
               "is not possible."},
    {.name = "verify-only",
     FLAG(verify_only),
     .group = GROUP_STAGING,
     .help = "take and verify a sample, but write no dump",
     .manual = "Take the sample, verify every foreign key, print the summary, and write "
               "no dump. Implies --use-staging, and is an error if staging mode is not "
               "possible."},
    {.name = "resume",
     FLAG(resume),
     .group = GROUP_STAGING,
     .help = "write the dump from a kept staging schema",
     .manual = "Write the dump from a staging schema that was kept, or that was "
               "complete when its run was killed, without reading the source again. The "
               "dump reflects the snapshot of that run. Options that control how the "
               "dump is written can differ from those of that run; options that choose "
               "rows or tables are not allowed. A kept schema is kept; a leftover one "
               "is dropped."},
    {.name = "cleanup",
     .argument = "drop",
     .is_optional = true,
     .parse = option_set_cleanup,
     .group = GROUP_STAGING,
     .help = "list (or drop) leftover schemas, then exit",
     .manual = "List the staging schemas in the database (with --sample-schema, only "
               "that one) and their states, then exit. With --cleanup=drop, drop those "
               "whose run is dead and did not finish, but never schemas that are kept, "
               "in use, or owned by another role."},
    {.name = NULL},
};
