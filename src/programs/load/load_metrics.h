/* What a run did, as numbers: one JSON object. */
#ifndef PROGRAMS_LOAD_LOAD_METRICS_H
#define PROGRAMS_LOAD_LOAD_METRICS_H

#include "programs/load/load_run_internal.h"

/*
 * Writes the file of --metrics-file; error is why the run failed, or NULL. Returns false,
 * with a warning, when it cannot be written.
 */
bool load_metrics_write(const LoadRun *run, const char *error, int exit_status);

/* Warnings about numbers that need attention. */
void load_metrics_warn(const LoadRun *run);

#endif
