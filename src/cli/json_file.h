/* A configuration file: one JSON object, in UTF-8. */
#ifndef CLI_JSON_FILE_H
#define CLI_JSON_FILE_H

#include <jansson.h>

#include "base/diag.h"

/*
 * The object in the file, owned by the caller, or NULL with a message; the hint says what
 * such an object looks like.
 */
json_t *json_file_load(const char *path, const char *hint, Diag *diag)
    __attribute__((warn_unused_result));

#endif
