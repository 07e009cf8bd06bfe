/* The option table of pg-sample. */
#ifndef PROGRAMS_SAMPLE_SAMPLE_OPTION_TABLE_H
#define PROGRAMS_SAMPLE_SAMPLE_OPTION_TABLE_H

#include "cli/option_table.h"

typedef enum OptionGroup
{
    GROUP_GENERAL,
    GROUP_CONNECTION,
    GROUP_ROWS,
    GROUP_SUBSETS,
    GROUP_SELECTION,
    GROUP_DUMP,
    GROUP_SERVER,
    GROUP_STAGING,
    N_OPTION_GROUPS
} OptionGroup;

extern const OptionTable option_table;

/* Its parts. */
extern const OptionRow option_rows[];
extern const OptionPair option_conflicts[];
extern const OptionPair option_needs[];
extern const ForeignOption option_foreign[];

#endif
