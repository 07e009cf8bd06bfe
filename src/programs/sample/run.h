/* One run of pg-sample, from the options to the finished dump. */
#ifndef PROGRAMS_SAMPLE_RUN_H
#define PROGRAMS_SAMPLE_RUN_H

#include "base/exitcode.h"
#include "programs/sample/options.h"

/* Ends the program on every error; otherwise EXIT_DONE, or EXIT_INCOMPLETE. */
ExitCode run(const Options *options);

#endif
