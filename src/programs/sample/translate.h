/*
 * Converts options to the encoding of the dump, which is that of all statements and of
 * the names in them. Rules and patterns are typed in the encoding of the locale or of
 * PGCLIENTENCODING, or are in UTF-8 in a configuration file.
 */
#ifndef PROGRAMS_SAMPLE_TRANSLATE_H
#define PROGRAMS_SAMPLE_TRANSLATE_H

#include "base/arena.h"
#include "db/db.h"
#include "programs/sample/options.h"

/*
 * Converts rules and patterns; texts are in the arena. The client encoding of the
 * connection must be that of the dump. A text of the command line that is not valid in
 * the expected encoding is left unchanged; one of the configuration file ends the
 * program.
 */
void translate_options(Options *options, Arena *arena, Db *db);

#endif
