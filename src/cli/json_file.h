/* A configuration file: one JSON object, in UTF-8. */
#ifndef CLI_JSON_FILE_H
#define CLI_JSON_FILE_H

#include <jansson.h>

#include "base/arena.h"
#include "base/diag.h"

/*
 * The object in the file, owned by the caller, or NULL with a message; the hint shows
 * what such an object looks like.
 */
json_t *json_file_load(const char *path, const char *hint, Diag *diag)
    __attribute__((warn_unused_result));

/* What a value can be besides a string. */
enum
{
    JSON_FILE_NUMBER = 1 << 0, /* a whole one */
    JSON_FILE_BOOLEAN = 1 << 1
};

/*
 * The value as the argument of an option would have it, in the arena. NULL, with what it
 * must be in *problem, if it is neither a string nor one of the kinds.
 */
const char *json_file_get_text(const json_t *value, int kinds, Arena *arena,
                               const char **problem) __attribute__((warn_unused_result));

#endif
