#include "programs/sample/options.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "programs/sample/sample_option_table.h"
#include "tap.h"

enum
{
    MAX_ARGUMENTS = 32
};

static Arena *arena;
static Options options;
static OptionsRequest request;
static Diag diag;

/* Reads a command line, split at blanks; the word '' is an empty argument. */
static bool
read_line(const char *text)
{
    char *argv[MAX_ARGUMENTS] = {arena_copy_string(arena, "pg-sample")};
    char *rest = arena_copy_string(arena, text);
    int argc = 1;

    for (char *word; (word = strsep(&rest, " ")) != NULL && argc < MAX_ARGUMENTS - 1;)
    {
        if (strcmp(word, "''") == 0)
            *word = '\0';
        else if (*word == '\0')
            continue;
        argv[argc++] = word;
    }
    diag_free(&diag);
    return options_read(&options, arena, argc, argv, &request, &diag);
}

static void
test_defaults(void)
{
    ok(read_line(""), "nothing is a good command line");
    is_int(request, REQUEST_RUN, "which asks for a run");
    is_str(options.dbname, NULL, "the database is left to libpq");
    is_str(options.file, NULL, "the dump goes to standard output");
    is_str(options.lock_timeout, "30s", "a lock is waited for for 30 seconds");
    is_int(options.rows_per_insert, 100, "an INSERT would have 100 rows");
    ok(!options.inserts, "but there is none");
    is_int(options.order, PICK_FIRST, "the first rows are picked");
    is_int(options.prompt, PROMPT_IF_NEEDED, "a password is asked for if need be");
    ok(!options.owner && !options.privileges && !options.tablespaces,
       "owners, privileges and tablespaces are left out");
}

static void
test_rows(void)
{
    ok(read_line("--ordered") && options.order == PICK_NEWEST, "newest first");
    ok(read_line("--ordered=desc") && options.order == PICK_NEWEST, "in words");
    ok(read_line("--ordered=asc") && options.order == PICK_OLDEST, "oldest first");
    ok(read_line("--ordered-desc") && options.order == PICK_NEWEST, "newest");
    ok(read_line("--ordered-asc") && options.order == PICK_OLDEST, "oldest");
    ok(read_line("--random") && options.order == PICK_RANDOM, "random");
    ok(!options.has_seed, "without a seed");
    ok(read_line("--random=stable") && options.order == PICK_STABLE, "stable");
    ok(read_line("--random=18446744073709551615"), "the greatest seed");
    ok(options.has_seed && options.seed == UINT64_MAX, "is kept as it is");
    ok(read_line("--random=1 --random") && !options.has_seed,
       "the last of equal options wins");
}

static void
test_lists(void)
{
    ok(read_line(
           "--limit 0 --limit=1 --limit=2 --limit=3 --limit=4 --limit=5 "
           "--limit=6 --limit=7 --limit=8 -nx -Ny -tz -Tw --exclude-table-data=v -n x2"),
       "options that can be repeated");
    is_int((intmax_t)options.limits.n_items, 9, "all limits are there");
    is_str(options.limits.items[0], "0", "the first");
    is_str(options.limits.items[8], "8", "and the last");
    is_int((intmax_t)options.schemas.n_items, 2, "two schemas");
    is_str(options.schemas.items[1], "x2", "in order");
    is_str(options.exclude_schemas.items[0], "y", "an excluded schema");
    is_str(options.tables.items[0], "z", "a table");
    is_str(options.exclude_tables.items[0], "w", "an excluded table");
    is_str(options.exclude_table_data.items[0], "v", "a table without data");
}

static void
test_values(void)
{
    static const struct
    {
        const char *argument;
        const char *setting;
    } timeouts[] = {{"--lock-timeout=7", "7s"},      {"--lock-timeout=500ms", "500ms"},
                    {"--lock-timeout=2min", "2min"}, {"--lock-timeout=0", "0"},
                    {"--lock-timeout=0min", "0"},    {"--lock-timeout=010", "10s"},
                    {"--lock-timeout=010ms", "10ms"}};

    for (size_t i = 0; i < sizeof(timeouts) / sizeof(timeouts[0]); i++)
    {
        ok(read_line(timeouts[i].argument), "%s", timeouts[i].argument);
        is_str(options.lock_timeout, timeouts[i].setting, "as the server takes it");
    }
    ok(read_line("--rows-per-insert=7") && options.inserts, "implies --inserts");
    is_int(options.rows_per_insert, 7, "seven rows");
    ok(read_line("-vvv") && options.verbosity == 3, "-v counts");
    ok(read_line("-w") && options.prompt == PROMPT_NEVER, "-w");
    ok(read_line("-W") && options.prompt == PROMPT_ALWAYS, "-W");
    ok(read_line("-h '' -p '' -U '' ''"), "libpq takes empty values");
}

static void
test_staging(void)
{
    ok(read_line("") && options.staging_tables == 50 && options.staging_fks == 5,
       "staging for more than 50 tables or 5 foreign keys");
    ok(options.sample_schema == NULL, "the default staging schema");
    ok(!options.use_staging && !options.no_staging && !options.force && !options.keep &&
           !options.verify_only && !options.resume && !options.continue_on_error,
       "nothing is asked for");
    is_int(options.cleanup, CLEANUP_NONE, "and nothing is to be cleaned up");
    ok(read_line("--staging-tables=0 --staging-fks 2147483647"),
       "the least and greatest");
    is_int(options.staging_tables, 0, "staging for one table");
    is_int(options.staging_fks, 2147483647, "no number of keys is enough");
    ok(read_line("--sample-schema=Other --use-staging --force --keep"), "a kept schema");
    is_str(options.sample_schema, "Other", "its name keeps its case");
    ok(options.use_staging && options.force && options.keep, "three flags");
    ok(read_line("--verify-only --keep --continue-on-error") && options.verify_only &&
           options.continue_on_error,
       "a proof without a dump can be kept");
    ok(read_line("--resume -f x --inserts --report=r -a") && options.resume &&
           options.inserts,
       "another dump of the same rows");
    ok(read_line("--cleanup") && options.cleanup == CLEANUP_LIST, "a list");
    ok(read_line("--cleanup=drop shop") && options.cleanup == CLEANUP_DROP, "to drop");
    is_str(options.dbname, "shop", "in a database");
    ok(read_line("--cleanup shop") && options.cleanup == CLEANUP_LIST,
       "an argument needs its \"=\"");
    ok(read_line("--no-staging --schema-only"), "neither mode has anything to stage");
    ok(read_line("--plan --keep"), "a plan of what would be kept");
}

/* Options and what is wrong with them. */
static void
test_staging_errors(void)
{
    static const char *const lines[] = {
        "--staging-tables=", "--staging-tables=-1", "--staging-tables=2147483648",
        "--staging-fks=5x",  "--staging-fks=ten",   "--cleanup=all",
        "--cleanup=",        "--keep=yes",          "--sample-schema",
    };
    static const char *const staging[] = {"--use-staging", "--keep", "--force",
                                          "--verify-only", "--resume"};
    static const char *const no_resume[] = {"--limit=1",
                                            "--ordered",
                                            "--ordered-asc",
                                            "--ordered-desc",
                                            "--random",
                                            "-n a",
                                            "-N a",
                                            "-t a",
                                            "-T a",
                                            "-s",
                                            "--exclude-table-data a",
                                            "--continue-on-error",
                                            "--use-staging",
                                            "--keep",
                                            "--force",
                                            "--verify-only",
                                            "--plan",
                                            "--cleanup",
                                            "--enable-row-security"};
    char line[100];

    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
        ok(!read_line(lines[i]) && diag.message != NULL, "%s is wrong", lines[i]);
    for (size_t i = 0; i < sizeof(staging) / sizeof(staging[0]); i++)
    {
        snprintf(line, sizeof(line), "--no-staging %s", staging[i]);
        ok(!read_line(line), "%s contradict each other", line);
        snprintf(line, sizeof(line), "--schema-only %s", staging[i]);
        ok(!read_line(line), "%s contradict each other", line);
    }
    for (size_t i = 0; i < sizeof(no_resume) / sizeof(no_resume[0]); i++)
    {
        snprintf(line, sizeof(line), "--resume %s", no_resume[i]);
        ok(!read_line(line), "%s contradict each other", line);
    }
    ok(!read_line("--verify-only -f x"), "a proof has no file");
    ok(!read_line("--cleanup -f x") && !read_line("--cleanup --report=x") &&
           !read_line("--cleanup --plan"),
       "nor has a list");
}

/* Options and operands in any order, as getopt allows. */
static void
test_whole_line(void)
{
    ok(read_line("-h host shop -p5433 --username=me -f x.sql -O -x --no-tablespaces "
                 "-c --if-exists -E LATIN1"),
       "a command line like pg_dump's");
    is_str(options.host, "host", "host");
    is_str(options.port, "5433", "port");
    is_str(options.username, "me", "user");
    is_str(options.dbname, "shop", "database");
    is_str(options.file, "x.sql", "file");
    is_str(options.encoding, "LATIN1", "encoding");
    ok(options.clean && options.if_exists, "clean");
    ok(read_line("--report=r --pg-dump=d -d b --no-sync"), "more");
    is_str(options.report, "r", "report");
    is_str(options.pg_dump, "d", "pg_dump");
    is_str(options.dbname, "b", "database by option");
    ok(options.no_sync && !options.plan && !options.clean, "nothing is left over");
    ok(read_line("x --help --nonsense") && request == REQUEST_HELP,
       "help before anything that follows it");
    ok(read_line("-V") && request == REQUEST_VERSION, "version");
}

static void
test_errors(void)
{
    ok(!read_line("--nonsense") && diag.hint != NULL, "an error has a hint");
    ok(!read_line("--nonsense --help"), "help does not come first");
    ok(!read_line("a b"), "two databases");
    ok(read_line("a"), "a good command line after bad ones");
}

/* The help must fit in 80 columns, and every pair must name options that exist. */
static void
test_table(void)
{
    const OptionRow *row;

    for (size_t i = 0; (row = option_find_row(&option_table, i)) != NULL; i++)
    {
        is_int((intmax_t)option_find_index(&option_table, row), (intmax_t)i, "an index");
        ok(strlen(row->help) <= 48, "the help of --%s is short", row->name);
        ok(option_find_name(&option_table, row->name) == row, "--%s is there once",
           row->name);
        ok(row->letter == 0 || option_find_letter(&option_table, row->letter) == row,
           "the letter of --%s is its own", row->name);
    }
    for (const OptionPair *pair = option_table.conflicts; pair->first != NULL; pair++)
        ok(option_find_name(&option_table, pair->first) != NULL &&
               option_find_name(&option_table, pair->second) != NULL,
           "conflict of %s and %s names options", pair->first, pair->second);
    for (const OptionPair *pair = option_table.needs; pair->first != NULL; pair++)
        ok(option_find_name(&option_table, pair->first) != NULL &&
               option_find_name(&option_table, pair->second) != NULL,
           "need of %s for %s names options", pair->first, pair->second);
}

int
main(void)
{
    arena = arena_new();
    test_defaults();
    test_rows();
    test_lists();
    test_values();
    test_staging();
    test_staging_errors();
    test_whole_line();
    test_errors();
    test_table();
    diag_free(&diag);
    arena_free(arena);
    return done_testing();
}
