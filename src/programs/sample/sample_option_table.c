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
     .help = "write the dump to FILE, not to standard output",
     .manual =
         "Write the dump to FILE, not to standard output. It is written to FILE.part, "
         "flushed to disk and renamed when it is complete, so that FILE never "
         "holds a part of a dump, and keeps what it held if anything fails."},
    {.name = "plan",
     FLAG(plan),
     .group = GROUP_GENERAL,
     .help = "print what would be done and why, and exit",
     .manual =
         "Print, table by table, what would be done and why, and exit. Only catalogs "
         "and statistics are read, so the numbers of rows are estimates."},
    {.name = "report",
     .argument = "FILE",
     .parse = option_set_output,
     .target = offsetof(Options, report),
     .group = GROUP_GENERAL,
     .help = "write a report about each table to FILE as JSON",
     .manual =
         "Write to FILE, as JSON, what is otherwise said on standard error at the end: "
         "for each table, in the order of the dump, the rows that were picked, the "
         "rows that came along because others refer to them, the estimated rows of "
         "the source, bytes and time."},
    {.name = "no-sync",
     FLAG(no_sync),
     .group = GROUP_GENERAL,
     .help = "do not wait until FILE has reached the disk"},
    {.name = "config",
     .argument = "FILE",
     .parse = option_set_name,
     .target = offsetof(Options, config),
     .group = GROUP_GENERAL,
     .help = "read options from FILE, a JSON object",
     .manual =
         "Read options from FILE, a JSON object whose members are long names of options. "
         "What is also on the command line counts as it is there. The section behind the "
         "options says more."},
    {.name = "verbose",
     .letter = 'v',
     .parse = option_count,
     .target = offsetof(Options, verbosity),
     .group = GROUP_GENERAL,
     .help = "say on standard error what is being done"},
    {.name = "version",
     .letter = 'V',
     .group = GROUP_GENERAL,
     .help = "print the version, and exit"},
    {.name = "help",
     .letter = '?',
     .group = GROUP_GENERAL,
     .help = "print this help, and exit"},

    {.name = "dbname",
     .letter = 'd',
     .argument = "DBNAME",
     .parse = option_set_text,
     .target = offsetof(Options, dbname),
     .group = GROUP_CONNECTION,
     .help = "database, connection string or URI",
     .manual =
         "The database to sample, as a name, a connection string or a URI. The same as "
         "the argument without an option."},
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
     .help = "connect as this database user"},
    {.name = "no-password",
     .letter = 'w',
     .parse = option_prompt_never,
     .target = offsetof(Options, prompt),
     .group = GROUP_CONNECTION,
     .help = "never ask for a password"},
    {.name = "password",
     .letter = 'W',
     .parse = option_prompt_always,
     .target = offsetof(Options, prompt),
     .group = GROUP_CONNECTION,
     .help = "ask for a password before connecting",
     .manual =
         "Ask for a password before connecting. Without this option it is asked for "
         "when the server wants one."},
    {.name = "pg-dump",
     .argument = "PATH",
     .parse = option_set_name,
     .target = offsetof(Options, pg_dump),
     .group = GROUP_CONNECTION,
     .help = "the pg_dump to run",
     .manual =
         "The pg_dump to run for the schema, for when the one that would be found does "
         "not fit the server. See NOTES."},

    {.name = "limit",
     .argument = "RULES",
     .parse = option_append,
     .target = offsetof(Options, limits),
     .group = GROUP_ROWS,
     .help = "how many rows of which tables; repeatable",
     .manual =
         "How many rows, or which, are picked from which tables: a list of rules, "
         "separated by commas, of which the first that matches a table counts. See "
         "RULES. Can be given several times: the lists are read one after the other. "
         "A table that no rule matches has 100 rows picked."},
    {.name = "ordered",
     .argument = "desc|asc",
     .is_optional = true,
     .parse = option_set_ordered,
     .group = GROUP_ROWS,
     .help = "pick the newest (or oldest) rows by primary key",
     .manual =
         "Where a rule takes only some of the rows, take the newest (desc, the default) "
         "or the oldest (asc) by primary key, its columns in the order of the key. The "
         "rows of each table are then written in ascending order of the key. A table "
         "without a primary key keeps the order in which it is stored."},
    {.name = "ordered-asc",
     .parse = option_set_oldest,
     .group = GROUP_ROWS,
     .help = "the same as --ordered=asc"},
    {.name = "ordered-desc",
     .parse = option_set_newest,
     .group = GROUP_ROWS,
     .help = "the same as --ordered=desc"},
    {.name = "random",
     .argument = "SEED|stable",
     .is_optional = true,
     .is_number = true,
     .parse = option_set_random,
     .group = GROUP_ROWS,
     .help = "pick rows at random",
     .manual =
         "Where a rule takes only some of the rows, take them at random, each with the "
         "same chance. SEED is a whole number up to 18446744073709551615; the same "
         "seed gives the same rows as long as the database stays the same. Without a "
         "seed one is drawn, and written into the header of the dump. With stable, "
         "rows are taken by a hash of their key: 1% is then a part of 5%, and a sample "
         "taken tomorrow has the rows of today's that are still there."},

    {.name = "root",
     .argument = "RULE",
     .parse = option_append,
     .target = offsetof(Options, slice.roots),
     .group = GROUP_SLICES,
     .help = "rows to start from; their children come along",
     .manual =
         "Rows to start from: a rule as in --limit, or TABLE:KEY,KEY... for rows by "
         "their key. They come with their children, the children of these, and so on, "
         "and with all rows that any of these refer to. Can be given several times, a "
         "rule each time. Other tables then have no rows picked, unless --limit says "
         "so."},
    {.name = "root-file",
     .argument = "TABLE=FILE",
     .parse = option_append,
     .target = offsetof(Options, slice.root_files),
     .group = GROUP_SLICES,
     .help = "the same for rows named in a CSV file",
     .manual =
         "Rows to start from, by the values in FILE (- for standard input), which is CSV "
         "with a header that names columns of TABLE, of a key or others. Can be given "
         "several times."},
    {.name = "missing",
     .argument = "error|warn",
     .parse = option_set_missing,
     .group = GROUP_SLICES,
     .help = "what if a root finds no row (error)",
     .manual = "What to do if a key of --root or --root-file, a rule of --root or a lone "
               "--where-column finds no row: end with an error (the default), or warn."},
    {.name = "children",
     .argument = "RULES",
     .parse = option_append,
     .target = offsetof(Options, slice.children),
     .group = GROUP_SLICES,
     .help = "how many children each row brings; repeatable",
     .manual =
         "How many children each root row, and each child of such, brings along a "
         "foreign key: a list of PATTERN = N, separated by commas. PATTERN names the "
         "referencing table or the foreign key; N is a number, * for all (the default) "
         "or 0 for none. The first N by key are taken, or the newest with --ordered, or "
         "some at random with --random. A rule that names a foreign key comes before "
         "one that names a table, and that before one with wildcards."},
    {.name = "depth",
     .argument = "N",
     .is_number = true,
     .parse = option_set_number,
     .target = offsetof(Options, slice.depth),
     .group = GROUP_SLICES,
     .help = "how many generations of children come along",
     .manual = "How many generations of children come along; 0 for none. Without this "
               "option it is all of them."},
    {.name = "lookup-rows",
     .argument = "N",
     .is_number = true,
     .parse = option_set_number,
     .target = offsetof(Options, slice.lookup_rows),
     .group = GROUP_SLICES,
     .help = "take referenced tables of up to N rows whole",
     .manual =
         "Take tables whole that others refer to and that have at most N rows, such as "
         "countries or kinds of things. A rule of --limit that names the table counts "
         "instead. The default is 0: no such tables."},
    {.name = "where-column",
     .argument = "CONDITION",
     .parse = option_append,
     .target = offsetof(Options, slice.where_columns),
     .group = GROUP_SLICES,
     .help = "one filter for all tables that have the column",
     .manual =
         "A condition that begins with the name of a column, such as 'tenant_id = 7'. "
         "In every table with that column, only rows that satisfy it are picked or come "
         "along as children. Without --root these rows are the roots, in all tables. "
         "Rows that others refer to come along whether they satisfy it or not; the "
         "report counts them. Can be given several times."},
    {.name = "reference",
     .argument = "REFERENCE",
     .parse = option_append,
     .target = offsetof(Options, slice.references),
     .group = GROUP_SLICES,
     .help = "follow a reference that is no foreign key",
     .manual =
         "Follow a reference that the database does not declare as a foreign key: "
         "'orders(customer_email) -> customers(email)'. On the left there can be "
         "expressions, and \"when CONDITION\" at the end restricts it to some of the "
         "rows. Values that refer to nothing are reported. Can be given several times."},
    {.name = "ignore-fk",
     .argument = "PATTERN",
     .parse = option_append,
     .target = offsetof(Options, slice.ignored),
     .group = GROUP_SLICES,
     .help = "do not follow these foreign keys",
     .manual =
         "Do not follow the foreign keys that the pattern names (as KEY, SCHEMA.KEY or "
         "TABLE.KEY), or those of the tables that it names, neither up nor down. Where "
         "the referenced row is not in the sample, the columns of the key that can be "
         "NULL become NULL in the dump, with MATCH FULL all of them; the key itself is "
         "in the dump, and valid. Such a column must not belong to a key that is "
         "followed or referred to, to a partition key, to a generated column or to an "
         "index that tells NULLs apart; rows that would then break a CHECK constraint "
         "end the run with status 5. A key to a table that may not be read is left out "
         "with that table, and rows keep their values of it; with --data-only "
         "they become NULL if they can. Can be given several times."},
    {.name = "max-rows",
     .argument = "N",
     .is_number = true,
     .parse = option_set_positive,
     .target = offsetof(Options, slice.max_rows),
     .group = GROUP_SLICES,
     .help = "end if the sample has more than N rows",
     .manual =
         "End with an error, and write nothing, if the sample has more than N rows; "
         "what brought them is told."},
    {.name = "max-size",
     .argument = "SIZE",
     .is_number = true,
     .parse = option_set_size,
     .target = offsetof(Options, slice.max_size),
     .group = GROUP_SLICES,
     .help = "end if the sample is larger: 200MB, say",
     .manual =
         "The same for the size of the rows as the dump holds them: bytes, or a number "
         "with kB, MB or GB."},
    {.name = "explain",
     .argument = "TABLE:KEY",
     .parse = option_append,
     .target = offsetof(Options, slice.explain),
     .group = GROUP_SLICES,
     .help = "tell what brought a row into the sample",
     .manual =
         "Tell on standard error what brought the row with that key into the sample: "
         "the chain of references back to a row that was picked or is a root. Can be "
         "given several times."},
    {.name = "explain-edges",
     .parse = option_set_flag,
     .target = offsetof(Options, slice.explain_edges),
     .group = GROUP_SLICES,
     .help = "tell how many rows each reference brought",
     .manual =
         "Tell on standard error, for each foreign key and direction, how many rows it "
         "brought, from how many, and which row brought the most."},

    {.name = "schema",
     .letter = 'n',
     .argument = "PATTERN",
     .parse = option_append,
     .target = offsetof(Options, schemas),
     .group = GROUP_SELECTION,
     .help = "sample only these schemas",
     .manual =
         "Sample only the tables in schemas that match. Can be given several times. "
         "What their rows refer to in other schemas comes along, table and rows, and "
         "a notice says so; this holds for the next three options as well."},
    {.name = "exclude-schema",
     .letter = 'N',
     .argument = "PATTERN",
     .parse = option_append,
     .target = offsetof(Options, exclude_schemas),
     .group = GROUP_SELECTION,
     .help = "do not sample these schemas",
     .manual =
         "Do not sample the tables in schemas that match. Can be given several times."},
    {.name = "table",
     .letter = 't',
     .argument = "PATTERN",
     .parse = option_append,
     .target = offsetof(Options, tables),
     .group = GROUP_SELECTION,
     .help = "sample only these tables",
     .manual = "Sample only the tables that match, whatever -n and -N say. Can be given "
               "several times."},
    {.name = "exclude-table",
     .letter = 'T',
     .argument = "PATTERN",
     .parse = option_append,
     .target = offsetof(Options, exclude_tables),
     .group = GROUP_SELECTION,
     .help = "do not sample these tables",
     .manual = "Do not sample the tables that match, even if -t names them. Can be given "
               "several times."},
    {.name = "exclude-table-data",
     .argument = "PATTERN",
     .parse = option_append,
     .target = offsetof(Options, exclude_table_data),
     .group = GROUP_SELECTION,
     .help = "no rows at all from these tables",
     .manual =
         "Dump the definitions of the tables that match, but no rows. It is an error if "
         "a row of the sample refers to one of theirs; the rule PATTERN = 0 of --limit "
         "picks no rows either, but keeps those that other rows refer to. "
         "Materialized views that match are not refreshed. Can be given several times."},

    {.name = "data-only",
     .letter = 'a',
     FLAG(data_only),
     .group = GROUP_DUMP,
     .help = "dump only the rows, not the schema",
     .manual =
         "Dump only the rows, not the schema. Each table comes after those that it "
         "refers to; where foreign keys form a cycle, those that are DEFERRABLE are "
         "deferred. If that is not enough the cycle is reported, and the dump needs "
         "--disable-triggers."},
    {.name = "schema-only",
     .letter = 's',
     FLAG(schema_only),
     .group = GROUP_DUMP,
     .help = "dump only the schema, no rows"},
    {.name = "clean",
     .letter = 'c',
     FLAG(clean),
     .group = GROUP_DUMP,
     .help = "drop objects before they are created"},
    {.name = "if-exists",
     FLAG(if_exists),
     .group = GROUP_DUMP,
     .help = "use IF EXISTS to drop objects; needs -c"},
    {.name = "encoding",
     .letter = 'E',
     .argument = "ENCODING",
     .parse = option_set_name,
     .target = offsetof(Options, encoding),
     .group = GROUP_DUMP,
     .help = "encoding of the dump (default: the database's)",
     .manual = "The encoding of the dump. Without this option it is PGCLIENTENCODING, if "
               "set, or the encoding of the database."},
    {.name = "inserts",
     FLAG(inserts),
     .group = GROUP_DUMP,
     .help = "write INSERT commands, not COPY",
     .manual = "Write INSERT commands, not COPY. They take longer to restore."},
    {.name = "rows-per-insert",
     .argument = "N",
     .is_number = true,
     .parse = option_set_rows_per_insert,
     .group = GROUP_DUMP,
     .help = "rows per INSERT (default 100); implies --inserts",
     .manual = "The number of rows in one INSERT command, at least 1; 100 without this "
               "option. Implies --inserts."},
    {.name = "on-conflict-do-nothing",
     FLAG(on_conflict_do_nothing),
     .group = GROUP_DUMP,
     .help = "keep rows that are there; implies --inserts",
     .manual =
         "Add ON CONFLICT DO NOTHING to the INSERT commands: rows that the restored "
         "database has already, by any of its unique keys, stay as they are there (but "
         "a foreign key of a cycle is set where it is NULL), and "
         "sequences are not set back. With --data-only, for databases whose tables were "
         "made, and partly filled, by migrations. Implies --inserts."},
    {.name = "disable-triggers",
     FLAG(disable_triggers),
     .group = GROUP_DUMP,
     .help = "disable triggers at restore; needs -a",
     .manual = "Disable all triggers, those of foreign keys included, while rows are "
               "restored. Needs --data-only, and a superuser at the restore."},
    {.name = "no-transaction",
     FLAG(no_transaction),
     .group = GROUP_DUMP,
     .help = "do not make the dump one transaction",
     .manual =
         "Do not make the dump one transaction. If it was cut short on its way, what "
         "is left of it can then be restored without an error."},
    {.name = "no-refresh",
     FLAG(no_refresh),
     .group = GROUP_DUMP,
     .help = "do not refresh materialized views",
     .manual =
         "Do not refresh materialized views at the end of the restore: they stay "
         "unpopulated. To leave out only some, name them with --exclude-table-data."},
    {.name = "restore-search-path",
     .argument = "PATH",
     .parse = option_set_text,
     .target = offsetof(Options, restore_search_path),
     .group = GROUP_DUMP,
     .help = "restore rows under this search_path, or \"source\"",
     .manual = "Restore rows, indexes and constraints, and refresh materialized views, "
               "under this search_path; \"source\" stands for that of the session that "
               "takes the sample. Without this option the path is empty, as in dumps of "
               "pg_dump, and functions that do not name the schemas of what they use "
               "fail."},
    {.name = "no-owner",
     .letter = 'O',
     .group = GROUP_DUMP,
     .help = "leave out owners (the default)"},
    {.name = "owner",
     FLAG(owner),
     .group = GROUP_DUMP,
     .help = "restore the owners of objects"},
    {.name = "no-privileges",
     .letter = 'x',
     .group = GROUP_DUMP,
     .help = "leave out GRANT and REVOKE (the default)"},
    {.name = "privileges",
     FLAG(privileges),
     .group = GROUP_DUMP,
     .help = "restore privileges (GRANT and REVOKE)"},
    {.name = "no-tablespaces",
     .group = GROUP_DUMP,
     .help = "leave out tablespaces (the default)"},
    {.name = "tablespaces",
     FLAG(tablespaces),
     .group = GROUP_DUMP,
     .help = "restore into the source's tablespaces"},
    {.name = "superuser-objects",
     FLAG(superuser_objects),
     .group = GROUP_DUMP,
     .help = "keep what only a superuser can restore",
     .manual =
         "Keep what only a superuser can restore: event triggers, publications FOR ALL "
         "TABLES or IN SCHEMA, untrusted languages and extensions. They are otherwise "
         "left out, and named on standard error and in the header of the dump. "
         "Subscriptions are always left out."},

    {.name = "lock-timeout",
     .argument = "TIME",
     .is_number = true,
     .parse = option_set_lock_timeout,
     .group = GROUP_SERVER,
     .help = "how long to wait for locks (default: 30s)",
     .manual =
         "How long to wait for the lock of a table that somebody else has locked "
         "exclusively: whole seconds, or a number with a unit (ms, s, min, h, d). The "
         "default is 30s; 0 waits for ever. Whoever stands in the way is named."},
    {.name = "enable-row-security",
     FLAG(enable_row_security),
     .group = GROUP_SERVER,
     .help = "accept that row security hides rows",
     .manual =
         "Accept that row security hides rows. Without this option it is an error to "
         "read a table of which the user may not see every row."},
    {.name = "continue-on-error",
     FLAG(continue_on_error),
     .group = GROUP_SERVER,
     .help = "go on without tables that cannot be read",
     .manual =
         "If a table cannot be read (no privilege, a lock that is not to be had in time, "
         "damaged data), go on without its rows instead of ending. The dump says which "
         "are missing and why; foreign keys to them are NOT VALID if rows refer to what "
         "is missing, or left out with the table. The exit status is then 6."},

    {.name = "use-staging",
     FLAG(use_staging),
     .group = GROUP_STAGING,
     .help = "collect the sample in a schema on the server",
     .manual =
         "Use staging mode, however small the database is. Without this option it is "
         "used for large or complex databases. See STAGING."},
    {.name = "no-staging",
     FLAG(no_staging),
     .group = GROUP_STAGING,
     .help = "write nothing on the server, never",
     .manual = "Use direct mode, however large the database is: nothing is written on "
               "the server."},
    {.name = "staging-tables",
     .argument = "N",
     .is_number = true,
     .parse = option_set_number,
     .target = offsetof(Options, staging_tables),
     .group = GROUP_STAGING,
     .help = "staging for more than N tables (default 50)",
     .manual = "Use staging mode where more than N tables can get rows. The default is "
               "50."},
    {.name = "staging-fks",
     .argument = "N",
     .is_number = true,
     .parse = option_set_number,
     .target = offsetof(Options, staging_fks),
     .group = GROUP_STAGING,
     .help = "staging for more than N keys on a table (5)",
     .manual = "Use staging mode where one of these tables has more than N foreign keys. "
               "The default is 5."},
    {.name = "sample-schema",
     .argument = "NAME",
     .parse = option_set_name,
     .target = offsetof(Options, sample_schema),
     .group = GROUP_STAGING,
     .help = "staging schema (default: _pg_sample)",
     .manual = "The name of the staging schema, instead of _pg_sample; at most 63 bytes. "
               "Runs under different names can go on side by side."},
    {.name = "force",
     FLAG(force),
     .group = GROUP_STAGING,
     .help = "replace the staging schema of an earlier run",
     .manual =
         "If the staging schema exists, drop it first; but only one that pg-sample made "
         "and that no running pg-sample uses. Implies --use-staging, and ends the run if "
         "staging is not possible."},
    {.name = "keep",
     FLAG(keep),
     .group = GROUP_STAGING,
     .help = "keep the staging schema afterwards",
     .manual =
         "Keep the staging schema, to look at it or for --resume. It is kept as soon as "
         "the sample is complete and proved, whether or not the dump can be written. "
         "Implies --use-staging, and ends the run if staging is not possible."},
    {.name = "verify-only",
     FLAG(verify_only),
     .group = GROUP_STAGING,
     .help = "sample and prove, but write no dump",
     .manual =
         "Take the sample, prove every foreign key, report, and write no dump. Implies "
         "--use-staging, and ends the run if staging is not possible."},
    {.name = "resume",
     FLAG(resume),
     .group = GROUP_STAGING,
     .help = "write the dump of a kept staging schema",
     .manual =
         "Write the dump from a staging schema that was kept, or that a run left whole "
         "which was killed while it wrote, without reading the source again: the dump is "
         "as of the snapshot of that run. Options that say how the dump is written may "
         "differ from that run's; options that choose rows or tables are not allowed. "
         "What was kept stays; what was left over is dropped."},
    {.name = "cleanup",
     .argument = "drop",
     .is_optional = true,
     .parse = option_set_cleanup,
     .group = GROUP_STAGING,
     .help = "list (or drop) what killed runs left, and exit",
     .manual =
         "List the staging schemas in the database (with --sample-schema, that one) and "
         "what they are, and exit. With --cleanup=drop those are dropped whose run is "
         "dead and did not finish; never kept ones, or those in use or of another role."},
    {.name = NULL},
};
