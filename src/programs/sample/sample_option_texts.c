#include "programs/sample/sample_option_table.h"

static const char *const group_titles[N_OPTION_GROUPS] = {
    [GROUP_GENERAL] = "General options",
    [GROUP_CONNECTION] = "Connection options",
    [GROUP_ROWS] = "Options controlling which rows are picked",
    [GROUP_SUBSETS] = "Options controlling slices",
    [GROUP_SELECTION] = "Options controlling which tables are sampled",
    [GROUP_DUMP] = "Options controlling the content of the dump",
    [GROUP_SERVER] = "Options controlling access to the source",
    [GROUP_STAGING] = "Options controlling staging mode",
};

const OptionTable option_table = {
    .program = "pg-sample",
    .summary =
        "pg-sample writes a small, consistent sample of a PostgreSQL database as SQL.",
    .operands = "[DBNAME | CONNINFO | URI]",
    .epilogue =
        "RULES is a list of PATTERN = ROWS separated by commas; the first match\n"
        "applies. PATTERN is a psql pattern; ROWS is a number, a percentage, * (all\n"
        "rows) or an SQL condition:\n"
        "  --limit='orders = 5%, customer = newsletter, warehouse.* = 0, * = 100'\n"
        "\n"
        "If no database name is supplied, then the PGDATABASE environment variable\n"
        "value is used. See \"man pg-sample\" for details.\n",
    .group_titles = group_titles,
    .n_groups = N_OPTION_GROUPS,
    .rows = option_rows,
    .foreign = option_foreign,
    .conflicts = option_conflicts,
    .needs = option_needs,
};
