/* One run of pg-sample, from the options to the finished dump. */
#ifndef APP_RUN_H
#define APP_RUN_H

#include "app/options.h"

/* Ends the program on every error; returns when all is done. */
void run(const Options *options);

#endif
