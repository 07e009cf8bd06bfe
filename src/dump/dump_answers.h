/*
 * The questions that writing a dump asks the source besides those for rows, whatever the
 * options of the output are: asked once while a sample is taken that is to be kept, they
 * need no source when the dump is written again.
 */
#ifndef DUMP_DUMP_ANSWERS_H
#define DUMP_DUMP_ANSWERS_H

#include "sample/session.h"

/* Asks all of them; the session's facts must be recording, and the catalog loaded. */
void dump_answers_ask(Session *session);

#endif
