#include "programs/load/load_option_table.h"

static const OptionGroup groups[] = {
    {"General options", load_option_general},
    {"Connection options", load_option_connection},
    {"Options controlling the sources", load_option_sources},
    {"Options controlling the changes", load_option_changes},
    {"Options controlling checks", load_option_checks},
    {"Options controlling the commit", load_option_commit},
    {"Options controlling staging tables", load_option_staging},
    {"Options controlling output", load_option_output},
    {NULL, NULL},
};

/* In the order of the bits. */
static const OptionMode modes[] = {
    {"status", "It loads nothing."},
    {"gc", "It loads nothing."},
    {"commit-staged", "The rows are staged already."},
    {"stage-only", "Without a commit there is nothing to try."},
    {NULL, NULL},
};

static const OptionPair conflicts[] = {
    {"csv-header", "no-csv-header", NULL}, {"no-password", "password", NULL},
    {"password", "password-file", NULL},   {"quiet", "verbose", NULL},
    {"stage-only", "no-staging", NULL},    {NULL, NULL, NULL},
};

static const OptionPair needs[] = {
    {"older-than", "gc", NULL},
    {"metrics-format", "metrics-file", NULL},
    {NULL, NULL, NULL},
};

const OptionTable load_option_table = {
    .program = "pg-sample-load",
    .summary =
        "pg-sample-load loads rows into tables that are in use, all of them or none.",
    .operands = "SOURCE...",
    .epilogue =
        "SOURCE is FILE, TABLE=FILE, a directory with one file per table (TABLE.csv,\n"
        "SCHEMA.TABLE.copy, also with .gz or .zst), or - for standard input. FILE can\n"
        "be a dump of pg-sample. In [T=], T is TABLE or SCHEMA.TABLE; without it, the\n"
        "option applies to all tables.\n"
        "\n"
        "The environment variables of libpq (PGDATABASE, PGHOST, ...) name the\n"
        "database, and DB_HOST, DB_PORT, DB_NAME, DB_USER and DB_PASSWORD where these\n"
        "are not set. See \"man pg-sample-load\" for details.\n",
    .groups = groups,
    .modes = modes,
    .foreign = load_option_foreign,
    .conflicts = conflicts,
    .needs = needs,
};
