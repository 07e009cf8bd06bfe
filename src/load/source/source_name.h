/*
 * What the path or the URL of a source is called.
 *
 * Pure: no server, no output.
 */
#ifndef LOAD_SOURCE_SOURCE_NAME_H
#define LOAD_SOURCE_SOURCE_NAME_H

#include <stdbool.h>

/* For messages, without what may be secret; owned by the caller. */
char *source_name_make(const char *path);

/*
 * The last part, with its extensions; owned by the caller. Of https:// and http:// it is
 * decoded. Empty if the path ends with a slash, or the URL has none.
 */
char *source_name_make_file(const char *path);

/* Is it the URL of objects whose keys begin alike, and not that of an object? */
bool source_name_is_prefix(const char *path);

#endif
