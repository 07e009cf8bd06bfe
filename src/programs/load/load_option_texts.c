#include "programs/load/load_option_table.h"

static const char no_load_hint[] = "It loads nothing.";
static const char staged_hint[] = "The rows are staged already.";
static const char stage_only_hint[] = "Without a commit there is nothing to try.";

static const OptionPair conflicts[] = {
    {"status", "gc", NULL},
    {"status", "commit-staged", NULL},
    {"gc", "commit-staged", NULL},
    {"status", "natural-key", no_load_hint},
    {"status", "mode", no_load_hint},
    {"status", "slice", no_load_hint},
    {"status", "strategy", no_load_hint},
    {"status", "timestamp-column", no_load_hint},
    {"status", "timestamp-compare", no_load_hint},
    {"status", "timestamp-nulls", no_load_hint},
    {"status", "on-duplicate", no_load_hint},
    {"status", "map", no_load_hint},
    {"status", "ignore-unknown-columns", no_load_hint},
    {"status", "apply", no_load_hint},
    {"status", "staging", no_load_hint},
    {"status", "no-staging", no_load_hint},
    {"status", "staging-min-rows", no_load_hint},
    {"status", "stage-only", no_load_hint},
    {"status", "dry-run", no_load_hint},
    {"status", "check-only", no_load_hint},
    {"status", "max-errors", no_load_hint},
    {"status", "rejects-file", no_load_hint},
    {"status", "max-delete-pct", no_load_hint},
    {"status", "min-rows", no_load_hint},
    {"status", "expect", no_load_hint},
    {"status", "check", no_load_hint},
    {"status", "allow-cascade", no_load_hint},
    {"status", "allow-same-database", no_load_hint},
    {"status", "keep", no_load_hint},
    {"status", "config", no_load_hint},
    {"status", "table-name", no_load_hint},
    {"status", "exclude-table", no_load_hint},
    {"status", "metrics-file", no_load_hint},
    {"gc", "natural-key", no_load_hint},
    {"gc", "mode", no_load_hint},
    {"gc", "slice", no_load_hint},
    {"gc", "strategy", no_load_hint},
    {"gc", "timestamp-column", no_load_hint},
    {"gc", "timestamp-compare", no_load_hint},
    {"gc", "timestamp-nulls", no_load_hint},
    {"gc", "on-duplicate", no_load_hint},
    {"gc", "map", no_load_hint},
    {"gc", "ignore-unknown-columns", no_load_hint},
    {"gc", "apply", no_load_hint},
    {"gc", "staging", no_load_hint},
    {"gc", "no-staging", no_load_hint},
    {"gc", "staging-min-rows", no_load_hint},
    {"gc", "stage-only", no_load_hint},
    {"gc", "dry-run", no_load_hint},
    {"gc", "check-only", no_load_hint},
    {"gc", "max-errors", no_load_hint},
    {"gc", "rejects-file", no_load_hint},
    {"gc", "max-delete-pct", no_load_hint},
    {"gc", "min-rows", no_load_hint},
    {"gc", "expect", no_load_hint},
    {"gc", "check", no_load_hint},
    {"gc", "allow-cascade", no_load_hint},
    {"gc", "allow-same-database", no_load_hint},
    {"gc", "keep", no_load_hint},
    {"gc", "config", no_load_hint},
    {"gc", "table-name", no_load_hint},
    {"gc", "exclude-table", no_load_hint},
    {"gc", "metrics-file", no_load_hint},
    {"commit-staged", "stage-only", staged_hint},
    {"commit-staged", "staging", staged_hint},
    {"commit-staged", "no-staging", staged_hint},
    {"commit-staged", "staging-min-rows", staged_hint},
    {"commit-staged", "map", staged_hint},
    {"commit-staged", "ignore-unknown-columns", staged_hint},
    {"commit-staged", "table-name", staged_hint},
    {"commit-staged", "exclude-table", staged_hint},
    {"commit-staged", "jobs", staged_hint},
    {"commit-staged", "batch-size", staged_hint},
    {"stage-only", "dry-run", stage_only_hint},
    {"stage-only", "check-only", stage_only_hint},
    {"stage-only", "no-staging", NULL},
    {"csv-header", "no-csv-header", NULL},
    {"no-password", "password", NULL},
    {"password", "password-file", NULL},
    {"quiet", "verbose", NULL},
    {NULL, NULL, NULL},
};

static const OptionPair needs[] = {
    {"older-than", "gc", NULL},
    {"metrics-format", "metrics-file", NULL},
    {NULL, NULL, NULL},
};

static const char *const group_titles[N_LOAD_GROUPS] = {
    [LOAD_GROUP_GENERAL] = "General options",
    [LOAD_GROUP_CONNECTION] = "Connection options",
    [LOAD_GROUP_SOURCE] = "Options controlling the sources",
    [LOAD_GROUP_ROWS] = "Options controlling the changes",
    [LOAD_GROUP_SAFETY] = "Options controlling checks",
    [LOAD_GROUP_COMMIT] = "Options controlling the commit",
    [LOAD_GROUP_STAGING] = "Options controlling staging tables",
    [LOAD_GROUP_OUTPUT] = "Options controlling output",
};

const OptionTable load_option_table = {
    .program = "pg-sample-load",
    .summary =
        "pg-sample-load loads rows into tables that are in use, all of them or none.",
    .operands = "SOURCE...",
    .epilogue =
        "SOURCE is FILE, TABLE=FILE, a directory with one file per table (TABLE.csv,\n"
        "SCHEMA.TABLE.copy, also with .gz), or - for standard input. FILE can be a dump\n"
        "of pg-sample. In [T=], T is TABLE or SCHEMA.TABLE; without it, the option\n"
        "applies to all tables.\n"
        "\n"
        "The environment variables of libpq (PGDATABASE, PGHOST, ...) name the\n"
        "database, and DB_HOST, DB_PORT, DB_NAME, DB_USER and DB_PASSWORD where these\n"
        "are not set. See \"man pg-sample-load\" for details.\n",
    .group_titles = group_titles,
    .n_groups = N_LOAD_GROUPS,
    .rows = load_option_rows,
    .foreign = load_option_foreign,
    .conflicts = conflicts,
    .needs = needs,
};
