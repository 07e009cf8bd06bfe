/*
 * Names of the loader's tables: <table>_<what>_<8 hex>_<yyyymmdd_hhmmss>, at most 63
 * bytes. The end is random, so a name occurs once in all schemas, and an error message of
 * the server is about the table if it contains the end.
 *
 * Pure: no server, no output.
 */
#ifndef LOAD_REGISTRY_REGISTRY_NAME_H
#define LOAD_REGISTRY_REGISTRY_NAME_H

#include <stdbool.h>
#include <stddef.h>

#include "base/strbuf.h"

enum
{
    TABLE_NAME_MAX = 63,      /* bytes: NAMEDATALEN - 1 */
    TABLE_NAME_TAIL_SIZE = 25 /* "a1b2c3d4_20250930_143022" and its end */
};

/*
 * Appends the name, unquoted. The name of the table is truncated between characters if it
 * is too long. Its non-ASCII characters become "_" in encodings other than UTF-8: they
 * can have more bytes on the server, which would truncate the end.
 */
void registry_name_append(PQExpBuffer out, const char *table, const char *what,
                          const char *tail, bool is_utf8);

/* The end of such a name, maybe qualified and quoted. False if it is another name. */
bool registry_name_find_tail(const char *qname, char tail[TABLE_NAME_TAIL_SIZE]);

#endif
