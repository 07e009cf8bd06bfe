/* Which tables of the sources --exclude-table leaves out. */
#ifndef PROGRAMS_LOAD_LOAD_EXCLUDES_H
#define PROGRAMS_LOAD_LOAD_EXCLUDES_H

#include "programs/load/load_run_internal.h"

/* Ends the program if one is not a pattern. */
void load_excludes_parse(LoadRun *run);

/* Does a pattern of the run match the name, TABLE or SCHEMA.TABLE as in SQL? */
bool load_excludes_match(void *run, const char *name);

/* Ends the program if one has matched nothing: a table would be loaded by mistake. */
void load_excludes_check(const LoadRun *run);

#endif
