#include "programs/sample/options.h"

#include <string.h>

#include "base/die.h"
#include "programs/sample/sample_option_table.h"

enum
{
    DEFAULT_ROWS_PER_INSERT = 100,
    DEFAULT_MEMORY_LIMIT = 256 * 1024 * 1024,
    DEFAULT_STAGING_TABLES = 50,
    DEFAULT_STAGING_FKS = 5
};

static const char default_lock_timeout[] = "30s";

/* Is it the temporary name of the other file? */
static bool
is_part_of(const char *part, const char *file)
{
    size_t length = strlen(file);

    return strncmp(part, file, length) == 0 && strcmp(part + length, ".part") == 0;
}

static bool
check_files(const Options *options, Diag *diag)
{
    if (options->file == NULL || options->report == NULL ||
        (strcmp(options->file, options->report) != 0 &&
         !is_part_of(options->file, options->report) &&
         !is_part_of(options->report, options->file)))
        return true;
    diag_set_message(diag, "dump and report cannot both be written to \"%s\"",
                     options->file);
    return false;
}

/* The arguments without an option: at most the database. */
static bool
read_database(CommandLine *line, Options *options)
{
    int n_operands = line->argc - line->first_operand;
    char **operands = line->argv + line->first_operand;

    if (n_operands == 0)
        return true;
    if (command_line_is_given(line, "dbname"))
    {
        diag_set_message(line->diag,
                         "the database is specified twice: by --dbname and as \"%s\"",
                         operands[0]);
        return false;
    }
    options->dbname = operands[0];
    command_line_set_given(line, "dbname");
    if (n_operands == 1)
        return true;
    diag_set_message(line->diag, "too many command-line arguments (first is \"%s\")",
                     operands[1]);
    if (command_line_is_given(line, "ordered") || command_line_is_given(line, "random"))
        diag_set_hint(line->diag,
                      "Write the argument of --ordered or --random after \"=\", "
                      "without a space.");
    return false;
}

static void
set_defaults(Options *options)
{
    *options = (Options){.rows_per_insert = DEFAULT_ROWS_PER_INSERT,
                         .lock_timeout = default_lock_timeout,
                         .memory_limit = DEFAULT_MEMORY_LIMIT,
                         .subset = {.depth = SUBSET_ANY_DEPTH},
                         .staging_tables = DEFAULT_STAGING_TABLES,
                         .staging_fks = DEFAULT_STAGING_FKS};
}

/*
 * Reads the configuration file and then the command line once more, which overrides it:
 * only after the first reading is it known which file to read, and which of its members
 * are overridden.
 */
static bool
read_config(CommandLine *line, Options *options)
{
    size_t n_rows = option_find_count_rows(&option_table);
    bool *is_from_file = arena_alloc(line->arena, n_rows);

    line->config = options->config;
    set_defaults(options);
    if (!config_file_read(line->config, line->is_given, is_from_file, options,
                          line->arena, line->diag))
        return false;
    line->is_from_file = is_from_file;
    options->is_from_file = is_from_file;
    for (size_t i = 0; i < n_rows; i++)
        line->is_given[i] = line->is_given[i] || is_from_file[i];
    if (!command_line_read(line, options))
        return false;
    if (line->first_operand < line->argc)
        options->dbname = line->argv[line->first_operand];
    return true;
}

static bool
read_line_and_file(CommandLine *line, Options *options)
{
    if (!command_line_read(line, options))
        return false;
    if (line->request != REQUEST_RUN)
        return true;
    return read_database(line, options) &&
           (options->config == NULL || read_config(line, options)) &&
           command_line_check(line) && check_files(options, line->diag);
}

bool
options_read(Options *options, Arena *arena, int argc, char **argv,
             OptionsRequest *request, Diag *diag)
{
    CommandLine line;
    bool is_good;

    command_line_init(&line, &option_table, arena, argc, argv, diag);
    set_defaults(options);
    is_good = read_line_and_file(&line, options);
    *request = line.request;
    if (!is_good)
        command_line_hint(&line);
    return is_good;
}

bool
options_is_from_file(const Options *options, const char *name)
{
    return options->is_from_file != NULL &&
           options->is_from_file[option_find_index(
               &option_table, option_find_name(&option_table, name))];
}

void
options_parse(Options *options, Arena *arena, int argc, char **argv)
{
    OptionsRequest request;
    Diag diag = {0};

    if (!options_read(options, arena, argc, argv, &request, &diag))
        die(EXIT_USAGE, &diag);
    command_line_print(&option_table, request);
}
