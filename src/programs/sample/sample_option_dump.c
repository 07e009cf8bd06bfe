/* The options of pg-sample about the content of the dump. */
#include "programs/sample/sample_option_table.h"

#include "programs/sample/sample_option_value.h"

const OptionRow sample_option_dump[] = {
    {OPTION("data-only", 'a', NULL, WITH_SAMPLE), STORE(option_set_flag, data_only),
     .help = "dump only the data, not the schema",
     .manual = "Dump only the data, not the schema. Each table follows the tables that "
               "it references. In a cycle of foreign keys, deferrable ones are "
               "deferred, and nullable columns are loaded as NULL and set afterwards. "
               "If that does not resolve the cycle, it is reported, and the dump needs "
               "--disable-triggers."},
    {OPTION("schema-only", 's', NULL, WITH_SCHEMA_ONLY | WITH_NO_STAGING | WITH_PLAN),
     STORE(option_set_flag, schema_only), .help = "dump only the schema, no data"},
    {OPTION("clean", 'c', NULL, WITH_DUMP), STORE(option_set_flag, clean),
     .help = "clean (drop) database objects before recreating"},
    {OPTION("if-exists", 0, NULL, WITH_DUMP), STORE(option_set_flag, if_exists),
     .help = "use IF EXISTS when dropping objects; needs -c"},
    {OPTION("encoding", 'E', "ENCODING", WITH_ALL), STORE(option_set_name, encoding),
     .help = "dump the data in encoding ENCODING",
     .manual = "Encoding of the dump. The default is PGCLIENTENCODING if it is set, "
               "otherwise the encoding of the database."},
    {OPTION("inserts", 0, NULL, WITH_DUMPED_ROWS), STORE(option_set_flag, inserts),
     .help = "dump data as INSERT commands, rather than COPY",
     .manual = "Dump data as INSERT commands, rather than COPY. This makes restoration "
               "slower."},
    {OPTION("rows-per-insert", 0, "N", WITH_DUMPED_ROWS), .is_number = true,
     .parse = option_set_rows_per_insert, .help = "rows per INSERT (default: 100)",
     .manual = "Number of rows per INSERT command, at least 1. The default is 100. "
               "Implies --inserts."},
    {OPTION("on-conflict-do-nothing", 0, NULL, WITH_DUMPED_ROWS),
     STORE(option_set_flag, on_conflict_do_nothing),
     .help = "add ON CONFLICT DO NOTHING to INSERT commands",
     .manual = "Add ON CONFLICT DO NOTHING to the INSERT commands. Rows whose key, by "
               "any unique constraint, exists in the restored database stay as they are "
               "there (but the columns of a foreign key in a cycle are set where they "
               "are NULL), and sequences are not set back. Use it with --data-only to "
               "restore into a database whose tables were created, and partly filled, "
               "by migrations. Implies --inserts."},
    {OPTION("disable-triggers", 0, NULL, WITH_DUMPED_ROWS),
     STORE(option_set_flag, disable_triggers),
     .help = "disable triggers during restore; needs -a",
     .manual = "Disable all triggers, including those of foreign keys, while data is "
               "restored. Requires --data-only, and a superuser for the restore."},
    {OPTION("no-transaction", 0, NULL, WITH_DUMP), STORE(option_set_flag, no_transaction),
     .help = "do not restore in a single transaction",
     .manual = "Do not make the dump a single transaction. A dump that was truncated "
               "can then be restored, up to that point, without an error."},
    {OPTION("no-refresh", 0, NULL, WITH_DUMP), STORE(option_set_flag, no_refresh),
     .help = "do not refresh materialized views",
     .manual = "Do not refresh materialized views at the end of the restore; they stay "
               "unpopulated. To skip only some of them, name these with "
               "--exclude-table-data."},
    {OPTION("restore-search-path", 0, "PATH", WITH_SAMPLE),
     STORE(option_set_text, restore_search_path),
     .help = "search_path during restore, or \"source\"",
     .manual = "Set search_path while rows, indexes and constraints are restored and "
               "materialized views are refreshed; \"source\" stands for the search_path "
               "of the session that takes the sample. By default it is empty, as in "
               "dumps of pg_dump, and functions that rely on search_path fail."},
    {OPTION("no-owner", 'O', NULL, WITH_DUMP),
     .help = "do not restore object ownership (the default)"},
    {OPTION("owner", 0, NULL, WITH_DUMP), STORE(option_set_flag, owner),
     .help = "restore object ownership"},
    {OPTION("no-privileges", 'x', NULL, WITH_DUMP),
     .help = "do not dump privileges (the default)"},
    {OPTION("privileges", 0, NULL, WITH_DUMP), STORE(option_set_flag, privileges),
     .help = "dump privileges (GRANT and REVOKE)"},
    {OPTION("no-tablespaces", 0, NULL, WITH_DUMP),
     .help = "do not dump tablespaces (the default)"},
    {OPTION("tablespaces", 0, NULL, WITH_DUMP), STORE(option_set_flag, tablespaces),
     .help = "dump tablespace assignments"},
    {OPTION("superuser-objects", 0, NULL, WITH_DUMP),
     STORE(option_set_flag, superuser_objects),
     .help = "include objects that require a superuser",
     .manual = "Include objects that only a superuser can restore: event triggers, "
               "publications FOR ALL TABLES or FOR TABLES IN SCHEMA, and untrusted "
               "languages and extensions. By default they are omitted, and listed on "
               "standard error and in the header of the dump. Subscriptions are always "
               "omitted."},
    {.name = NULL},
};
