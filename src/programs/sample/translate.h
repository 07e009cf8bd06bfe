/*
 * The user's texts in the encoding of the dump. Rules and patterns are typed in the
 * encoding of the locale (or of PGCLIENTENCODING), or written in UTF-8 in a configuration
 * file, while all our statements, and the names in them, are in that of the dump.
 */
#ifndef PROGRAMS_SAMPLE_TRANSLATE_H
#define PROGRAMS_SAMPLE_TRANSLATE_H

#include "base/arena.h"
#include "db/db.h"
#include "programs/sample/options.h"

/*
 * Replaces rules and patterns by their translation, in the arena. The connection's
 * encoding must be that of the dump. A text that was typed and is not in the encoding
 * expected is left as it is; one of a configuration file ends the program.
 */
void translate_options(Options *options, Arena *arena, Db *db);

#endif
