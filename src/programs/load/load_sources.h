/* The sources that the user names, as files to be read. */
#ifndef PROGRAMS_LOAD_LOAD_SOURCES_H
#define PROGRAMS_LOAD_LOAD_SOURCES_H

#include "programs/load/load_run_internal.h"

/* Sets the sources of run and batch; dies with EXIT_CONNECTION on what is not there. */
void load_sources_find(LoadRun *run);

#endif
