/*
 * One run of pg-sample-load, from the options to the committed rows.
 *
 *     load_options -> LoadOptions          load_config: a file; table_settings: per table
 *          |
 *     load_run         the flow, and what ends it
 *          |-- load_run_stage    SOURCE -> staging tables      LoadBatch, Rejects
 *          |-- load_run_check    checks, diffs, checks of them   Findings end the run
 *          |-- commit_run()      the only part that locks and changes the tables
 *          |-- load_run_clean    ANALYZE, staging tables dropped or kept
 *          `-- load_narrate, load_metrics    messages, JSON
 *
 * --commit-staged begins with staging tables that are there, --stage-only and --dry-run
 * end before the commit or roll it back, and where rows cannot be staged direct_load()
 * takes the place of the three in the middle.
 */
#ifndef PROGRAMS_LOAD_LOAD_RUN_H
#define PROGRAMS_LOAD_LOAD_RUN_H

#include "base/exitcode.h"
#include "programs/load/load_options.h"

ExitCode load_run(const LoadOptions *options);

#endif
