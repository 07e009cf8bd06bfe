/*
 * The configuration file: one JSON object, in UTF-8, whose members are the long names of
 * options. Values have the same parsers as the arguments of the command line.
 */
#ifndef PROGRAMS_SAMPLE_CONFIG_FILE_H
#define PROGRAMS_SAMPLE_CONFIG_FILE_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/diag.h"
#include "programs/sample/options.h"

/*
 * Stores the options of the file; strings are copied into the arena. The arrays are by
 * index of the row: if is_given, the option is on the command line, and the member is
 * checked but not stored; is_from_file becomes true for the other members. False, with a
 * message that names file and member, if anything is wrong.
 */
bool config_file_read(const char *path, const bool *is_given, bool *is_from_file,
                      Options *options, Arena *arena, Diag *diag)
    __attribute__((warn_unused_result));

#endif
