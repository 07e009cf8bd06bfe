/*
 * The options of a program, a row each, in the order in which they are shown. The command
 * line, --help, the manual page, README.md and the shell completion come from its table.
 *
 * Pure: the table and the functions here neither log nor exit.
 */
#ifndef CLI_OPTION_TABLE_H
#define CLI_OPTION_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/diag.h"

typedef struct OptionRow OptionRow;

/*
 * Stores the value of an option into the program's struct of options. The argument is
 * NULL when none was given. False, with a message and a hint in diag, when it is
 * malformed.
 */
typedef bool (*OptionParser)(const OptionRow *row, const char *argument, void *options,
                             Arena *arena, Diag *diag);

struct OptionRow
{
    const char *name;     /* without the two dashes */
    char letter;          /* without the dash, or 0 */
    bool is_optional;     /* the argument may be left out */
    bool is_number;       /* a configuration file may have it as a JSON number */
    unsigned modes;       /* those in which it has a meaning: 1 << i for modes[i] */
    const char *argument; /* as shown, or NULL: it takes none */
    OptionParser parse;   /* NULL: it only asks for something to be printed, or for
                             what is the default anyway */
    size_t target;        /* member of the struct, for the parsers of option_value.h */
    const char *help;     /* one line of at most 48 characters */
    const char *manual;   /* paragraphs for the manual page, or NULL: help is enough */
};

/* In a row: what is written on the command line, and the modes. */
#define OPTION(NAME, LETTER, ARGUMENT, MODES)                                            \
    .name = (NAME), .letter = (LETTER), .argument = (ARGUMENT), .modes = (MODES)

/*
 * An option that changes what the program does, so that options whose rows do not have
 * its bit have no meaning beside it, and are refused.
 */
typedef struct OptionMode
{
    const char *name;
    const char *hint; /* why */
} OptionMode;

/* Two options that contradict each other, or one that needs another. */
typedef struct OptionPair
{
    const char *first;
    const char *second;
    const char *hint; /* or NULL */
} OptionPair;

/* An option of other programs for what this one does otherwise, or not. */
typedef struct ForeignOption
{
    const char *names; /* long ones and letters, separated by blanks */
    const char *hint;  /* a whole sentence */
} ForeignOption;

/* Options that are shown together. */
typedef struct OptionGroup
{
    const char *title;
    const OptionRow *rows; /* ends with one whose name is NULL */
} OptionGroup;

typedef struct OptionTable
{
    const char *program;
    const char *summary;  /* first line of --help */
    const char *operands; /* behind the options in the usage */
    const char *epilogue; /* last lines of --help */
    /* each of these ends with one whose first text is NULL */
    const OptionGroup *groups;
    const OptionMode *modes;
    const ForeignOption *foreign;
    const OptionPair *conflicts;
    const OptionPair *needs; /* the first needs the second */
} OptionTable;

size_t option_find_count_rows(const OptionTable *table);

/* The row with the index, counted over all groups, or NULL behind the last. */
const OptionRow *option_find_row(const OptionTable *table, size_t index);

/* The index of the row. */
size_t option_find_index(const OptionTable *table, const OptionRow *row);

/* The row of an option by its long name or by its letter, or NULL. */
const OptionRow *option_find_name(const OptionTable *table, const char *name);
const OptionRow *option_find_letter(const OptionTable *table, char letter);

/* ---- option_help.c */

/* Errors are left to the stream. */
void option_help_print(FILE *out, const OptionTable *table);

/* "=FILE", "[=SEED]" or nothing: the argument as it follows the long name. */
const char *option_help_format_argument(const OptionRow *row, char *text, size_t size);

/* ---- option_suggest.c */

/*
 * Sets the hint, if there is one for the name, which has no dashes; what follows a "="
 * does not count. The dashes stand before names in the hint. Rows for which is_left_out,
 * unless it is NULL, are not suggested. False when there is none.
 */
bool option_suggest(const OptionTable *table, const char *name, const char *dashes,
                    bool (*is_left_out)(const OptionRow *row), Diag *diag);

/* Is the name, up to a "=", that of an option, of this program or another? */
bool option_suggest_is_known(const OptionTable *table, const char *name);

#endif
