/* The options of pg-sample-load about what is loaded, and how. */
#include "programs/load/load_option_table.h"

#include "programs/load/load_option_value.h"

const OptionRow load_option_sources[] = {
    {OPTION("source", 0, "SOURCE", LOAD_WITH_ALL), .parse = load_add_source,
     .help = "same as the argument SOURCE; repeatable",
     .manual = "What to load: FILE, TABLE=FILE, a directory with one file per table, or "
               "- for standard input; FILE can be a URL, see OBJECT STORES. This is the "
               "same as an argument without an option. Can be given several times. With "
               "--batch-id, it is the directory that contains staging/ID, once; the "
               "default is the current directory."},
    {OPTION("file", 0, "TABLE=PATH", LOAD_WITH_ALL), .parse = load_add_file,
     .help = "load a file into a table; repeatable",
     .manual = "Load the file or URL PATH, or standard input for -, into TABLE. Can be "
               "given several times."},
    {OPTION("format", 0, "auto|csv|copy|pg-sample|json|jsonl", LOAD_WITH_READING),
     STORE(option_set_word, input.format),
     .help = "format of the sources (default: auto)",
     .manual = "Format of the sources: CSV, the text format of COPY, a dump written by "
               "pg-sample or pg_dump, JSON, or JSON with one record a line (jsonl). By "
               "default (auto), the name of the file determines the format, or else the "
               "beginning of its contents: that of a dump, a brace or bracket of JSON, "
               "or CSV."},
    {OPTION("csv-delimiter", 0, "C", LOAD_WITH_READING),
     STORE(load_set_character, input.delimiter),
     .help = "character between fields (default: comma)",
     .manual = "Character that separates fields of CSV: an ASCII character, or tab. The "
               "default is a comma."},
    {OPTION("csv-quote", 0, "C", LOAD_WITH_READING),
     STORE(load_set_character, input.quote),
     .help = "character that quotes fields (default: \")",
     .manual = "Character that quotes fields of CSV. The default is a double quote. "
               "Within a quoted field, it is doubled."},
    {OPTION("csv-escape", 0, "C", LOAD_WITH_READING),
     STORE(load_set_character, csv_escape),
     .help = "escape character; must be the quote character",
     .manual = "Character that escapes the quote character within quoted fields. Only "
               "the quote character itself is supported."},
    {OPTION("csv-null", 0, "TEXT", LOAD_WITH_READING),
     STORE(option_set_text, input.null_text),
     .help = "unquoted text that means NULL (default: empty)",
     .manual = "Unquoted text that represents NULL in CSV. The default is the empty "
               "string."},
    {OPTION("csv-header", 0, NULL, LOAD_WITH_READING),
     STORE(option_set_flag, input.has_copy_header),
     .help = "the first record contains the column names",
     .manual = "The first record contains the column names. This is the default for "
               "CSV, but not for COPY text."},
    {OPTION("no-csv-header", 0, NULL, LOAD_WITH_READING),
     STORE(option_set_flag, input.has_no_header), .help = "the first record is data",
     .manual = "The first record is data: fields are in the order of the columns of the "
               "table."},
    {OPTION("encoding", 'E', "ENCODING", LOAD_WITH_LOAD),
     STORE(option_set_name, settings.encoding),
     .help = "encoding of the sources (default: UTF8)",
     .manual = "Encoding of the sources. The default is the encoding that a dump "
               "declares, and UTF8 for other sources. For a dump that declares another "
               "encoding, this option takes precedence, with a warning."},
    {OPTION("map", 0, "FILECOL:DBCOL,...", LOAD_WITH_READING), .parse = load_set_setting,
     .help = "map columns of the file to columns of the table",
     .manual = "Columns that have different names in the file and in the table, "
               "separated by commas. A name that contains a comma or a colon must be in "
               "double quotes."},
    {OPTION("ignore-unknown-columns", 0, NULL, LOAD_WITH_READING),
     .parse = load_set_setting, .help = "ignore columns that the table does not have",
     .manual = "Ignore columns of the file that do not exist in the table, or are "
               "generated there. By default, they are an error."},
    {OPTION("data-member", 0, "[T=]NAME|none", LOAD_WITH_READING),
     .parse = load_set_table_setting,
     .help = "JSON member with the record (default: data)",
     .manual = "The member of JSON objects that contains the record, for the table T or "
               "all tables; none: the object itself is the record, as is an object "
               "without this member. The default is data, and none if the table has a "
               "column of that name."},
    {OPTION("table-name", 't', "TABLE", LOAD_WITH_READING), STORE(load_add_table, tables),
     .help = "load only these tables; repeatable",
     .manual = "Load only this table of the sources, given as TABLE or SCHEMA.TABLE. "
               "Can be given several times."},
    {OPTION("exclude-table", 'T', "PATTERN", LOAD_WITH_READING),
     STORE(option_append, exclude_tables),
     .help = "do not load the specified table(s); repeatable",
     .manual = "Do not load the tables of the sources that match, even if -t names "
               "them; they need not exist. Patterns are those of psql: [SCHEMA.]NAME, "
               "with * and ?, folded to lower case outside double quotes. Can be given "
               "several times."},
    {.name = NULL},
};

const OptionRow load_option_changes[] = {
    {OPTION("mode", 0, MODE_WORDS, LOAD_WITH_LOAD), .parse = load_set_setting,
     .help = "how the sources relate to the table",
     .manual = "What the sources contain: rows to insert or update (incremental, the "
               "default); the whole table, so that rows missing from the sources are "
               "deleted (full); the whole slice given by --slice (slice); or rows to "
               "insert regardless of existing ones (append)."},
    {OPTION("slice", 0, "COLUMN=VALUE,...", LOAD_WITH_LOAD), .parse = load_set_setting,
     .help = "the sources contain this slice of the table",
     .manual = "The sources contain all rows of the table whose COLUMN has one of the "
               "values; other rows are left unchanged. If this option is given several "
               "times, the slice consists of the rows that satisfy all of them. Implies "
               "--mode=slice."},
    {OPTION("strategy", 0, STRATEGY_WORDS, LOAD_WITH_LOAD), .parse = load_set_setting,
     .help = "changes to make (default: upsert)",
     .manual = "Which changes are made: insert new rows and update existing ones "
               "(upsert, the default), or only one of the two."},
    {OPTION("conflict", 0, CONFLICT_WORDS, LOAD_WITH_LOAD), .parse = load_set_setting,
     .help = "which values an update keeps (default: replace)",
     .manual = "What updates do with the values of an existing row: keep them where the "
               "record has NULL (merge), replace them (replace, the default), or keep "
               "all of them, so that only new rows are inserted (skip). With --batch-id, "
               "merge is the default."},
    {OPTION("immutable-fields", 0, "[T=]COLUMN,...", LOAD_WITH_LOAD),
     .parse = load_set_table_setting, .help = "columns that updates do not change",
     .manual = "Columns that keep their values in existing rows, even if these are NULL, "
               "of the table T or of all tables. They are written only when a row is "
               "inserted."},
    {OPTION("immutable", 0, IMMUTABLE_WORDS, LOAD_WITH_LOAD), .parse = load_set_setting,
     .help = "what other values for them do (default: keep)",
     .manual = "What to do with a record that has another value for an immutable "
               "column: keep the value of the row and warn (keep, the default), or "
               "reject the record (reject)."},
    {OPTION("updated-at-column", 0, "[T=]COLUMN|none", LOAD_WITH_LOAD),
     .parse = load_set_table_setting, .help = "column to set to the time of an update",
     .manual = "A column that is set to the time of the commit in each row that is "
               "updated. The value of a record counts only for a new row. The default "
               "is none; with --batch-id, updated_at if the table has it."},
    {OPTION("soft-delete", 0, "[T=]BOOL", LOAD_WITH_LOAD), .is_optional = true,
     .parse = load_set_table_setting, .help = "mark absent rows instead of deleting them",
     .manual = "With --mode=full or --mode=slice, set the column of --deleted-at-column "
               "in rows that are missing from the sources, instead of deleting them. In "
               "every mode, a row whose key is in the sources is unmarked. BOOL is true "
               "(the default) or false."},
    {OPTION("deleted-at-column", 0, "[T=]COLUMN", LOAD_WITH_LOAD),
     .parse = load_set_table_setting,
     .help = "column that marks rows (default: deleted_at)",
     .manual = "The column that --soft-delete sets to the time of the commit, and to "
               "NULL again when the key returns. The default is deleted_at."},
    {OPTION("audit", 0, "[T=]BOOL", LOAD_WITH_COMMIT), .is_optional = true,
     .parse = load_set_table_setting, .help = "record each change in a table audit_log",
     .manual = "Write a row to the table audit_log for each row that the load inserts, "
               "updates or deletes in the table T or in all tables, with its old and new "
               "values as JSON, in the transaction of the commit. BOOL is true (the "
               "default) or false. See AUDIT AND UNDO."},
    {OPTION("undo", 0, "[T=]BOOL", LOAD_WITH_LOAD), .is_optional = true,
     .parse = load_set_table_setting,
     .help = "keep the rows as they were, to undo the load",
     .manual =
         "Keep the old and the new rows of what the load changes in the table T or "
         "in all tables, so that it can be undone. BOOL is true (the default) or "
         "false. With --batch-id, undo is kept unless that is impossible. See AUDIT "
         "AND UNDO."},
    {OPTION("no-undo", 0, NULL, LOAD_WITH_LOAD), .parse = load_set_no_undo,
     .help = "same as --undo=false"},
    {OPTION("natural-key", 0, "[T=]COLUMN,...", LOAD_WITH_LOAD),
     .parse = load_set_table_setting, .help = "columns that identify a row",
     .manual = "The columns that identify a row, of the table T or of all tables. The "
               "default is the primary key, or else the only unique index on columns "
               "that are NOT NULL."},
    {OPTION("timestamp-column", 0, "[T=]COLUMN|none", LOAD_WITH_LOAD),
     .parse = load_set_table_setting,
     .help = "never overwrite newer rows with older ones",
     .manual = "The column that determines the age of a row: older rows never overwrite "
               "newer ones. The default is captured_at if file and table have this "
               "column and it contains dates, times or numbers; none disables the "
               "comparison."},
    {OPTION("timestamp-compare", 0, "'>='|'>'", LOAD_WITH_LOAD),
     .parse = load_set_setting, .help = "overwrite equal timestamps or not (default: >=)",
     .manual = "Whether a row overwrites one with an equal timestamp (>=, the default) "
               "or not (>)."},
    {OPTION("timestamp-nulls", 0, NULLS_WORDS, LOAD_WITH_LOAD), .parse = load_set_setting,
     .help = "age of NULL timestamps (default: oldest)",
     .manual = "Whether a row whose timestamp is NULL is older than all others (oldest, "
               "the default) or newer (newest)."},
    {OPTION("on-duplicate", 0, DUPLICATES_WORDS, LOAD_WITH_LOAD),
     .parse = load_set_setting, .help = "which row of equal keys to load (default: last)",
     .manual = "Which of several rows with equal keys is loaded if timestamps do not "
               "decide: the last one in the sources (the default) or the first one. "
               "With error, equal keys are an error, whatever the timestamps."},
    {.name = NULL},
};

const OptionRow load_option_checks[] = {
    {OPTION("dry-run", 0, "plan|execute", LOAD_WITH_COMMIT_STAGED | LOAD_WITH_UNDOING),
     .is_optional = true, .parse = load_set_dry_run,
     .help = "count the changes, but do not make them",
     .manual = "Stage, check, and count the changes, without changing the table (plan, "
               "the default). With execute, the commit is performed and rolled back, so "
               "that triggers fire and deferred constraints are checked."},
    {OPTION("check-only", 0, NULL, LOAD_WITH_COMMIT_STAGED | LOAD_WITH_UNDOING),
     STORE(option_set_flag, check_only), .help = "same as --dry-run=plan"},
    {OPTION("max-errors", 0, "N|N%", LOAD_WITH_LOAD), .is_number = true,
     .parse = load_set_max_errors, .help = "maximum number of rejected rows (default: 0)",
     .manual = "Maximum number of rows that can be rejected, or maximum percentage of "
               "all rows. The default is 0: nothing is loaded if any row is rejected."},
    {OPTION("rejects-file", 0, "FILE", LOAD_WITH_LOAD),
     STORE(option_set_output, settings.rejects_file),
     .help = "write rejected rows to FILE",
     .manual = "Write rejected rows to FILE, each with its source, record, column and "
               "reason."},
    {OPTION("max-delete-pct", 0, "N", LOAD_WITH_LOAD), .is_number = true,
     STORE(load_set_percent, settings.max_delete_pct),
     .help = "maximum percentage of deletes (default: 20)",
     .manual = "Maximum percentage of the rows of the table or slice that can be "
               "deleted because they are missing from the sources. The default is 20; "
               "100 allows all."},
    {OPTION("min-rows", 0, "N", LOAD_WITH_LOAD), .is_number = true,
     STORE(option_set_count, settings.min_rows),
     .help = "minimum number of rows (default: 1)",
     .manual = "Minimum number of rows in all sources together. The default is 1: an "
               "empty file is not loaded."},
    {OPTION("expect", 0, "[T=]N", LOAD_WITH_LOAD), .parse = load_set_table_setting,
     .help = "exact number of rows",
     .manual = "Number of rows that the sources must contain for the table T, or for "
               "each table."},
    {OPTION("check", 0, "[NAME:] SQL", LOAD_WITH_LOAD), .parse = load_set_setting,
     .help = "query that must return no rows; repeatable",
     .manual = "A query that must return no rows, executed before the commit. In the "
               "query, {staging} stands for the table of the new rows, and {target} for "
               "the table being loaded. NAME is used in messages. Can be given several "
               "times."},
    {OPTION("allow-cascade", 0, NULL, LOAD_WITH_COMMIT),
     STORE(option_set_flag, settings.allow_cascade),
     .help = "let deletes affect rows of other tables",
     .manual = "Let deletes affect rows of other tables through foreign keys with ON "
               "DELETE CASCADE, SET NULL or SET DEFAULT. By default, such rows are an "
               "error."},
    {OPTION("allow-same-database", 0, NULL, LOAD_WITH_LOAD),
     STORE(option_set_flag, settings.allow_same_database),
     .help = "load a dump into the database it was taken from",
     .manual = "Load a dump of pg-sample into the database that it was taken from, or "
               "into a physical copy of that database. By default, this is an error, "
               "since the rows might be outdated or meant for another database. A "
               "masked dump can never be loaded into it."},
    {OPTION("allow-unknown-source", 0, NULL, LOAD_WITH_LOAD),
     STORE(option_set_flag, settings.allow_unknown_source),
     .help = "load a masked dump of an unknown database",
     .manual = "Load a masked dump although it does not say of which database it is, or "
               "the role may not ask which one the target is. By default, this is an "
               "error, since it might be the same one."},
    {OPTION("allow-mixed-masks", 0, NULL, LOAD_WITH_LOAD),
     STORE(option_set_flag, settings.allow_mixed_masks),
     .help = "load rows beside differently masked ones",
     .manual = "Load rows of a dump although rows in the same table, or in one that a "
               "foreign key connects with it, are masked in another way, not masked, or "
               "not known to be masked. See MASKED DUMPS."},
    {.name = NULL},
};

const OptionRow load_option_commit[] = {
    {OPTION("apply", 0, APPLY_WORDS, LOAD_WITH_LOAD), .parse = load_set_setting,
     .help = "how changes are applied (default: auto)",
     .manual = "How changes are applied: write only rows that differ (diff; auto means "
               "diff where possible); delete and insert all rows of the table or slice "
               "(delete-insert); truncate the table (truncate) or replace it by a new "
               "one (swap), both with --mode=full only; or write rows without staging "
               "tables (direct)."},
    {OPTION("lock-timeout", 0, "TIME", LOAD_WITH_COMMIT), .is_number = true,
     STORE(option_set_timeout, settings.lock_timeout),
     .help = "maximum wait for a lock (default: 2s)",
     .manual = "Maximum time that the commit waits for a lock before it is rolled back "
               "and retried: a number of seconds, or a number with the unit ms, s, min, "
               "h or d. The default is 2s; 0 disables the timeout."},
    {OPTION("transaction-timeout", 0, "TIME", LOAD_WITH_COMMIT), .is_number = true,
     STORE(option_set_timeout, settings.transaction_timeout),
     .help = "maximum duration of the commit (default: 300s)",
     .manual = "Maximum duration of the transaction of the commit, in the same format. "
               "The default is 300s; 0 disables the timeout."},
    {OPTION("max-retries", 0, "N", LOAD_WITH_ALL), .is_number = true,
     STORE(option_set_number, settings.max_retries),
     .help = "maximum number of retries (default: 3)",
     .manual = "How many times the commit is retried after a lock timeout, a deadlock, "
               "a serialization failure or a lost connection, and the connection while "
               "the server is starting up, with increasing pauses. The default is 3."},
    {.name = NULL},
};
