/*
 * A JSON array as the text of an array of PostgreSQL: [1,null,"a b"] is {1,NULL,"a b"}.
 * Arrays in it are its dimensions, unless its elements are JSON themselves. Whether these
 * are of the same size is for the server to say.
 *
 * Pure: no server, no output.
 */
#ifndef LOAD_SOURCE_JSON_ARRAY_H
#define LOAD_SOURCE_JSON_ARRAY_H

#include <stddef.h>

#include "base/strbuf.h"
#include "load/source/json_members.h"

/*
 * Appends the array of elements of the kind; the delimiter is that of their type. Returns
 * NULL, or why it cannot be such an array, for the caller to free. The text must be
 * valid.
 */
char *json_array_append(PQExpBuffer out, const char *text, size_t length, JsonKind kind,
                        char delimiter) __attribute__((warn_unused_result));

#endif
