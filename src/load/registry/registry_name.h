/*
 * Names of our tables: <table>_<what>_<8 hex>_<yyyymmdd_hhmmss>, at most 63 bytes.
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
 * Appends the name, unquoted. The table's part is cut between characters where there is
 * no room for it. Its characters beyond ASCII become "_" unless it is UTF-8: other
 * encodings may need more bytes on the server than here, which would cut the tail off.
 */
void registry_name_append(PQExpBuffer out, const char *table, const char *what,
                          const char *tail, bool is_utf8);

/*
 * The tail of a name of ours, which may be qualified and quoted: no other table has it.
 * False if it is no such name.
 */
bool registry_name_find_tail(const char *qname, char tail[TABLE_NAME_TAIL_SIZE]);

#endif
