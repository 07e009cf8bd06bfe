#include "programs/load/load_options.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/die.h"
#include "load/source/source_name.h"
#include "programs/load/load_option_table.h"
#include "programs/load/load_option_value.h"
#include "store/store.h"

static const LoadSettings default_settings = {.schema_name = "_pg_sample_load",
                                              .staging = STAGING_AUTO,
                                              .staging_min_rows = 1000,
                                              .batch_size = 10000,
                                              .jobs = 1,
                                              .lock_timeout = 2 * 1000,
                                              .transaction_timeout = 300 * 1000,
                                              .max_retries = 3,
                                              .work_mem = "256MB",
                                              .max_errors_pct = -1,
                                              .max_delete_pct = 20,
                                              .min_rows = 1,
                                              .max_records = -1};

static const char batch_hint[] =
    "The files of a batch are DIR/staging/ID/TABLE/FILE; name DIR with --source=DIR.";

static bool
reject_command(const CommandLine *line, const char *message)
{
    diag_set_message(line->diag, "%s", message);
    return false;
}

static bool
reject_command_hint(const CommandLine *line, const char *message, const char *hint)
{
    diag_set_hint(line->diag, "%s", hint);
    return reject_command(line, message);
}

/* ---- what options mean together */

/* The request that the options come to, and the option; NULL: a load. */
static const char *
find_request(LoadOptions *options)
{
    const struct
    {
        bool is_given;
        const char *option;
        LoadRequest request;
    } requests[] = {
        {options->commit_staged.n_items > 0, "commit-staged", LOAD_COMMIT_STAGED},
        {options->status, "status", LOAD_STATUS},
        {options->gc, "gc", LOAD_GC},
        {options->print_ddl, "print-ddl", LOAD_PRINT_DDL},
        {options->init, "init", LOAD_INIT},
        {options->rollback, "rollback", LOAD_ROLLBACK},
        {options->undo_of != NULL, "undo-of", LOAD_ROLLBACK},
    };

    options->request = options->approve ? LOAD_APPROVE : LOAD_SOURCES;
    for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++)
    {
        if (!requests[i].is_given)
            continue;
        options->request = requests[i].request;
        return requests[i].option;
    }
    return NULL;
}

/* URLs without what gives access. */
static bool
reject_first_source(const CommandLine *line, const char *option, const char *problem,
                    const SourceName *first)
{
    char *name = source_name_make(first->path);

    diag_set_message(line->diag, "option \"--%s\" %s (first is \"%s\")", option, problem,
                     name);
    free(name);
    return false;
}

/* Of a batch, --source is the directory that it is in. */
static bool
is_batch_root(const SourceName *root)
{
    return root->table == NULL && strcmp(root->path, "-") != 0 &&
           (!store_is_url(root->path) || strncasecmp(root->path, "s3://", 5) == 0);
}

static bool
settle_batch_root(const CommandLine *line, LoadOptions *options)
{
    size_t n_named = options->n_sources - (size_t)(line->argc - line->first_operand);
    const SourceName *root = options->sources;

    diag_set_hint(line->diag, "%s", batch_hint);
    if (options->n_sources > n_named)
        return reject_first_source(line, "batch-id", "takes no source as an argument",
                                   &options->sources[n_named]);
    if (n_named > 1)
        return reject_command(line, "option \"--source\" can be given only once with "
                                    "\"--batch-id\"");
    if (n_named == 1 && !is_batch_root(root))
        return reject_command(line, "option \"--source\" must be a directory or "
                                    "s3://BUCKET with "
                                    "\"--batch-id\"");
    if (options->approve)
        options->settings.require_approval = false;
    options->batch_root =
        n_named == 1 ? root->path : load_environment_find_batch_root(line->arena);
    options->n_sources = 0;
    diag_free(line->diag);
    return true;
}

/* Sets the request; without one, there must be sources. */
static bool
settle_request(const CommandLine *line, LoadOptions *options)
{
    const char *option = find_request(options);

    if (option != NULL && options->n_sources > 0)
        return reject_first_source(line, option, "takes no source", &options->sources[0]);
    if (option == NULL && options->settings.is_batch)
        return settle_batch_root(line, options);
    if (option == NULL && options->n_sources == 0)
        return reject_command_hint(
            line, "no source specified",
            "Specify a file, a directory, TABLE=FILE, or - for standard input.");
    return true;
}

static bool
check_sources(const CommandLine *line, const LoadOptions *options)
{
    int n_stdin = 0;

    for (size_t i = 0; i < options->n_sources; i++)
        n_stdin += strcmp(options->sources[i].path, "-") == 0;
    if (n_stdin > 1)
        return reject_command(line, "standard input cannot be a source more than once");
    return true;
}

static bool
check_csv(const CommandLine *line, const LoadOptions *options)
{
    char quote = options->input.quote != 0 ? options->input.quote : '"';
    char delimiter = options->input.delimiter != 0 ? options->input.delimiter : ',';

    if (options->csv_escape != 0 && options->csv_escape != quote)
        return reject_command_hint(line,
                                   "option \"--csv-escape\" can only be the same as "
                                   "\"--csv-quote\"",
                                   "Within quotes, the quote character is doubled.");
    if (quote == delimiter)
        return reject_command(
            line, "options \"--csv-delimiter\" and \"--csv-quote\" must not be "
                  "the same");
    return true;
}

static bool
check_outputs(const CommandLine *line, const LoadOptions *options)
{
    const char *rejects = options->settings.rejects_file;

    if (rejects == NULL || options->metrics_file == NULL ||
        strcmp(rejects, options->metrics_file) != 0)
        return true;
    diag_set_message(line->diag, "metrics and rejects cannot both be written to \"%s\"",
                     rejects);
    return false;
}

static bool
check_given_mode(const CommandLine *line, const LoadOptions *options)
{
    LoadMode mode = options->all.settings.mode;
    int length;
    const char *word = settings_get_word(MODE_WORDS, mode, &length);

    if (!command_line_is_given(line, "slice") || !command_line_is_given(line, "mode") ||
        mode == MODE_SLICE)
        return true;
    diag_set_message(line->diag,
                     "options \"--slice\" and \"--mode=%.*s\" contradict each other",
                     length, word);
    return false;
}

/*
 * A configuration file can add what is missing here; then it is checked table by table.
 */
static bool
check_settings(const CommandLine *line, const LoadOptions *options)
{
    const TableLayers *layers = &options->table_layers;

    if (options->config != NULL)
        return true;
    if ((options->request == LOAD_SOURCES || options->request == LOAD_APPROVE) &&
        table_settings_make(options, NULL, NULL, line->diag) == NULL)
        return false;
    for (size_t i = 0; i < layers->n_items; i++)
    {
        const TableName *name = &layers->items[i].name;

        if (table_settings_make(options, name->schema, name->name, line->diag) == NULL)
            return false;
    }
    for (size_t i = 0; i < layers->n_items; i++)
        layers->items[i].is_used = false;
    return true;
}

static bool
settle_dry_run(const CommandLine *line, LoadOptions *options)
{
    if (!options->check_only)
        return true;
    if (options->settings.dry_run == DRY_RUN_EXECUTE)
        return reject_command(line, "options \"--check-only\" and \"--dry-run=execute\" "
                                    "contradict each other");
    options->settings.dry_run = DRY_RUN_PLAN;
    return true;
}

/* Does a layer for all tables ask for it? Options take precedence over the file. */
static bool
is_direct(const LoadOptions *options)
{
    const TableLayer *layers[] = {&options->all, &options->config_all};

    for (size_t i = 0; i < sizeof(layers) / sizeof(layers[0]); i++)
    {
        if ((layers[i]->given & 1U << SETTING_APPLY) != 0)
            return layers[i]->settings.apply == APPLY_DIRECT;
    }
    return false;
}

static bool
settle_staging(const CommandLine *line, LoadOptions *options)
{
    LoadSettings *settings = &options->settings;

    if (options->no_staging && command_line_is_given(line, "staging") &&
        settings->staging != STAGING_NEVER)
        return reject_command(
            line, "options \"--staging\" and \"--no-staging\" contradict each "
                  "other");
    if (options->no_staging || (is_direct(options) && settings->staging == STAGING_AUTO &&
                                !settings->stage_only))
        settings->staging = STAGING_NEVER;
    if (settings->is_batch && settings->staging == STAGING_NEVER)
        return reject_command_hint(
            line, "options \"--batch-id\" and \"--staging=never\" contradict each other",
            "The rows of a batch are always staged; leave --staging and --apply=direct "
            "out.");
    if (settings->is_batch)
        settings->staging = STAGING_ALWAYS; /* the commit is retried from them */
    if (settings->stage_only && settings->staging == STAGING_NEVER)
        return reject_command(
            line, "options \"--stage-only\" and \"--staging=never\" contradict "
                  "each other");
    if (settings->stage_only)
        settings->staging = STAGING_ALWAYS; /* temporary tables are dropped at the end */
    return true;
}

static bool
check_rollback(const CommandLine *line, const LoadOptions *options)
{
    return options->request == LOAD_ROLLBACK ||
           !command_line_is_given(line, "rollback-conflicts") ||
           reject_command(line, "option \"--rollback-conflicts\" needs \"--rollback\" or "
                                "\"--undo-of\"");
}

static bool
check_all(const CommandLine *line, LoadOptions *options)
{
    return command_line_check(line) && settle_request(line, options) &&
           check_rollback(line, options) && check_sources(line, options) &&
           check_csv(line, options) && check_outputs(line, options) &&
           settle_dry_run(line, options) && settle_staging(line, options) &&
           check_given_mode(line, options) && check_settings(line, options);
}

/* ---- reading */

static bool
read_source_operands(const CommandLine *line, LoadOptions *options)
{
    const OptionRow *row = option_find_name(line->table, "source");

    for (int i = line->first_operand; i < line->argc; i++)
    {
        if (!load_add_source(row, line->argv[i], options, line->arena, line->diag))
            return false;
    }
    return true;
}

static bool
read_line_and_config(CommandLine *line, LoadOptions *options)
{
    if (!command_line_read(line, options))
        return false;
    if (line->request != REQUEST_RUN)
        return true;
    return read_source_operands(line, options) &&
           (options->config == NULL ||
            load_config_read(options->config, command_line_is_given(line, "max-errors"),
                             options, line->diag)) &&
           (!options->settings.is_batch || load_environment_read_batch(line, options)) &&
           check_all(line, options);
}

bool
load_options_read(LoadOptions *options, Arena *arena, int argc, char **argv,
                  OptionsRequest *request, Diag *diag)
{
    CommandLine line;
    bool is_good;

    command_line_init(&line, &load_option_table, arena, argc, argv, diag);
    *options = (LoadOptions){.arena = arena,
                             .store = STORE_DEFAULT_SETTINGS,
                             .settings = default_settings,
                             .older_than = -1};
    is_good = read_line_and_config(&line, options);
    *request = line.request;
    if (!is_good)
        command_line_hint(&line);
    return is_good;
}

void
load_options_parse(LoadOptions *options, Arena *arena, int argc, char **argv)
{
    OptionsRequest request;
    Diag diag = {0};

    if (!load_options_read(options, arena, argc, argv, &request, &diag))
        die(EXIT_USAGE, &diag);
    command_line_print(&load_option_table, request);
    if (!load_environment_read_password(options->password_file, &diag))
        die(EXIT_USAGE, &diag);
    load_environment_read();
}
