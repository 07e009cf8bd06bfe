/*
 * The format of a file: that of --format, else by its name, else by its first bytes. Only
 * dumps and JSON can be recognized by their first bytes, so anything else is CSV. A name
 * that contradicts the contents is an error for dumps only.
 *
 * Pure: no server, no output.
 */
#ifndef LOAD_SOURCE_FORMAT_H
#define LOAD_SOURCE_FORMAT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/diag.h"
#include "load/source/input.h"

/*
 * By the extension, ".gz" or ".zst" removed before; INPUT_AUTO if it is not known. The
 * stem is the name without the extensions that are known.
 */
InputFormat format_of_name(const char *name, size_t *stem_length);

/* By the first bytes; INPUT_AUTO with diag for an archive of pg_dump. */
InputFormat format_of_contents(const char *name, const char *start, size_t length,
                               Diag *diag);

/* Is it the beginning of a plain-text dump of pg-sample or pg_dump? */
bool format_is_dump(const char *start, size_t length);

#endif
