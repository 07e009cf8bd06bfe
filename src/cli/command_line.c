#include "config.h"

#include "cli/command_line.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/nearest.h"
#include "cli/option_help.h"

enum
{
    LONG_OPTION = 256 /* plus the row's index: what getopt says of a long option */
};

void
command_line_init(CommandLine *line, const OptionTable *table, Arena *arena, int argc,
                  char **argv, Diag *diag)
{
    *line = (CommandLine){.table = table,
                          .arena = arena,
                          .diag = diag,
                          .argc = argc,
                          .argv = argv,
                          .is_given = arena_alloc(arena, option_count_rows(table)),
                          .request = REQUEST_RUN};
}

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

bool
command_line_is_given(const CommandLine *line, const char *name)
{
    return line->is_given[option_index(line->table, option_find_name(line->table, name))];
}

void
command_line_set_given(CommandLine *line, const char *name)
{
    line->is_given[option_index(line->table, option_find_name(line->table, name))] = true;
}

/* The row that getopt speaks of by a letter or by LONG_OPTION and its index, or NULL. */
static const OptionRow *
find_row(const CommandLine *line, int code)
{
    return code >= LONG_OPTION ? &line->table->rows[code - LONG_OPTION]
                               : option_find_letter(line->table, (char)code);
}

/* ---- what getopt wants to know */

static const struct option *
build_long_options(const CommandLine *line)
{
    size_t n_rows = option_count_rows(line->table);
    struct option *list = arena_alloc(line->arena, (n_rows + 1) * sizeof(*list));

    for (size_t i = 0; i < n_rows; i++)
    {
        const OptionRow *row = &line->table->rows[i];

        list[i].name = row->name;
        list[i].val = LONG_OPTION + (int)i;
        if (row->argument != NULL)
            list[i].has_arg = row->is_optional ? optional_argument : required_argument;
    }
    return list;
}

/* The leading colon makes getopt tell a missing argument from an unknown option. */
static const char *
build_letters(const CommandLine *line)
{
    size_t n_rows = option_count_rows(line->table);
    char *letters = arena_alloc(line->arena, 2 * n_rows + sizeof(":"));
    char *next = letters;

    *next++ = ':';
    for (size_t i = 0; i < n_rows; i++)
    {
        const OptionRow *row = &line->table->rows[i];

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
    size_t n_rows = option_count_rows(line->table);
    const char **names = arena_alloc(line->arena, n_rows * sizeof(*names));
    char *name = arena_copy_string(line->arena, word);
    const char *found;

    name[strcspn(name, "=")] = '\0';
    for (size_t i = 0; i < n_rows; i++)
        names[i] = line->table->rows[i].name;
    found = nearest_find(name, names, n_rows);
    if (found != NULL)
        diag_set_hint(line->diag, "Did you mean \"--%s\"?", found);
}

/* All options that the first length characters of a name could stand for. */
static size_t
hint_at_candidates(const CommandLine *line, const char *name, size_t length)
{
    size_t n_rows = option_count_rows(line->table);
    size_t n_found = 0;
    char *list = mem_copy_string("");

    for (size_t i = 0; i < n_rows; i++)
    {
        char *longer;

        if (strncmp(line->table->rows[i].name, name, length) != 0)
            continue;
        longer = mem_format("%s%s\"--%s\"", list, n_found > 0 ? ", " : "",
                            line->table->rows[i].name);
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
                     format_name(line->arena, find_row(line, code)));
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

static bool
is_from_file(const CommandLine *line, const char *name)
{
    return line->is_from_file != NULL &&
           line->is_from_file[option_index(line->table,
                                           option_find_name(line->table, name))];
}

/* Adds which of the options are not on the command line; second may be NULL. */
static void
tell_file(const CommandLine *line, const char *first, const char *second)
{
    bool is_first = is_from_file(line, first);
    bool is_second = second != NULL && is_from_file(line, second);

    if (is_first && is_second)
        diag_set_detail(line->diag, "Both are in the configuration file \"%s\".",
                        line->config);
    else if (is_first || is_second)
        diag_set_detail(line->diag,
                        "Option \"--%s\" is in the configuration file \"%s\".",
                        is_first ? first : second, line->config);
}

static bool
check_conflicts(const CommandLine *line)
{
    for (const OptionPair *pair = line->table->conflicts; pair->first != NULL; pair++)
    {
        if (!command_line_is_given(line, pair->first) ||
            !command_line_is_given(line, pair->second))
            continue;
        diag_set_message(line->diag, "options \"%s\" and \"%s\" contradict each other",
                         format_name(line->arena,
                                     option_find_name(line->table, pair->first)),
                         format_name(line->arena,
                                     option_find_name(line->table, pair->second)));
        tell_file(line, pair->first, pair->second);
        if (pair->hint != NULL)
            diag_set_hint(line->diag, "%s", pair->hint);
        return false;
    }
    return true;
}

static bool
check_needs(const CommandLine *line)
{
    for (const OptionPair *pair = line->table->needs; pair->first != NULL; pair++)
    {
        if (!command_line_is_given(line, pair->first) ||
            command_line_is_given(line, pair->second))
            continue;
        diag_set_message(line->diag, "option \"%s\" needs option \"%s\"",
                         format_name(line->arena,
                                     option_find_name(line->table, pair->first)),
                         format_name(line->arena,
                                     option_find_name(line->table, pair->second)));
        tell_file(line, pair->first, NULL);
        return false;
    }
    return true;
}

bool
command_line_check(const CommandLine *line)
{
    return check_conflicts(line) && check_needs(line);
}

void
command_line_hint(const CommandLine *line)
{
    if (line->diag->hint == NULL)
        diag_set_hint(line->diag, "Try \"%s --help\".", line->table->program);
}

/* ---- reading */

static bool
read_option(CommandLine *line, void *options, const OptionRow *row)
{
    line->is_given[option_index(line->table, row)] = true;
    return row->parse == NULL ||
           row->parse(row, optarg, options, line->arena, line->diag);
}

bool
command_line_read(CommandLine *line, void *options)
{
    const struct option *long_options = build_long_options(line);
    const char *letters = build_letters(line);
    int code;

    opterr = 0;
    optind = 0; /* glibc: begin anew, whatever was read before */
    while ((code = getopt_long(line->argc, line->argv, letters, long_options, NULL)) !=
           -1)
    {
        const OptionRow *row = find_row(line, code == '?' || code == ':' ? optopt : code);

        if (code == ':')
            return reject_missing_argument(line, row);
        if (code == '?' && optopt != '?')
            return reject_option(line, optopt);
        if (!read_option(line, options, row))
            return false;
        if (row == option_find_name(line->table, "help"))
            line->request = REQUEST_HELP;
        else if (row == option_find_name(line->table, "version"))
            line->request = REQUEST_VERSION;
        if (line->request != REQUEST_RUN)
            break;
    }
    line->first_operand = optind;
    return true;
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
command_line_print(const OptionTable *table, OptionsRequest request)
{
    if (request == REQUEST_HELP)
    {
        option_help_print(stdout, table);
        finish_printing();
    }
    if (request == REQUEST_VERSION)
    {
        printf("%s %s\n", table->program, PACKAGE_VERSION);
        finish_printing();
    }
}
