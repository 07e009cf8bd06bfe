/* What pg-sample-load does once it knows what is wanted. */
#ifndef PROGRAMS_LOAD_LOAD_RUN_H
#define PROGRAMS_LOAD_LOAD_RUN_H

#include "base/exitcode.h"
#include "programs/load/load_options.h"

ExitCode load_run(const LoadOptions *options);

#endif
