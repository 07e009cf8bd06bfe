/* Which tables of the sources --exclude-table leaves out. */
#ifndef PROGRAMS_LOAD_LOAD_EXCLUDES_H
#define PROGRAMS_LOAD_LOAD_EXCLUDES_H

#include "programs/load/load_run_internal.h"

/* Dies of a pattern that is none. */
void load_excludes_parse(LoadRun *run);

/* Does one match the table of that name, TABLE or SCHEMA.TABLE as SQL has it? */
bool load_excludes_match(LoadRun *run, const char *name);

/* Dies of one that has matched none: a table that was meant would have been loaded. */
void load_excludes_check(const LoadRun *run);

#endif
