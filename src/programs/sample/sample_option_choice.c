/* The options of pg-sample about which rows and tables are sampled. */
#include "programs/sample/sample_option_table.h"

#include "programs/sample/sample_option_value.h"

const OptionRow sample_option_picks[] = {
    {OPTION("limit", 0, "RULES", WITH_ROWS), STORE(option_append, limits),
     .help = "number of rows to pick, by table; repeatable",
     .manual = "Which rows, or how many, are picked from which tables: a list of rules "
               "separated by commas. The first rule that matches a table applies. See "
               "RULES. Can be given several times; the lists are read one after the "
               "other. If no rule matches a table, 100 rows of it are picked, or none "
               "in a slice."},
    {OPTION("ordered", 0, "desc|asc", WITH_ROWS), .is_optional = true,
     .parse = option_set_ordered, .help = "pick newest (or oldest) rows by primary key",
     .manual = "Where a rule takes only some of the rows, pick the newest (desc, the "
               "default) or the oldest (asc) by primary key, comparing its columns in "
               "the order of the key. The rows of each table are written in ascending "
               "order of the key. A table without a primary key keeps the order in "
               "which it is stored."},
    {OPTION("ordered-asc", 0, NULL, WITH_ROWS), .parse = option_set_oldest,
     .help = "same as --ordered=asc"},
    {OPTION("ordered-desc", 0, NULL, WITH_ROWS), .parse = option_set_newest,
     .help = "same as --ordered=desc"},
    {OPTION("random", 0, "SEED|stable", WITH_ROWS), .is_optional = true,
     .is_number = true, .parse = option_set_random, .help = "pick rows at random",
     .manual = "Where a rule takes only some of the rows, pick them at random, all with "
               "the same probability. SEED is an integer from 0 to "
               "18446744073709551615; the same seed picks the same rows as long as the "
               "database does not change. Without a seed, one is chosen at random and "
               "recorded in the header of the dump. With stable, rows are picked by a "
               "hash of their key: 1% is then a subset of 5%, and a sample taken after "
               "the database has changed has most rows in common with the previous one."},
    {.name = NULL},
};

const OptionRow sample_option_subsets[] = {
    {OPTION("root", 0, "RULE", WITH_ROWS), STORE(option_append, subset.roots),
     .help = "root rows of a slice, included with children",
     .manual = "Root rows of a slice: a rule as in --limit, or TABLE:KEY,KEY... for "
               "rows identified by key. The sample contains the root rows, the rows "
               "that reference them (their children), the children of these, and so on, "
               "and all rows that any of these reference. Only rows of tables named by "
               "--limit are picked in addition. Can be given several times, with one "
               "rule each."},
    {OPTION("root-file", 0, "TABLE=FILE", WITH_ROWS),
     STORE(option_append, subset.root_files),
     .help = "root rows identified by values in a CSV file",
     .manual = "Root rows of TABLE, identified by the values in FILE (- for standard "
               "input): CSV with a header that names columns of the table, which need "
               "not be key columns. Can be given several times."},
    {OPTION("missing", 0, "error|warn", WITH_ROWS), .parse = option_set_missing,
     .help = "error or warning if a root matches no row",
     .manual = "What to do if a key in --root or --root-file, a rule of --root, or a "
               "--where-column without --root and --root-file matches no row: exit "
               "with an error (the default), or print a warning."},
    {OPTION("children", 0, "RULES", WITH_ROWS), STORE(option_append, subset.children),
     .help = "maximum number of children per row; repeatable",
     .manual = "Maximum number of children of each root row and of each child, by "
               "foreign key: a list of PATTERN = N separated by commas. PATTERN matches "
               "the referencing table or the foreign key; N is a number, * for all (the "
               "default) or 0 for none. The first N children by key are included, the "
               "newest with --ordered, or a random selection with --random. A rule that "
               "names a foreign key takes precedence over one that names a table, and "
               "that over one with wildcards."},
    {OPTION("depth", 0, "N", WITH_ROWS), .is_number = true,
     STORE(option_set_number, subset.depth),
     .help = "maximum number of generations of children",
     .manual = "Maximum number of generations of children; 0 includes no children. By "
               "default, there is no limit."},
    {OPTION("lookup-rows", 0, "N", WITH_ROWS), .is_number = true,
     STORE(option_set_number, subset.lookup_rows),
     .help = "include referenced tables of up to N rows whole",
     .manual = "Include all rows of each referenced table that has at most N rows, such "
               "as a table of countries. A rule of --limit that names the table takes "
               "precedence. The default is 0, which includes no table as a whole."},
    {OPTION("where-column", 0, "CONDITION", WITH_ROWS),
     STORE(option_append, subset.where_columns),
     .help = "filter for all tables that have the column",
     .manual = "A condition that begins with the name of a column, such as 'tenant_id = "
               "7'. In every table with that column, only rows that satisfy the "
               "condition are picked or included as children. Without --root and "
               "--root-file, all rows that satisfy it are root rows. Referenced rows "
               "are included whether they satisfy it or not; the report counts those "
               "that do not. Can be given several times."},
    {OPTION("reference", 0, "REFERENCE", WITH_ROWS),
     STORE(option_append, subset.references),
     .help = "follow a reference that is not a foreign key",
     .manual =
         "Follow a reference that is not declared as a foreign key: "
         "'orders(customer_email) -> customers(email)'. The left side can contain "
         "expressions, and \"when CONDITION\" at the end restricts the reference to "
         "rows that satisfy the condition. Values without a matching row are "
         "reported. Can be given several times."},
    {OPTION("ignore-fk", 0, "PATTERN", WITH_ROWS), STORE(option_append, subset.ignored),
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
    {OPTION("max-rows", 0, "N", WITH_ROWS), .is_number = true,
     STORE(option_set_positive, subset.max_rows),
     .help = "fail if the sample has more than N rows",
     .manual = "If the sample has more than N rows, write nothing and exit with an "
               "error that shows through which foreign keys the rows were included."},
    {OPTION("max-size", 0, "SIZE", WITH_ROWS), .is_number = true,
     STORE(option_set_size, subset.max_size),
     .help = "fail if the sample is larger, such as 200MB",
     .manual = "The same for the size of the rows in the dump: a number of bytes, or a "
               "number with the unit kB, MB or GB."},
    {OPTION("explain", 0, "TABLE:KEY", WITH_ROWS), STORE(option_append, subset.explain),
     .help = "print the provenance of a row",
     .manual = "Print on standard error why the row with this key is in the sample: the "
               "chain of references from a root row or a picked row to this row. Can be "
               "given several times."},
    {OPTION("explain-edges", 0, NULL, WITH_ROWS),
     STORE(option_set_flag, subset.explain_keys),
     .help = "print how many rows each foreign key included",
     .manual = "For each foreign key and direction, print on standard error how many "
               "rows were included through it, through how many rows, and through which "
               "row the most."},
    {.name = NULL},
};

const OptionRow sample_option_selection[] = {
    {OPTION("schema", 'n', "PATTERN", WITH_TABLES), STORE(option_append, schemas),
     .help = "sample the specified schema(s) only",
     .manual = "Sample only the tables in schemas that match. Can be given several "
               "times. Rows that are referenced in other schemas are included together "
               "with the definitions of their tables, and a notice names these tables; "
               "the same applies to -N, -t and -T."},
    {OPTION("exclude-schema", 'N', "PATTERN", WITH_TABLES),
     STORE(option_append, exclude_schemas),
     .help = "do not sample the specified schema(s)",
     .manual = "Do not sample the tables in schemas that match. Can be given several "
               "times."},
    {OPTION("table", 't', "PATTERN", WITH_TABLES), STORE(option_append, tables),
     .help = "sample the specified table(s) only",
     .manual = "Sample only the tables that match, regardless of -n and -N. Can be "
               "given several times."},
    {OPTION("exclude-table", 'T', "PATTERN", WITH_TABLES),
     STORE(option_append, exclude_tables), .help = "do not sample the specified table(s)",
     .manual = "Do not sample the tables that match, even if they match -t. Can be "
               "given several times."},
    {OPTION("exclude-table-data", 0, "PATTERN", WITH_TABLES),
     STORE(option_append, exclude_table_data),
     .help = "do not dump rows of the specified table(s)",
     .manual = "Dump the definitions of the tables that match, but no rows. It is an "
               "error if a row of the sample references a row of such a table; to pick "
               "no rows but include referenced rows, use the rule PATTERN = 0 of "
               "--limit instead. Materialized views that match are not refreshed. Can "
               "be given several times."},
    {.name = NULL},
};
