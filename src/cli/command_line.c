#include "config.h"

#include "cli/command_line.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"

enum
{
    LONG_OPTION = 256 /* plus the row's index: what getopt returns for a long option */
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
                          .is_given = arena_alloc(arena, option_find_count_rows(table)),
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
    return line
        ->is_given[option_find_index(line->table, option_find_name(line->table, name))];
}

void
command_line_set_given(CommandLine *line, const char *name)
{
    line->is_given[option_find_index(line->table, option_find_name(line->table, name))] =
        true;
}

/* The row that getopt speaks of by a letter or by LONG_OPTION and its index, or NULL. */
static const OptionRow *
find_row(const CommandLine *line, int code)
{
    return code >= LONG_OPTION
               ? option_find_row(line->table, (size_t)(code - LONG_OPTION))
               : option_find_letter(line->table, (char)code);
}

/* ---- what getopt wants to know */

static const struct option *
build_long_options(const CommandLine *line)
{
    size_t n_rows = option_find_count_rows(line->table);
    struct option *list = arena_alloc(line->arena, (n_rows + 1) * sizeof(*list));

    for (size_t i = 0; i < n_rows; i++)
    {
        const OptionRow *row = option_find_row(line->table, i);

        list[i].name = row->name;
        list[i].val = LONG_OPTION + (int)i;
        if (row->argument != NULL)
            list[i].has_arg = row->is_optional ? optional_argument : required_argument;
    }
    return list;
}

/*
 * With the leading colon getopt reports a missing argument and an unknown option apart.
 */
static const char *
build_letters(const CommandLine *line)
{
    size_t n_rows = option_find_count_rows(line->table);
    char *letters = arena_alloc(line->arena, 2 * n_rows + sizeof(":"));
    char *next = letters;

    *next++ = ':';
    for (size_t i = 0; i < n_rows; i++)
    {
        const OptionRow *row = option_find_row(line->table, i);

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

/* The word is a long name behind its dashes, and what it may have of an argument. */
static bool
reject_name(const CommandLine *line, const char *word)
{
    int length = (int)strcspn(word, "=");
    char *name = arena_copy_string(line->arena, word);

    name[length] = '\0';
    diag_set_message(line->diag, "unknown option \"%s\"", name);
    (void)option_suggest(line->table, name + strspn(name, "-"), "--", NULL, line->diag);
    return false;
}

static bool
reject_letter(const CommandLine *line, int letter)
{
    const char *word = optind < line->argc ? line->argv[optind] : "";
    const char name[] = {(char)letter, '\0'};

    if (letter > ' ' && letter < 0x7f)
        diag_set_message(line->diag, "unknown option \"-%c\"", letter);
    else
        diag_set_message(line->diag, "unknown option \"-\\%03o\"", letter & 0xff);
    /* one dash where there should be two? */
    if (word[0] != '-' || word[1] == '-' || strchr(word, letter) == NULL ||
        !option_suggest(line->table, word + 1, "--", NULL, line->diag))
        (void)option_suggest(line->table, name, "--", NULL, line->diag);
    return false;
}

/*
 * Is the option written as it should be? getopt takes any beginning of a name that is no
 * other's, and so --tables for --tablespaces, and -file for the letter and "ile".
 */
static bool
check_spelling(const CommandLine *line, const OptionRow *row, int code)
{
    const char *word = line->argv[optind - 1];
    bool is_separate = optarg != NULL && optarg == word;

    if (code >= LONG_OPTION)
    {
        if (is_separate)
            word = line->argv[optind - 2];
        return strlen(row->name) == strcspn(word, "=") - strlen("--") ||
               reject_name(line, word);
    }
    return optarg == NULL || is_separate ||
           !option_suggest_is_known(line->table, word + 1) || reject_name(line, word);
}

/* Reports what getopt could not read; code is its optopt. */
static bool
reject_option(const CommandLine *line, int code)
{
    if (code == 0)
        return reject_name(line, line->argv[optind - 1]);
    if (code < LONG_OPTION)
        return reject_letter(line, code);
    if (!check_spelling(line, find_row(line, code), code))
        return false;
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
           line->is_from_file[option_find_index(line->table,
                                                option_find_name(line->table, name))];
}

/* Adds which of the options are not on the command line; second may be NULL. */
static void
report_file(const CommandLine *line, const char *first, const char *second)
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
reject_pair(const CommandLine *line, const OptionPair *pair)
{
    diag_set_message(line->diag, "options \"%s\" and \"%s\" contradict each other",
                     format_name(line->arena, option_find_name(line->table, pair->first)),
                     format_name(line->arena,
                                 option_find_name(line->table, pair->second)));
    report_file(line, pair->first, pair->second);
    if (pair->hint != NULL)
        diag_set_hint(line->diag, "%s", pair->hint);
    return false;
}

static bool
check_conflicts(const CommandLine *line)
{
    for (const OptionPair *pair = line->table->conflicts; pair->first != NULL; pair++)
    {
        if (command_line_is_given(line, pair->first) &&
            command_line_is_given(line, pair->second))
            return reject_pair(line, pair);
    }
    return true;
}

/* Has each of the options a meaning beside those that change what the program does? */
static bool
check_modes(const CommandLine *line)
{
    const OptionMode *modes = line->table->modes;
    const OptionRow *row;

    for (int i = 0; modes[i].name != NULL; i++)
    {
        if (!command_line_is_given(line, modes[i].name))
            continue;
        for (size_t j = 0; (row = option_find_row(line->table, j)) != NULL; j++)
        {
            if (line->is_given[j] && (row->modes & 1U << i) == 0)
                return reject_pair(line, &(OptionPair){modes[i].name, row->name,
                                                       modes[i].hint});
        }
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
        report_file(line, pair->first, NULL);
        return false;
    }
    return true;
}

bool
command_line_check(const CommandLine *line)
{
    return check_conflicts(line) && check_modes(line) && check_needs(line);
}

void
command_line_hint(const CommandLine *line)
{
    if (line->diag->hint == NULL)
        diag_set_hint(line->diag, "Try \"%s --help\".", line->table->program);
}

/* ---- reading */

static bool
read_option(CommandLine *line, void *options, const OptionRow *row, int code)
{
    if (!check_spelling(line, row, code))
        return false;
    line->is_given[option_find_index(line->table, row)] = true;
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
    optind = 0; /* glibc: start over, whatever was read before */
    while ((code = getopt_long(line->argc, line->argv, letters, long_options, NULL)) !=
           -1)
    {
        const OptionRow *row = find_row(line, code == '?' || code == ':' ? optopt : code);

        if (code == ':')
            return check_spelling(line, row, optopt) &&
                   reject_missing_argument(line, row);
        if (code == '?' && optopt != '?')
            return reject_option(line, optopt);
        if (!read_option(line, options, row, code == '?' ? optopt : code))
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
