#include "programs/load/load_option_table.h"

static const OptionGroup groups[] = {
    {"General options", load_option_general},
    {"Connection options", load_option_connection},
    {"Options controlling the sources", load_option_sources},
    {"Options controlling URLs as sources", load_option_store},
    {"Options controlling batches", load_option_batch},
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
    {"stage-only", "It commits nothing."},
    {"init", "It loads nothing."},
    {"print-ddl", "It loads nothing."},
    {"approve", "It loads nothing; load the batch without it afterwards."},
    {"rollback", "It undoes what was loaded, and loads nothing."},
    {"undo-of", "It undoes what was loaded, and loads nothing."},
    {NULL, NULL},
};

static const char batch_hint[] =
    "A batch is the files in DIR/staging/ID/TABLE; name DIR with --source=DIR.";
static const char extension_hint[] =
    "The format of a file of a batch is that of its name: .json, .jsonl, .csv or .copy.";
static const char staging_hint[] = "The rows of a batch are always staged.";

static const OptionPair conflicts[] = {
    {"csv-header", "no-csv-header", NULL},
    {"no-password", "password", NULL},
    {"password", "password-file", NULL},
    {"quiet", "verbose", NULL},
    {"stage-only", "no-staging", NULL},
    {"batch-id", "file", batch_hint},
    {"batch-id", "format", extension_hint},
    {"batch-id", "no-staging", staging_hint},
    {NULL, NULL, NULL},
};

static const OptionPair needs[] = {
    {"older-than", "gc", NULL},
    {"metrics-format", "metrics-file", NULL},
    {"force", "batch-id", NULL},
    {"approve", "batch-id", NULL},
    {"require-approval", "batch-id", NULL},
    {"require-queue", "batch-id", NULL},
    {"max-records", "batch-id", NULL},
    {"rollback", "batch-id", NULL},
    {NULL, NULL, NULL},
};

const OptionTable load_option_table = {
    .program = "pg-sample-load",
    .summary =
        "pg-sample-load loads rows into tables that are in use, all of them or none.",
    .operands = "SOURCE...",
    .epilogue =
        "SOURCE is FILE, TABLE=FILE, a directory with one file per table (TABLE.csv,\n"
        "SCHEMA.TABLE.json, also with .gz or .zst), or - for standard input. FILE can\n"
        "be a dump of pg-sample, or a URL: s3://BUCKET/KEY or https://HOST/PATH. In\n"
        "[T=], T is TABLE or SCHEMA.TABLE; without it, the option applies to all\n"
        "tables. With --batch-id=ID, there is no SOURCE: the files are those in\n"
        "staging/ID/TABLE.\n"
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
