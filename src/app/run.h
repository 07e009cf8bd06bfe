/* One run of pg-sample, from the options to the finished dump. */
#ifndef APP_RUN_H
#define APP_RUN_H

#include "app/options.h"
#include "base/exitcode.h"

/* Ends the program on every error; otherwise EXIT_DONE, or EXIT_INCOMPLETE. */
ExitCode run(const Options *options);

#endif
