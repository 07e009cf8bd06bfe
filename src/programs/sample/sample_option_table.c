#include "programs/sample/sample_option_table.h"

static const OptionGroup groups[] = {
    {"General options", sample_option_general},
    {"Connection options", sample_option_connection},
    {"Options controlling which rows are picked", sample_option_picks},
    {"Options controlling slices", sample_option_subsets},
    {"Options controlling which tables are sampled", sample_option_selection},
    {"Options controlling masks", sample_option_mask},
    {"Options controlling the content of the dump", sample_option_dump},
    {"Options controlling access to the source", sample_option_server},
    {"Options controlling staging mode", sample_option_staging},
    {NULL, NULL},
};

/* In the order of the bits. */
static const OptionMode modes[] = {
    {"schema-only", "The dump has no rows."},
    {"no-staging", "There is no staging schema in direct mode."},
    {"plan", "The plan goes to standard output."},
    {"verify-only", "It writes no dump."},
    {"resume", "The rows are those of the run that made the staging schema."},
    {"cleanup", "It takes no sample."},
    {"suggest-masks", "The rules go to standard output."},
    {"new-mask-key", "It takes no sample."},
    {"mask-list", "It takes no sample."},
    {NULL, NULL},
};

static const OptionPair conflicts[] = {
    {"data-only", "schema-only", NULL},
    {"limit", "schema-only", "Without rows there is nothing to limit."},
    {"clean", "data-only", NULL},
    {"ordered", "random", NULL},
    {"ordered-asc", "random", NULL},
    {"ordered-desc", "random", NULL},
    {"ordered-asc", "ordered-desc", NULL},
    {"no-owner", "owner", NULL},
    {"no-privileges", "privileges", NULL},
    {"no-tablespaces", "tablespaces", NULL},
    {"no-password", "password", NULL},
    {NULL, NULL, NULL},
};

static const OptionPair needs[] = {
    {"if-exists", "clean", NULL},
    {"disable-triggers", "data-only", NULL},
    {NULL, NULL, NULL},
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
    .groups = groups,
    .modes = modes,
    .foreign = option_foreign,
    .conflicts = conflicts,
    .needs = needs,
};
