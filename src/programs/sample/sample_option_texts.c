#include "programs/sample/sample_option_table.h"

static const char *const group_titles[N_OPTION_GROUPS] = {
    [GROUP_GENERAL] = "General options",
    [GROUP_CONNECTION] = "Connection options",
    [GROUP_ROWS] = "Options that pick rows",
    [GROUP_SLICES] = "Options that cut out slices",
    [GROUP_SELECTION] = "Options that select tables",
    [GROUP_DUMP] = "Options for what the dump holds",
    [GROUP_SERVER] = "Options for reading the source",
    [GROUP_STAGING] = "Options for staging mode",
};

const OptionTable option_table = {
    .program = "pg-sample",
    .summary =
        "pg-sample writes a small, consistent sample of a PostgreSQL database as SQL.",
    .operands = "[DBNAME | CONNINFO | URI]",
    .epilogue =
        "RULES are PATTERN = ROWS, separated by commas; the first that matches counts.\n"
        "PATTERN is psql's; ROWS is a number, a percent, * (all) or an SQL condition:\n"
        "  --limit='orders = 5%, customer = newsletter, warehouse.* = 0, * = 100'\n"
        "\n"
        "Without a database the variables of libpq decide: PGDATABASE, PGHOST, ...\n"
        "\"man pg-sample\" says more.\n",
    .group_titles = group_titles,
    .n_groups = N_OPTION_GROUPS,
    .rows = option_rows,
    .foreign = option_foreign,
    .conflicts = option_conflicts,
    .needs = option_needs,
};
