/*
 * Messages about the progress of a load on standard error. Their words are those that
 * users of other loaders know, and differ for a slice, a whole table and an upsert.
 */
#ifndef PROGRAMS_LOAD_LOAD_NARRATE_H
#define PROGRAMS_LOAD_LOAD_NARRATE_H

#include "programs/load/load_run_internal.h"

/* Before and after a table's rows are staged. */
void load_narrate_staging(const LoadTable *table);
void load_narrate_staged(const LoadBatch *batch);

void load_narrate_commit(const LoadBatch *batch);
void load_narrate_committed(const LoadRun *run);
void load_narrate_clean(const LoadBatch *batch);

/* The last messages: what was loaded, or would be. */
void load_narrate_end(const LoadRun *run);

/* When the program ends before the commit, so that nothing has changed. */
void load_narrate_failure(const LoadRun *run);

/* 34,845,893 */
const char *load_narrate_number(int64_t number, char *text, size_t size);

#endif
