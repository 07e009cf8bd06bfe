/* The sources that the user names, as files to be read. */
#ifndef LOADAPP_LOAD_SOURCES_H
#define LOADAPP_LOAD_SOURCES_H

#include "loadapp/load_state.h"

/* Sets the sources of run and batch; dies with EXIT_CONNECTION on what is not there. */
void sources_find(LoadRun *run);

#endif
