/*
 * Which format a file has: by its name, or by what it begins with.
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
 * By the name's extension, one for gzip aside: INPUT_AUTO if that says nothing. The stem
 * is the name up to the extensions that were understood.
 */
InputFormat format_of_name(const char *name, size_t *stem_length);

/* By the first bytes: INPUT_AUTO with diag if they are of an archive, a kind of dump that
   is no text. */
InputFormat format_of_contents(const char *name, const char *start, size_t length,
                               Diag *diag);

/* Does a text dump of pg-sample or of pg_dump begin like this? */
bool format_is_dump(const char *start, size_t length);

#endif
