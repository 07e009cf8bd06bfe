#include "programs/load/load_options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/mem.h"
#include "programs/load/load_option_table.h"
#include "tap.h"

enum
{
    MAX_ARGUMENTS = 64
};

static Arena *arena;
static LoadOptions options;
static OptionsRequest request;
static Diag diag;
static char path[256];

/* Reads a command line, split at blanks; the word '' is an empty argument. */
static bool
read_line(const char *text)
{
    char *argv[MAX_ARGUMENTS] = {arena_copy_string(arena, "pg-sample-load")};
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
    return load_options_read(&options, arena, argc, argv, &request, &diag);
}

/* The settings of public.orders after a line that is read with a source. */
static const TableSettings *
read_settings(const char *text)
{
    char *line = mem_format("x.csv %s", text);
    bool is_good = read_line(line);

    free(line);
    return is_good ? table_settings_make(&options, "public", "orders", &diag) : NULL;
}

/* With a configuration file before it. */
static bool
read_config(const char *config, const char *line)
{
    FILE *file = fopen(path, "wb");
    char *text = mem_format("x.csv --config %s %s", path, line);
    bool is_good;

    if (file == NULL || fputs(config, file) < 0 || fclose(file) != 0)
        abort();
    is_good = read_line(text);
    free(text);
    return is_good;
}

static const TableSettings *
read_configured(const char *config, const char *line)
{
    return read_config(config, line)
               ? table_settings_make(&options, "public", "orders", &diag)
               : NULL;
}

static void
is_refused(const char *line, const char *message, const char *hint)
{
    ok(!read_line(line), "refused: %s", line);
    is_str(diag.message, message, "message");
    is_str(diag.hint, hint, "hint");
}

static void
is_config_refused(const char *config, const char *message, const char *hint)
{
    char *expected = mem_format("%s", message);
    char *found;

    ok(!read_config(config, ""), "refused: %s", config);
    /* the name of the file is made up each time */
    found = diag.message != NULL ? strstr(diag.message, path) : NULL;
    if (found != NULL)
    {
        char *shown = mem_format("%.*sFILE%s", (int)(found - diag.message), diag.message,
                                 found + strlen(path));

        is_str(shown, expected, "message");
        free(shown);
    }
    else
        is_str(diag.message, expected, "message");
    is_str(diag.hint, hint, "hint");
    free(expected);
}

static void
test_defaults(void)
{
    const LoadSettings *run = &options.settings;
    const TableSettings *table = read_settings("");

    ok(table != NULL, "a source is a good command line");
    is_int(request, REQUEST_RUN, "which asks for a run");
    is_int(options.request, LOAD_SOURCES, "that loads");
    is_int((intmax_t)options.n_sources, 1, "one source");
    is_str(options.sources[0].path, "x.csv", "its path");
    is_str(options.sources[0].table, NULL, "its table is not named");
    is_int(table->mode, MODE_INCREMENTAL, "mode");
    is_int(table->strategy, STRATEGY_UPSERT, "strategy");
    is_int(table->apply, APPLY_AUTO, "apply");
    is_int(table->duplicates, DUPLICATES_LAST, "duplicates");
    is_int(table->expected_rows, -1, "any number of rows");
    ok(!table->has_no_timestamp && !table->is_timestamp_strict &&
           !table->is_null_timestamp_newest && !table->ignores_unknown_columns &&
           table->n_scope == 0 && table->n_map == 0 && table->n_assertions == 0 &&
           table->natural_key.n_items == 0 && table->timestamp_column == NULL,
       "nothing else is said of a table");
    is_str(run->schema_name, "_pg_sample_load", "schema");
    is_int(run->staging, STAGING_AUTO, "staging");
    is_int(run->staging_min_rows, 1000, "small loads");
    is_int(run->batch_size, 10000, "rows of a COPY");
    is_int(run->jobs, 1, "one connection");
    is_int(run->lock_timeout, 2000, "2 s for locks");
    is_int(run->transaction_timeout, 300000, "300 s for the commit");
    is_int(run->max_retries, 3, "three retries");
    is_str(run->work_mem, "256MB", "memory");
    ok(run->max_errors == 0 && run->max_errors_pct < 0, "no errors");
    is_int((intmax_t)run->max_delete_pct, 20, "a fifth may be deleted");
    is_int(run->min_rows, 1, "at least one row");
    is_int(run->dry_run, DRY_RUN_NO, "no dry run");
}

static void
test_sources(void)
{
    ok(read_line("b.csv Orders=a=b.csv ./t=x.csv \"A=B\"=- --source dir "
                 "--file s.t=d/e.gz s.\"x\"=y"),
       "many sources");
    is_int((intmax_t)options.n_sources, 7, "all are there");
    is_str(options.sources[0].path, "dir", "options come first");
    is_str(options.sources[1].table, "s.t", "a table with a schema");
    is_str(options.sources[1].path, "d/e.gz", "and its path");
    is_str(options.sources[3].table, "Orders", "a table as it is written");
    is_str(options.sources[3].path, "a=b.csv", "the rest is the path");
    is_str(options.sources[4].path, "./t=x.csv", "a path with an equals sign");
    is_str(options.sources[4].table, NULL, "and no table");
    is_str(options.sources[5].table, "\"A=B\"", "a quoted table");
    is_str(options.sources[5].path, "-", "from standard input");
    is_str(options.sources[6].table, "s.\"x\"", "half of it quoted");

    ok(read_line("x --csv-delimiter ; --csv-quote=' --csv-escape ' --csv-null NULL "
                 "--no-csv-header -E LATIN1 --format csv -t A -t s.b"),
       "how to read them");
    ok(options.input.delimiter == ';' && options.input.quote == '\'' &&
           options.input.has_no_header && options.input.format == INPUT_CSV,
       "is kept");
    is_str(options.input.null_text, "NULL", "NULL");
    is_str(options.settings.encoding, "LATIN1", "encoding");
    is_int((intmax_t)options.tables.n_items, 2, "some tables are selected");
    ok(read_line("x --csv-delimiter tab") && options.input.delimiter == '\t', "tab");
    ok(read_line("x --format pg-sample") && options.input.format == INPUT_DUMP, "dump");
    ok(read_line("x --csv-header") && options.input.has_copy_header, "header of COPY");
}

static void
test_run(void)
{
    const LoadSettings *run = &options.settings;

    ok(read_line("x --lock-timeout 500ms --transaction-timeout 5min --max-retries 0 "
                 "--work-mem 010MB --jobs 4 --batch-size 1 --staging-min-rows 0 "
                 "--min-rows 0 --max-delete-pct 12.5 --staging always --keep "
                 "--schema-name S --rejects-file r --metrics-file - --log-format json "
                 "--allow-cascade -q"),
       "settings of a run");
    is_int(run->lock_timeout, 500, "lock timeout");
    is_int(run->transaction_timeout, 300000, "transaction timeout");
    is_str(run->work_mem, "10MB", "no octal number");
    ok(run->max_retries == 0 && run->jobs == 4 && run->batch_size == 1 &&
           run->staging_min_rows == 0 && run->min_rows == 0 &&
           run->staging == STAGING_ALWAYS && run->keep && run->allow_cascade,
       "numbers and flags");
    ok(run->max_delete_pct > 12.4 && run->max_delete_pct < 12.6, "decimals");
    ok(options.log_format == LOG_JSON && options.is_quiet, "output");
    ok(read_line("x --max-errors 7") && run->max_errors == 7 && run->max_errors_pct < 0,
       "a number of errors");
    ok(read_line("x --max-errors=0.5%") && run->max_errors == 0 &&
           run->max_errors_pct > 0.4,
       "a part of the rows");
    ok(read_line("x --dry-run") && run->dry_run == DRY_RUN_PLAN, "dry run");
    ok(read_line("x --dry-run=execute") && run->dry_run == DRY_RUN_EXECUTE, "execute");
    ok(read_line("x --check-only") && run->dry_run == DRY_RUN_PLAN, "check only");
    ok(read_line("--gc --older-than 1d") && options.request == LOAD_GC &&
           options.older_than == 86400,
       "collect garbage");
    ok(read_line("--status") && options.request == LOAD_STATUS, "status");
    ok(read_line("--commit-staged a --commit-staged b") &&
           options.request == LOAD_COMMIT_STAGED && options.commit_staged.n_items == 2,
       "commit what is staged");
    ok(read_line("--nothing-of-this --help") || request != REQUEST_HELP, "an error");
    ok(read_line("--help") && request == REQUEST_HELP, "help needs no source");
}

static void
test_tables(void)
{
    const TableSettings *table;
    size_t next = 0;

    table = read_settings("--mode full --apply delete-insert --strategy insert_only "
                          "--timestamp-compare > --timestamp-nulls newest "
                          "--on-duplicate error --ignore-unknown-columns --map "
                          "a:b,\"c,d\":e");
    ok(table != NULL && table->mode == MODE_FULL && table->apply == APPLY_DELETE_INSERT &&
           table->strategy == STRATEGY_INSERT_ONLY && table->is_timestamp_strict &&
           table->is_null_timestamp_newest && table->duplicates == DUPLICATES_ERROR &&
           table->ignores_unknown_columns && table->n_map == 2,
       "settings of all tables");
    is_str(table->map[1].file_column, "c,d", "a quoted column");
    is_str(table->map[1].column, "e", "and what it is");

    table =
        read_settings("--conflict merge --immutable-fields a,\"b,c\" --immutable reject "
                      "--updated-at-column u --soft-delete --deleted-at-column gone "
                      "--soft-delete other=false");
    ok(table != NULL && table->conflict == CONFLICT_MERGE &&
           table->immutable_fields.n_items == 2 && table->is_immutable_rejected &&
           table->has_soft_delete,
       "settings of rows that exist");
    is_str(table->immutable_fields.items[1], "b,c", "a quoted column");
    is_str(table->updated_at_column, "u", "set by updates");
    is_str(table->deleted_at_column, "gone", "the mark");
    table = read_settings("--audit --audit other=false --undo other --no-undo");
    ok(table != NULL && table->is_audited && !table->has_undo && table->is_undo_given,
       "audit and undo of all tables");
    ok(read_settings("--undo --no-staging") == NULL, "undo without staging");
    ok(read_settings("--audit --no-staging") == NULL, "audit without staging");
    table = read_settings("--conflict skip");
    ok(table != NULL && table->strategy == STRATEGY_INSERT_ONLY, "skip inserts only");
    ok(!table->has_soft_delete && table->updated_at_column == NULL &&
           !table->has_no_updated_at && !table->is_audited && !table->has_undo,
       "nothing of it by default");
    is_str(table->deleted_at_column, "deleted_at", "but the name of the mark");
    ok(read_settings("--conflict merge --no-staging") == NULL, "merge without staging");
    ok(read_settings("--soft-delete --mode full --apply swap") == NULL, "a swap deletes");

    table = read_settings("--slice d=a,\"b,\"\"c\" --slice n=");
    ok(table == NULL, "a slice needs a value");
    table = read_settings("--slice d=a,\"b,\"\"c\" --slice n=1");
    ok(table != NULL && table->mode == MODE_SLICE && table->n_scope == 2, "a slice");
    is_str(table->scope[0].column, "d", "its column");
    is_str(table->scope[0].values.items[1], "b,\"c", "a quoted value");
    ok(read_settings("--slice d=a --mode slice") != NULL, "and its mode");

    table = read_settings("--natural-key a,b --natural-key ORDERS=c "
                          "--natural-key=public.orders=\"D\" --natural-key x=y "
                          "--expect 5 --expect \"Orders\"=6 --timestamp-column t "
                          "--timestamp-column orders=none --data-member=payload "
                          "--data-member orders=none");
    ok(table != NULL && table->natural_key.n_items == 1, "settings of one table");
    is_str(table->natural_key.items[0], "D", "with a schema is most special");
    ok(table->has_no_timestamp && table->timestamp_column == NULL, "no timestamp");
    ok(table->has_no_data_member && table->data_member == NULL, "no member of JSON");
    is_int(table->expected_rows, 5, "case counts in quotes");
    is_str(table_settings_find_unused(&options, &next), "x", "a table was not asked for");
    is_str(table_settings_find_unused(&options, &next), "\"Orders\"", "nor another one");
    is_str(table_settings_find_unused(&options, &next), NULL, "and these are all");
    table = table_settings_make(&options, "s", "orders", &diag);
    is_str(table->natural_key.items[0], "c", "in any schema");
    table = table_settings_make(&options, "s", "other", &diag);
    is_int((intmax_t)table->natural_key.n_items, 2, "of all tables");
    is_str(table->timestamp_column, "t", "timestamp");
    is_str(table->data_member, "payload", "member of JSON");

    table = read_settings("--check small:x --check a::b --check c");
    is_int((intmax_t)table->n_assertions, 3, "checks");
    is_str(table->assertions[0].name, "small", "with a name");
    is_str(table->assertions[0].sql, "x", "and SQL");
    is_str(table->assertions[1].sql, "a::b", "a cast is no name");
    is_str(table->assertions[1].name, "a::b", "SQL is its own name");
    ok(read_settings("--no-staging")->apply == APPLY_DIRECT, "no staging is direct");
    ok(read_settings("--staging=never")->apply == APPLY_DIRECT, "in both ways");
}

static void
test_config(void)
{
    static const char config[] =
        "{\"_defaults\": {\"on_duplicate\": \"error\", \"max_errors\": \"5%\", "
        "  \"timestamp_column\": null, \"audit_changes\": false, \"slice\": null},"
        " \"Orders\": {\"natural_key\": [\"a\", \"B\"], \"mode\": \"slice\", "
        "  \"slice\": {\"d\": [\"x\", 7], \"e\": \"y,z\"}, \"expect\": 3, "
        "  \"columns\": {\"file name\": \"db_col\"}, \"null_key\": \"reject\","
        "  \"checks\": [{\"name\": \"n\", \"sql\": \"s\", \"severity\": \"warning\"}]},"
        " \"lcl\": {\"target\": \"public.Locals\", \"natural_key\": \"id, no\"},"
        " \"locals\": {\"apply\": \"diff\"}}";
    const TableSettings *table = read_configured(config, "");

    ok(table != NULL, "a configuration") || (is_str(diag.message, NULL, "no error"), 0);
    is_int(table->duplicates, DUPLICATES_ERROR, "of all tables");
    ok(table->has_no_timestamp, "null is no timestamp");
    is_int((intmax_t)table->natural_key.n_items, 2, "a key");
    is_str(table->natural_key.items[1], "B", "as it is written");
    is_int((intmax_t)table->n_scope, 2, "a slice");
    is_str(table->scope[0].values.items[1], "7", "a number in it");
    is_str(table->scope[1].values.items[0], "y,z", "a text is one value");
    is_int(table->expected_rows, 3, "rows");
    is_str(table->map[0].file_column, "file name", "columns");
    ok(table->n_assertions == 1 && table->assertions[0].is_warning, "a check");
    ok(options.settings.max_errors_pct > 4, "errors of the run");
    table = table_settings_make(&options, "public", "locals", &diag);
    is_int((intmax_t)table->natural_key.n_items, 2, "a table with another name");
    is_int(table->apply, APPLY_DIFF, "and with its own");
    is_str(table_settings_find_target(&options, "LCL"), "public.Locals", "its name");
    is_str(table_settings_find_target(&options, "x.y"), "x.y", "others keep theirs");

    table = read_configured(config, "--mode full --max-errors 2 --on-duplicate last "
                                    "--natural-key orders=k --check c");
    ok(table != NULL && table->mode == MODE_FULL && table->n_scope == 0,
       "options count over it");
    ok(options.settings.max_errors == 2 && options.settings.max_errors_pct < 0,
       "errors too");
    is_int(table->duplicates, DUPLICATES_LAST, "of all tables, too");
    is_str(table->natural_key.items[0], "k", "of one");
    is_int((intmax_t)table->n_assertions, 2, "checks add up");
    ok(read_configured("{\"orders\": {\"apply\": \"swap\"}}", "") == NULL,
       "it can contradict itself");
    is_str(diag.message,
           "table \"public.orders\": option \"--apply=swap\" needs \"--mode=full\"",
           "which is said of the table");
    table = read_configured("{\"orders\": {\"slice\": {\"a\": 1}}}", "--mode slice");
    ok(table != NULL && table->n_scope == 1, "the file completes the options");
}

static void
test_config_errors(void)
{
    is_config_refused("{\"orders\": {\"natural_kye\": \"a\"}}",
                      "unknown member \"orders.natural_kye\" in \"FILE\"",
                      "Did you mean \"natural_key\"?");
    is_config_refused("{\"orders\": {\"mode\": \"ful\"}}",
                      "member \"orders.mode\" in \"FILE\": invalid value \"ful\"",
                      "Did you mean \"full\"? It takes incremental, full, slice or "
                      "append.");
    is_config_refused("{\"orders\": {\"mode\": [1]}}",
                      "member \"orders.mode\" in \"FILE\" must be a string",
                      "Try \"pg-sample-load --help\".");
    is_config_refused("{\"orders\": {\"natural_key\": [\"a\", 1]}}",
                      "member \"orders.natural_key[1]\" in \"FILE\" must be a string",
                      "Try \"pg-sample-load --help\".");
    is_config_refused("{\"orders\": {\"natural_key\": [\"a\", \"a\"]}}",
                      "member \"orders.natural_key\" in \"FILE\": invalid value \"a\"",
                      "Column \"a\" is listed twice.");
    is_config_refused("{\"orders\": {\"mode\": \"full\", \"slice\": {\"a\": 1}}}",
                      "members \"mode\" and \"slice\" of \"orders\" in \"FILE\" "
                      "contradict each other",
                      "Try \"pg-sample-load --help\".");
    is_config_refused("{\"orders\": {\"undo\": \"never\"}}",
                      "member \"orders.undo\" in \"FILE\": invalid value \"never\"",
                      "It takes false or true.");
    is_config_refused("{\"orders\": {\"max_errors\": 1}}",
                      "member \"orders.max_errors\" in \"FILE\" is allowed only in "
                      "_defaults",
                      "Try \"pg-sample-load --help\".");
    is_config_refused("{\"orders\": {\"checks\": [{\"name\": \"n\"}]}}",
                      "member \"orders.checks[0]\" in \"FILE\" has no sql",
                      "Try \"pg-sample-load --help\".");
    is_config_refused(
        "{\"_defaults\": {\"target\": \"x\"}}",
        "member \"_defaults.target\" in \"FILE\" is not allowed in _defaults",
        "Try \"pg-sample-load --help\".");
    is_config_refused("{\"a.b.c\": {}}",
                      "\"a.b.c\" in \"FILE\" is not the name of a table",
                      "It must be one JSON object in UTF-8, such as {\"orders\": "
                      "{\"mode\": \"full\"}}.");
    is_config_refused("{\"a\": 1}", "member \"a\" in \"FILE\" must be an object",
                      "It must be one JSON object in UTF-8, such as {\"orders\": "
                      "{\"mode\": \"full\"}}.");
    is_config_refused("[]", "configuration file \"FILE\" is not a JSON object",
                      "It must be one JSON object in UTF-8, such as {\"orders\": "
                      "{\"mode\": \"full\"}}.");
}

static void
test_errors(void)
{
    static const char *const lines[] = {
        "x --natural-key=",
        "x --natural-key=t=",
        "x --natural-key=a,a",
        "x --natural-key=\"a",
        "x --slice=a",
        "x --slice=a=\"b",
        "x --slice a=1 --slice a=2",
        "x --map a:b,a:c",
        "x --map a:b,c:b",
        "x --map a:b:c:",
        "x --expect a",
        "x --expect t=-1",
        "x --check=",
        "x --check a:",
        "x --jobs 0",
        "x --batch-size 0",
        "x --work-mem 1kB",
        "x --work-mem 4096GB",
        "x --max-errors -1",
        "x --max-errors 101%",
        "x --max-delete-pct 101",
        "x --max-delete-pct .",
        "x --lock-timeout 25d",
        "x --older-than 1d",
        "x --csv-quote é",
        "x --csv-quote ,",
        "x --csv-escape \\",
        "x --csv-header --no-csv-header",
        "x --file y",
        "x --file t=",
        "x -t a.b.c",
        "t=",
        "''",
        "--status --gc",
        "--gc --mode full",
        "--gc --jobs 4 --format csv",
        "--status --work-mem 1GB",
        "--commit-staged a --csv-null x",
        "x --staging=always --no-staging",
        "x --stage-only --staging=never",
        "x -q -v",
        "x --apply=direct --staging=always",
        "x --mode=append --strategy=update_only",
        "x --metrics-format json",
        "x --stage-only --apply=direct",
        "x --metrics-file a --rejects-file a",
        "x --password-file f -W",
    };

    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
        ok(!read_line(lines[i]) && diag.message != NULL && diag.hint != NULL,
           "refused: %s", lines[i]);
    is_refused("", "no source specified",
               "Specify a file, a directory, TABLE=FILE, or - for standard input.");
    is_refused("x --mode=fulll", "invalid value \"fulll\" for option \"--mode\"",
               "Did you mean \"full\"? It takes incremental, full, slice or append.");
    is_refused("x --apply=truncate", "option \"--apply=truncate\" needs \"--mode=full\"",
               "Try \"pg-sample-load --help\".");
    is_refused("x --slice a=1 --mode=full",
               "options \"--slice\" and \"--mode=full\" contradict each other",
               "Try \"pg-sample-load --help\".");
    is_refused("x --expect t=many", "invalid value \"t=many\" for option \"--expect\"",
               "It takes a whole number of rows from 0 on.");
}

/* The help must fit in 80 columns, and every pair must name options that exist. */
static void
test_table(void)
{
    const OptionTable *table = &load_option_table;
    const OptionRow *row;

    for (size_t i = 0; (row = option_find_row(table, i)) != NULL; i++)
    {
        ok(strlen(row->help) <= 48, "the help of --%s is short", row->name);
        ok(option_find_name(table, row->name) == row, "--%s is there once", row->name);
        ok(row->letter == 0 || option_find_letter(table, row->letter) == row,
           "the letter of --%s is its own", row->name);
    }
    for (const OptionPair *pair = table->conflicts; pair->first != NULL; pair++)
        ok(option_find_name(table, pair->first) != NULL &&
               option_find_name(table, pair->second) != NULL,
           "conflict of %s and %s names options", pair->first, pair->second);
    for (const OptionPair *pair = table->needs; pair->first != NULL; pair++)
        ok(option_find_name(table, pair->first) != NULL &&
               option_find_name(table, pair->second) != NULL,
           "need of %s for %s names options", pair->first, pair->second);
}

int
main(void)
{
    const char *directory = getenv("TMPDIR");
    int descriptor;

    snprintf(path, sizeof(path), "%s/test_load_options_XXXXXX",
             directory != NULL ? directory : "/tmp");
    descriptor = mkstemp(path);
    if (descriptor < 0)
        abort();
    close(descriptor);
    arena = arena_new();
    test_defaults();
    test_sources();
    test_run();
    test_tables();
    test_config();
    test_config_errors();
    test_errors();
    test_table();
    unlink(path);
    diag_free(&diag);
    arena_free(arena);
    return done_testing();
}
