/*
 * Takes apart what pg_restore prints.
 *
 * Pure: no server, no output.
 */
#ifndef DUMP_DDL_TEXT_H
#define DUMP_DDL_TEXT_H

#include <stdbool.h>

/* Each part ends with a newline or is empty; the caller releases them with free(). */
typedef struct DdlParts
{
    char *settings; /* the leading block of SET statements */
    char *body;     /* what is left without comments at both ends, and \restrict */
} DdlParts;

/*
 * Splits a whole script. False, and nothing to release, when its end is not the one that
 * pg_restore writes: then it is cut off, or of a release that we do not know.
 */
bool ddl_text_split(const char *script, DdlParts *parts)
    __attribute__((warn_unused_result));

/*
 * The DROP statements of a body that was made with --clean, owned by the caller. Where an
 * extension or a schema belongs to somebody else, or others use it, it stays, with a
 * warning. With if_exists, those few for which there is no IF EXISTS, and which
 * pg_restore lets fail in a new database, are wrapped so that they do not: it empties
 * views that need each other or a primary key, and drops constraints of domains.
 */
char *ddl_text_take_drops(const char *body, bool if_exists);

bool ddl_text_has_prefix(const char *text, const char *prefix);

#endif
