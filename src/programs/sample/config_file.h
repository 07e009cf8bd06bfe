/*
 * The configuration file: one JSON object, in UTF-8, whose members are the long names of
 * options. Its values go through the same parsers as the arguments of the command line.
 */
#ifndef PROGRAMS_SAMPLE_CONFIG_FILE_H
#define PROGRAMS_SAMPLE_CONFIG_FILE_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/diag.h"
#include "programs/sample/options.h"

/*
 * Stores what the file says into options; strings are copied into the arena. The arrays
 * are by row of the option table: what is_given is on the command line, and so the file's
 * member is checked but not stored; is_from_file becomes true for the others that are
 * there. False, with a message that names file and member, when anything is wrong.
 */
bool config_file_read(const char *path, const bool *is_given, bool *is_from_file,
                      Options *options, Arena *arena, Diag *diag)
    __attribute__((warn_unused_result));

#endif
