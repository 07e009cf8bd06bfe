/*
 * One run of pg-sample, from the options to the finished dump.
 *
 *     options       argv, configuration file -> Options
 *        |
 *     run_plan      rules, Catalog, FkGraph -> Plan, which --plan prints; the snapshot
 *        |
 *        |-- run_mask        what is masked -> MaskPlan
 *        |-- run_schema      pg_dump beside the sampling -> Toc, DdlText
 *        `-- run_sample      direct or staging mode -> Sample, Proof
 *               |            run_provenance: what brought the rows
 *     run_output    emit -> the dump, unless --verify-only; the report
 *
 * run_resume takes Plan, Sample and schema from a staging schema instead, and --cleanup
 * (cleanup.c) needs only the connection. run_options stores the options that choose rows
 * and tables in the staging schema, and reads them back.
 */
#ifndef PROGRAMS_SAMPLE_RUN_H
#define PROGRAMS_SAMPLE_RUN_H

#include "base/exitcode.h"
#include "programs/sample/options.h"

/* Ends the program on every error; otherwise EXIT_DONE, or EXIT_INCOMPLETE. */
ExitCode run(const Options *options);

/* ---- run_mask_answer.c */

/* Instead of a run: what needs no server, --mask-list and --new-mask-key. */
ExitCode run_mask_answer(const Options *options);

#endif
