/*
 * The story of a load on standard error, in the words that its users know: those for a
 * slice, for a whole table and for an upsert differ.
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

/* The last lines: what was loaded, or would be. */
void load_narrate_end(const LoadRun *run);

/* When the program ends before the commit was done; nothing is lost then. */
void load_narrate_failure(const LoadRun *run);

/* 34,845,893 */
const char *load_narrate_number(int64_t number, char *text, size_t size);

#endif
