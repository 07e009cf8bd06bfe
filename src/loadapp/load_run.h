/* What pg-sample-load does once it knows what is wanted. */
#ifndef LOADAPP_LOAD_RUN_H
#define LOADAPP_LOAD_RUN_H

#include "base/exitcode.h"
#include "loadapp/load_options.h"

ExitCode load_run(const LoadOptions *options);

#endif
