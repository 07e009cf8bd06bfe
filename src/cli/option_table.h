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

#include "base/arena.h"
#include "base/diag.h"

typedef struct OptionRow OptionRow;

/*
 * Stores what an option says into the program's struct of options. The argument is NULL
 * when none was given. False, with a message and a hint in diag, when it is malformed.
 */
typedef bool (*OptionParser)(const OptionRow *row, const char *argument, void *options,
                             Arena *arena, Diag *diag);

struct OptionRow
{
    const char *name;     /* without the two dashes */
    char letter;          /* without the dash, or 0 */
    bool is_optional;     /* the argument may be left out */
    bool is_number;       /* a configuration file may say it as a JSON number */
    int group;            /* where it is shown */
    const char *argument; /* as shown, or NULL: it takes none */
    OptionParser parse;   /* NULL: it only asks for something to be printed, or says
                             what is the default anyway */
    size_t target;        /* member of the struct, for the parsers of option_value.h */
    const char *help;     /* one line of at most 48 characters */
    const char *manual;   /* paragraphs for the manual page, or NULL: help says it all */
};

/* Two options that contradict each other, or one that needs another. */
typedef struct OptionPair
{
    const char *first;
    const char *second;
    const char *hint; /* or NULL */
} OptionPair;

/* What other programs take and this one does not, since it does it in another way. */
typedef struct ForeignOption
{
    const char *names; /* long ones and letters, separated by blanks */
    const char *hint;  /* a whole sentence */
} ForeignOption;

typedef struct OptionTable
{
    const char *program;
    const char *summary;  /* first line of --help */
    const char *operands; /* behind the options in the usage */
    const char *epilogue; /* last lines of --help */
    const char *const *group_titles;
    int n_groups;
    /* each of these ends with one whose first name is NULL */
    const OptionRow *rows;
    const ForeignOption *foreign;
    const OptionPair *conflicts;
    const OptionPair *needs; /* the first needs the second */
} OptionTable;

size_t option_find_count_rows(const OptionTable *table);

/* Where the row is in the table. */
size_t option_find_index(const OptionTable *table, const OptionRow *row);

/* The row of an option by its long name or by its letter, or NULL. */
const OptionRow *option_find_name(const OptionTable *table, const char *name);
const OptionRow *option_find_letter(const OptionTable *table, char letter);

#endif
