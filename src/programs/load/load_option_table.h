/* The option table of pg-sample-load. */
#ifndef PROGRAMS_LOAD_LOAD_OPTION_TABLE_H
#define PROGRAMS_LOAD_LOAD_OPTION_TABLE_H

#include "cli/option_table.h"

typedef enum LoadOptionGroup
{
    LOAD_GROUP_GENERAL,
    LOAD_GROUP_CONNECTION,
    LOAD_GROUP_SOURCE,
    LOAD_GROUP_ROWS,
    LOAD_GROUP_SAFETY,
    LOAD_GROUP_COMMIT,
    LOAD_GROUP_STAGING,
    LOAD_GROUP_OUTPUT,
    N_LOAD_GROUPS
} LoadOptionGroup;

extern const OptionTable load_option_table;

/* Its rows. */
extern const OptionRow load_option_rows[];
extern const ForeignOption load_option_foreign[];

#endif
