/*
 * The option table of pg-sample-load. Its rows are in load_option_general.c (the run),
 * load_option_store.c (URLs), load_option_batch.c (batches) and load_option_changes.c
 * (what is loaded, and how).
 */
#ifndef PROGRAMS_LOAD_LOAD_OPTION_TABLE_H
#define PROGRAMS_LOAD_LOAD_OPTION_TABLE_H

#include "cli/option_table.h"

/* The modes of a row. */
enum
{
    LOAD_WITH_STATUS = 1 << 0,
    LOAD_WITH_GC = 1 << 1,
    LOAD_WITH_COMMIT_STAGED = 1 << 2,
    LOAD_WITH_STAGE_ONLY = 1 << 3,
    LOAD_WITH_INIT = 1 << 4,
    LOAD_WITH_PRINT_DDL = 1 << 5,
    LOAD_WITH_APPROVE = 1 << 6,
    LOAD_WITH_ROLLBACK = 1 << 7,
    LOAD_WITH_UNDO_OF = 1 << 8,
    /* what options have in common */
    LOAD_WITH_ALL = (1 << 9) - 1,
    LOAD_WITH_READING = LOAD_WITH_STAGE_ONLY | LOAD_WITH_APPROVE, /* of sources */
    LOAD_WITH_LOAD = LOAD_WITH_COMMIT_STAGED | LOAD_WITH_READING, /* any load */
    LOAD_WITH_UNDOING = LOAD_WITH_ROLLBACK | LOAD_WITH_UNDO_OF,
    LOAD_WITH_COMMIT = LOAD_WITH_LOAD | LOAD_WITH_UNDOING /* what writes to tables */
};

extern const OptionTable load_option_table;

/* Its groups. */
extern const OptionRow load_option_general[];
extern const OptionRow load_option_connection[];
extern const OptionRow load_option_sources[];
extern const OptionRow load_option_store[];
extern const OptionRow load_option_batch[];
extern const OptionRow load_option_changes[];
extern const OptionRow load_option_checks[];
extern const OptionRow load_option_commit[];
extern const OptionRow load_option_staging[];
extern const OptionRow load_option_output[];

extern const ForeignOption load_option_foreign[];

#endif
