/*
 * Reads a command line by an option table, with getopt, and reports what is wrong with
 * it: unknown names with the nearest one, missing arguments, options that contradict each
 * other.
 */
#ifndef CLI_COMMAND_LINE_H
#define CLI_COMMAND_LINE_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/diag.h"
#include "cli/option_table.h"

/* What the command line asks for. */
typedef enum OptionsRequest
{
    REQUEST_RUN,
    REQUEST_HELP,
    REQUEST_VERSION
} OptionsRequest;

typedef struct CommandLine
{
    const OptionTable *table;
    Arena *arena;
    Diag *diag;
    int argc;
    char **argv;            /* which getopt permutes: operands come last */
    bool *is_given;         /* by row of the table */
    int first_operand;      /* in argv; known when the options are read */
    OptionsRequest request; /* the same */
    /* options that come from a configuration file, by row, and its name; or NULL */
    const bool *is_from_file;
    const char *config;
} CommandLine;

void command_line_init(CommandLine *line, const OptionTable *table, Arena *arena,
                       int argc, char **argv, Diag *diag);

/*
 * Stores the values of options into the struct that the table's rows are about; strings
 * point into argv or the arena. It ends early where one asks for something to be printed:
 * what comes behind that does not matter. Can be called again. False, with a message in
 * diag, when something is wrong.
 */
bool command_line_read(CommandLine *line, void *options)
    __attribute__((warn_unused_result));

/* The option must be in the table. */
bool command_line_is_given(const CommandLine *line, const char *name);
void command_line_set_given(CommandLine *line, const char *name);

/* Do the options that are given go together? False with a message if not. */
bool command_line_check(const CommandLine *line) __attribute__((warn_unused_result));

/* Fills in the hint that there is --help, where the diag has none. */
void command_line_hint(const CommandLine *line);

/* Prints what is asked for and ends the program, unless that is a run. */
void command_line_print(const OptionTable *table, OptionsRequest request);

#endif
