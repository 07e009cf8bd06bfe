/*
 * The option table of pg-sample. Its rows are in sample_option_general.c (the run),
 * sample_option_choice.c (rows and tables), sample_option_mask.c (masks) and
 * sample_option_dump.c (what is written).
 */
#ifndef PROGRAMS_SAMPLE_SAMPLE_OPTION_TABLE_H
#define PROGRAMS_SAMPLE_SAMPLE_OPTION_TABLE_H

#include "cli/option_table.h"

/*
 * The modes of a row. --plan and --suggest-masks describe the run that the other options
 * ask for, and so go with all of them but those that name another output.
 */
enum
{
    WITH_SCHEMA_ONLY = 1 << 0,
    WITH_NO_STAGING = 1 << 1,
    WITH_PLAN = 1 << 2,
    WITH_VERIFY_ONLY = 1 << 3,
    WITH_RESUME = 1 << 4,
    WITH_CLEANUP = 1 << 5,
    WITH_SUGGEST_MASKS = 1 << 6,
    WITH_NEW_MASK_KEY = 1 << 7,
    WITH_MASK_LIST = 1 << 8,
    /* what options have in common */
    WITH_ALL = (1 << 9) - 1,
    /* any run that takes or writes a sample */
    WITH_SAMPLE = WITH_ALL & ~WITH_CLEANUP & ~WITH_NEW_MASK_KEY & ~WITH_MASK_LIST,
    WITH_TABLES = WITH_SAMPLE & ~WITH_RESUME,         /* ... and that chooses tables */
    WITH_ROWS = WITH_TABLES & ~WITH_SCHEMA_ONLY,      /* ... and rows of them */
    WITH_STAGING = WITH_ROWS & ~WITH_NO_STAGING,      /* ... in staging mode */
    WITH_DUMP = WITH_SAMPLE & ~WITH_VERIFY_ONLY,      /* ... and that writes a dump */
    WITH_DUMPED_ROWS = WITH_DUMP & ~WITH_SCHEMA_ONLY, /* ... with rows */
    /* ... to a file */
    WITH_FILE = WITH_DUMP & ~WITH_PLAN & ~WITH_SUGGEST_MASKS
};

extern const OptionTable option_table;

/* Its groups. */
extern const OptionRow sample_option_general[];
extern const OptionRow sample_option_connection[];
extern const OptionRow sample_option_picks[];
extern const OptionRow sample_option_subsets[];
extern const OptionRow sample_option_selection[];
extern const OptionRow sample_option_mask[];
extern const OptionRow sample_option_dump[];
extern const OptionRow sample_option_server[];
extern const OptionRow sample_option_staging[];

extern const ForeignOption option_foreign[];

#endif
