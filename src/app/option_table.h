/*
 * The options of pg-sample, a row each, in the order in which they are shown. The command
 * line, --help, the manual page, README.md and the shell completion come from this table.
 *
 * Pure: the table and the functions here neither log nor exit.
 */
#ifndef APP_OPTION_TABLE_H
#define APP_OPTION_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "app/options.h"
#include "base/diag.h"

typedef enum OptionGroup
{
    GROUP_GENERAL,
    GROUP_CONNECTION,
    GROUP_ROWS,
    GROUP_SLICES,
    GROUP_SELECTION,
    GROUP_DUMP,
    GROUP_SERVER,
    GROUP_STAGING,
    N_OPTION_GROUPS
} OptionGroup;

typedef struct OptionRow OptionRow;

/*
 * Stores what an option says. The argument is NULL when none was given. False, with a
 * message and a hint in diag, when it is malformed.
 */
typedef bool (*OptionParser)(const OptionRow *row, const char *argument, Options *options,
                             Arena *arena, Diag *diag);

struct OptionRow
{
    const char *name;     /* without the two dashes */
    char letter;          /* without the dash, or 0 */
    bool is_optional;     /* the argument may be left out */
    bool is_number;       /* a configuration file may say it as a JSON number */
    OptionGroup group;    /* where it is shown */
    const char *argument; /* as shown, or NULL: it takes none */
    OptionParser parse;   /* NULL: it only asks for something to be printed, or says
                             what is the default anyway */
    size_t target;        /* member of Options, for the parsers of option_value.h */
    const char *help;     /* one line of at most 48 characters */
    const char *manual;   /* paragraphs for the manual page, or NULL: help says it all */
};

extern const OptionRow option_table[];
extern const size_t option_table_size;

/* Two options that contradict each other, or one that needs another. */
typedef struct OptionPair
{
    const char *first;
    const char *second;
    const char *hint; /* or NULL */
} OptionPair;

extern const OptionPair option_conflicts[];
extern const size_t n_option_conflicts;
/* The first needs the second. */
extern const OptionPair option_needs[];
extern const size_t n_option_needs;

const char *option_group_title(OptionGroup group);

/* Where the row is in the table. */
size_t option_index(const OptionRow *row);

/* The row of an option by its long name or by its letter, or NULL. */
const OptionRow *option_find_name(const char *name);
const OptionRow *option_find_letter(char letter);

#endif
