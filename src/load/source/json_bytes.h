/*
 * What in the bytes of a record must not reach yajl, or the server. yajl decodes half of
 * a surrogate pair as "?", silently, and reads behind a pair that is cut off; it takes
 * overlong UTF-8, and vertical tabs and form feeds for blanks. A NUL character cannot be
 * in a text of PostgreSQL.
 *
 * In JSON a backslash occurs only in strings, so each one begins an escape, and where it
 * is elsewhere yajl will stop before it. So the bytes are checked without knowing what is
 * a string: eight at once, as long as none is a backslash, a control character, or beyond
 * ASCII. Control characters other than the blanks of JSON are allowed nowhere.
 *
 * Pure: no server, no output.
 */
#ifndef LOAD_SOURCE_JSON_BYTES_H
#define LOAD_SOURCE_JSON_BYTES_H

#include <stddef.h>

/* What is wrong with the bytes, or NULL; and where. */
const char *json_bytes_check(const char *text, size_t length, size_t *offset);

#endif
