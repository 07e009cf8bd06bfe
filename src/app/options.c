#include "config.h"

#include "app/options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/config_file.h"
#include "app/option_help.h"
#include "app/option_table.h"
#include "base/log.h"
#include "base/nearest.h"

enum
{
    LONG_OPTION = 256, /* plus the row's index: what getopt says of a long option */
    DEFAULT_ROWS_PER_INSERT = 100,
    DEFAULT_STAGING_TABLES = 50,
    DEFAULT_STAGING_FKS = 5
};

static const char default_lock_timeout[] = "30s";

static const char general_hint[] = "Try \"pg-sample --help\".";

typedef struct CommandLine
{
    Arena *arena;
    Diag *diag;
    int argc;
    char **argv;
    bool *is_given;       /* by row of the option table */
    const char *database; /* named without an option, or NULL */
} CommandLine;

/* "-f/--file", as messages name an option. */
static const char *
format_name(Arena *arena, const OptionRow *row)
{
    size_t size = strlen(row->name) + sizeof("-x/--");
    char *text = arena_alloc(arena, size);

    if (row->letter != 0)
        snprintf(text, size, "-%c/--%s", row->letter, row->name);
    else
        snprintf(text, size, "--%s", row->name);
    return text;
}

static bool
is_given(const CommandLine *line, const char *name)
{
    return line->is_given[option_index(option_find_name(name))];
}

/* The row that getopt speaks of by a letter or by LONG_OPTION and its index, or NULL. */
static const OptionRow *
find_row(int code)
{
    return code >= LONG_OPTION ? &option_table[code - LONG_OPTION]
                               : option_find_letter((char)code);
}

/* ---- what getopt wants to know */

static const struct option *
build_long_options(Arena *arena)
{
    struct option *list = arena_alloc(arena, (option_table_size + 1) * sizeof(*list));

    for (size_t i = 0; i < option_table_size; i++)
    {
        const OptionRow *row = &option_table[i];

        list[i].name = row->name;
        list[i].val = LONG_OPTION + (int)i;
        if (row->argument != NULL)
            list[i].has_arg = row->is_optional ? optional_argument : required_argument;
    }
    return list;
}

/* The leading colon makes getopt tell a missing argument from an unknown option. */
static const char *
build_letters(Arena *arena)
{
    char *letters = arena_alloc(arena, 2 * option_table_size + sizeof(":"));
    char *next = letters;

    *next++ = ':';
    for (size_t i = 0; i < option_table_size; i++)
    {
        const OptionRow *row = &option_table[i];

        /* getopt reports -? by itself */
        if (row->letter == 0 || row->letter == '?')
            continue;
        *next++ = row->letter;
        if (row->argument != NULL)
            *next++ = ':';
    }
    return letters;
}

/* ---- what can be wrong */

/* Hints at the option whose name is nearest to the word's part before "=". */
static void
suggest_option(const CommandLine *line, const char *word)
{
    const char **names = arena_alloc(line->arena, option_table_size * sizeof(*names));
    char *name = arena_copy_string(line->arena, word);
    const char *found;

    name[strcspn(name, "=")] = '\0';
    for (size_t i = 0; i < option_table_size; i++)
        names[i] = option_table[i].name;
    found = nearest_find(name, names, option_table_size);
    if (found != NULL)
        diag_set_hint(line->diag, "Did you mean \"--%s\"?", found);
}

/* All options that the first length characters of a name could stand for. */
static size_t
hint_at_candidates(const CommandLine *line, const char *name, size_t length)
{
    size_t n_found = 0;
    char *list = mem_copy_string("");

    for (size_t i = 0; i < option_table_size; i++)
    {
        char *longer;

        if (strncmp(option_table[i].name, name, length) != 0)
            continue;
        longer = mem_format("%s%s\"--%s\"", list, n_found > 0 ? ", " : "",
                            option_table[i].name);
        free(list);
        list = longer;
        n_found++;
    }
    if (n_found > 1)
        diag_set_hint(line->diag, "It could be %s.", list);
    free(list);
    return n_found;
}

static bool
reject_name(const CommandLine *line, const char *word)
{
    int length = (int)strcspn(word, "=");
    const char *name = word + strlen("--");

    if (hint_at_candidates(line, name, (size_t)length - strlen("--")) > 1)
    {
        diag_set_message(line->diag, "option \"%.*s\" is ambiguous", length, word);
        return false;
    }
    diag_set_message(line->diag, "unknown option \"%.*s\"", length, word);
    suggest_option(line, name);
    return false;
}

static bool
reject_letter(const CommandLine *line, int letter)
{
    const char *word = optind < line->argc ? line->argv[optind] : "";

    if (letter > ' ' && letter < 0x7f)
        diag_set_message(line->diag, "unknown option \"-%c\"", letter);
    else
        diag_set_message(line->diag, "unknown option \"-\\%03o\"", letter & 0xff);
    /* one dash where there should be two */
    if (word[0] == '-' && strchr(word, letter) == word + 1)
        suggest_option(line, word + 1);
    return false;
}

/* Says why getopt stumbled; code is its optopt. */
static bool
reject_option(const CommandLine *line, int code)
{
    if (code == 0)
        return reject_name(line, line->argv[optind - 1]);
    if (code < LONG_OPTION)
        return reject_letter(line, code);
    diag_set_message(line->diag, "option \"%s\" takes no argument",
                     format_name(line->arena, find_row(code)));
    return false;
}

static bool
reject_missing_argument(const CommandLine *line, const OptionRow *row)
{
    diag_set_message(line->diag, "option \"%s\" needs an argument",
                     format_name(line->arena, row));
    diag_set_hint(line->diag, "Write --%s=%s.", row->name, row->argument);
    return false;
}

/* Adds which of the options are not on the command line; second may be NULL. */
static void
tell_file(const CommandLine *line, const Options *options, const char *first,
          const char *second)
{
    bool is_first = options_is_from_file(options, first);
    bool is_second = second != NULL && options_is_from_file(options, second);

    if (is_first && is_second)
        diag_set_detail(line->diag, "Both are in the configuration file \"%s\".",
                        options->config);
    else if (is_first || is_second)
        diag_set_detail(line->diag,
                        "Option \"--%s\" is in the configuration file \"%s\".",
                        is_first ? first : second, options->config);
}

static bool
check_conflicts(const CommandLine *line, const Options *options)
{
    for (size_t i = 0; i < n_option_conflicts; i++)
    {
        const OptionPair *pair = &option_conflicts[i];

        if (!is_given(line, pair->first) || !is_given(line, pair->second))
            continue;
        diag_set_message(line->diag, "options \"%s\" and \"%s\" contradict each other",
                         format_name(line->arena, option_find_name(pair->first)),
                         format_name(line->arena, option_find_name(pair->second)));
        tell_file(line, options, pair->first, pair->second);
        if (pair->hint != NULL)
            diag_set_hint(line->diag, "%s", pair->hint);
        return false;
    }
    return true;
}

static bool
check_needs(const CommandLine *line, const Options *options)
{
    for (size_t i = 0; i < n_option_needs; i++)
    {
        const OptionPair *pair = &option_needs[i];

        if (!is_given(line, pair->first) || is_given(line, pair->second))
            continue;
        diag_set_message(line->diag, "option \"%s\" needs option \"%s\"",
                         format_name(line->arena, option_find_name(pair->first)),
                         format_name(line->arena, option_find_name(pair->second)));
        tell_file(line, options, pair->first, NULL);
        return false;
    }
    return true;
}

static bool
check_files(const CommandLine *line, const Options *options)
{
    if (options->file == NULL || options->report == NULL ||
        strcmp(options->file, options->report) != 0)
        return true;
    diag_set_message(line->diag, "dump and report cannot both be written to \"%s\"",
                     options->file);
    return false;
}

/* ---- reading */

static bool
read_option(CommandLine *line, Options *options, const OptionRow *row)
{
    line->is_given[option_index(row)] = true;
    return row->parse == NULL ||
           row->parse(row, optarg, options, line->arena, line->diag);
}

/*
 * Calls getopt until the options end, one is wrong (false), or one asks for something to
 * be printed: what comes behind that does not matter.
 */
static bool
read_options(CommandLine *line, Options *options, OptionsRequest *request)
{
    const struct option *long_options = build_long_options(line->arena);
    const char *letters = build_letters(line->arena);
    int code;

    opterr = 0;
    optind = 0; /* glibc: begin anew, whatever was read before */
    while ((code = getopt_long(line->argc, line->argv, letters, long_options, NULL)) !=
           -1)
    {
        const OptionRow *row = find_row(code == '?' || code == ':' ? optopt : code);

        if (code == ':')
            return reject_missing_argument(line, row);
        if (code == '?' && optopt != '?')
            return reject_option(line, optopt);
        if (!read_option(line, options, row))
            return false;
        if (row == option_find_name("help"))
            *request = REQUEST_HELP;
        else if (row == option_find_name("version"))
            *request = REQUEST_VERSION;
        if (*request != REQUEST_RUN)
            return true;
    }
    return true;
}

/* What is left when getopt is done: the database, at most. */
static bool
read_operands(CommandLine *line, Options *options)
{
    if (optind == line->argc)
        return true;
    if (is_given(line, "dbname"))
    {
        diag_set_message(line->diag,
                         "the database is named twice: by --dbname and as \"%s\"",
                         line->argv[optind]);
        return false;
    }
    line->database = line->argv[optind++];
    line->is_given[option_index(option_find_name("dbname"))] = true;
    options->dbname = line->database;
    if (optind == line->argc)
        return true;
    diag_set_message(line->diag, "too many command-line arguments (first is \"%s\")",
                     line->argv[optind]);
    if (is_given(line, "ordered") || is_given(line, "random"))
        diag_set_hint(line->diag,
                      "What --ordered or --random is to take follows a \"=\", "
                      "without a space.");
    return false;
}

static void
set_defaults(Options *options)
{
    *options = (Options){.rows_per_insert = DEFAULT_ROWS_PER_INSERT,
                         .lock_timeout = default_lock_timeout,
                         .slice = {.depth = SLICE_ANY_DEPTH},
                         .staging_tables = DEFAULT_STAGING_TABLES,
                         .staging_fks = DEFAULT_STAGING_FKS};
}

/*
 * Reads the configuration file and, over it, the command line once more: only after that
 * has been read is it known which file, and what of it does not count.
 */
static bool
read_config(CommandLine *line, Options *options)
{
    const char *path = options->config;
    bool *is_from_file = arena_alloc(line->arena, option_table_size);
    OptionsRequest request = REQUEST_RUN;

    set_defaults(options);
    if (!config_file_read(path, line->is_given, is_from_file, options, line->arena,
                          line->diag))
        return false;
    options->is_from_file = is_from_file;
    for (size_t i = 0; i < option_table_size; i++)
        line->is_given[i] = line->is_given[i] || is_from_file[i];
    if (!read_options(line, options, &request))
        return false;
    if (line->database != NULL)
        options->dbname = line->database;
    return true;
}

static bool
read_all(CommandLine *line, Options *options, OptionsRequest *request)
{
    if (!read_options(line, options, request))
        return false;
    if (*request != REQUEST_RUN)
        return true;
    return read_operands(line, options) &&
           (options->config == NULL || read_config(line, options)) &&
           check_conflicts(line, options) && check_needs(line, options) &&
           check_files(line, options);
}

bool
options_read(Options *options, Arena *arena, int argc, char **argv,
             OptionsRequest *request, Diag *diag)
{
    CommandLine line = {.arena = arena,
                        .diag = diag,
                        .argc = argc,
                        .argv = argv,
                        .is_given = arena_alloc(arena, option_table_size)};

    set_defaults(options);
    *request = REQUEST_RUN;
    if (read_all(&line, options, request))
        return true;
    if (diag->hint == NULL)
        diag_set_hint(diag, "%s", general_hint);
    return false;
}

bool
options_is_from_file(const Options *options, const char *name)
{
    return options->is_from_file != NULL &&
           options->is_from_file[option_index(option_find_name(name))];
}

/* ---- printing */

static _Noreturn void
finish_printing(void)
{
    if (fflush(stdout) != 0 || ferror(stdout))
        die_errno(EXIT_OUTPUT, "could not write to standard output");
    exit(EXIT_DONE);
}

void
options_parse(Options *options, Arena *arena, int argc, char **argv)
{
    OptionsRequest request;
    Diag diag = {0};

    if (!options_read(options, arena, argc, argv, &request, &diag))
        die(EXIT_USAGE, &diag);
    if (request == REQUEST_HELP)
    {
        option_help_print(stdout);
        finish_printing();
    }
    if (request == REQUEST_VERSION)
    {
        printf("%s\n", PACKAGE_STRING);
        finish_printing();
    }
}
