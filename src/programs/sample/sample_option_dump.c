/* The options of pg-sample about the content of the dump. */
#include "programs/sample/sample_option_table.h"

#include "programs/sample/sample_option_value.h"

const OptionRow sample_option_dump[] = {
    {.name = "data-only",
     .letter = 'a',
     STORE(option_set_flag, data_only),
     .modes = WITH_SAMPLE,
     .help = "dump only the data, not the schema",
     .manual = "Dump only the data, not the schema. Each table follows the tables that "
               "it references. In a cycle of foreign keys, deferrable ones are "
               "deferred, and nullable columns are loaded as NULL and set afterwards. "
               "If that does not resolve the cycle, it is reported, and the dump needs "
               "--disable-triggers."},
    {.name = "schema-only",
     .letter = 's',
     STORE(option_set_flag, schema_only),
     .modes = WITH_SCHEMA_ONLY | WITH_NO_STAGING | WITH_PLAN,
     .help = "dump only the schema, no data"},
    {.name = "clean",
     .letter = 'c',
     STORE(option_set_flag, clean),
     .modes = WITH_DUMP,
     .help = "clean (drop) database objects before recreating"},
    {.name = "if-exists",
     STORE(option_set_flag, if_exists),
     .modes = WITH_DUMP,
     .help = "use IF EXISTS when dropping objects; needs -c"},
    {.name = "encoding",
     .letter = 'E',
     .argument = "ENCODING",
     STORE(option_set_name, encoding),
     .modes = WITH_ALL,
     .help = "dump the data in encoding ENCODING",
     .manual = "Encoding of the dump. The default is PGCLIENTENCODING if it is set, "
               "otherwise the encoding of the database."},
    {.name = "inserts",
     STORE(option_set_flag, inserts),
     .modes = WITH_DUMPED_ROWS,
     .help = "dump data as INSERT commands, rather than COPY",
     .manual = "Dump data as INSERT commands, rather than COPY. This makes restoration "
               "slower."},
    {.name = "rows-per-insert",
     .argument = "N",
     .is_number = true,
     .parse = option_set_rows_per_insert,
     .modes = WITH_DUMPED_ROWS,
     .help = "rows per INSERT (default: 100)",
     .manual = "Number of rows per INSERT command, at least 1. The default is 100. "
               "Implies --inserts."},
    {.name = "on-conflict-do-nothing",
     STORE(option_set_flag, on_conflict_do_nothing),
     .modes = WITH_DUMPED_ROWS,
     .help = "add ON CONFLICT DO NOTHING to INSERT commands",
     .manual = "Add ON CONFLICT DO NOTHING to the INSERT commands. Rows whose key, by "
               "any unique constraint, exists in the restored database stay as they are "
               "there (but the columns of a foreign key in a cycle are set where they "
               "are NULL), and sequences are not set back. Use it with --data-only to "
               "restore into a database whose tables were created, and partly filled, "
               "by migrations. Implies --inserts."},
    {.name = "disable-triggers",
     STORE(option_set_flag, disable_triggers),
     .modes = WITH_DUMPED_ROWS,
     .help = "disable triggers during restore; needs -a",
     .manual = "Disable all triggers, including those of foreign keys, while data is "
               "restored. Requires --data-only, and a superuser for the restore."},
    {.name = "no-transaction",
     STORE(option_set_flag, no_transaction),
     .modes = WITH_DUMP,
     .help = "do not restore in a single transaction",
     .manual = "Do not make the dump a single transaction. A dump that was truncated "
               "can then be restored, up to that point, without an error."},
    {.name = "no-refresh",
     STORE(option_set_flag, no_refresh),
     .modes = WITH_DUMP,
     .help = "do not refresh materialized views",
     .manual = "Do not refresh materialized views at the end of the restore; they stay "
               "unpopulated. To skip only some of them, name these with "
               "--exclude-table-data."},
    {.name = "restore-search-path",
     .argument = "PATH",
     STORE(option_set_text, restore_search_path),
     .modes = WITH_SAMPLE,
     .help = "search_path during restore, or \"source\"",
     .manual = "Set search_path while rows, indexes and constraints are restored and "
               "materialized views are refreshed; \"source\" stands for the search_path "
               "of the session that takes the sample. By default it is empty, as in "
               "dumps of pg_dump, and functions that rely on search_path fail."},
    {.name = "no-owner",
     .letter = 'O',
     .modes = WITH_DUMP,
     .help = "do not restore object ownership (the default)"},
    {.name = "owner",
     STORE(option_set_flag, owner),
     .modes = WITH_DUMP,
     .help = "restore object ownership"},
    {.name = "no-privileges",
     .letter = 'x',
     .modes = WITH_DUMP,
     .help = "do not dump privileges (the default)"},
    {.name = "privileges",
     STORE(option_set_flag, privileges),
     .modes = WITH_DUMP,
     .help = "dump privileges (GRANT and REVOKE)"},
    {.name = "no-tablespaces",
     .modes = WITH_DUMP,
     .help = "do not dump tablespaces (the default)"},
    {.name = "tablespaces",
     STORE(option_set_flag, tablespaces),
     .modes = WITH_DUMP,
     .help = "dump tablespace assignments"},
    {.name = "superuser-objects",
     STORE(option_set_flag, superuser_objects),
     .modes = WITH_DUMP,
     .help = "include objects that require a superuser",
     .manual = "Include objects that only a superuser can restore: event triggers, "
               "publications FOR ALL TABLES or FOR TABLES IN SCHEMA, and untrusted "
               "languages and extensions. By default they are omitted, and listed on "
               "standard error and in the header of the dump. Subscriptions are always "
               "omitted."},
    {.name = NULL},
};
