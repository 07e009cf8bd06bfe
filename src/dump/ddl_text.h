/*
 * Splits what pg_restore prints into parts.
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
 * pg_restore writes: then it is truncated, or of a release that is not known.
 */
bool ddl_text_split(const char *script, DdlParts *parts)
    __attribute__((warn_unused_result));

/*
 * The DROP statements of a body that was made with --clean, owned by the caller. Where an
 * extension or a schema belongs to another role, or other objects depend on it, it stays,
 * with a warning. With if_exists, those few statements without IF EXISTS, which fail in a
 * new database, are wrapped so that they do not: pg_restore empties views that need each
 * other or a primary key, and drops constraints of domains.
 */
char *ddl_text_take_drops(const char *body, bool if_exists);

bool ddl_text_has_prefix(const char *text, const char *prefix);

/* ---- ddl_adapt.c */

/*
 * The same script, in an encoding in which no byte of a multibyte character is a
 * backslash, owned by the caller, but:
 *
 *     - a schema is created unless it exists, and needs no privilege if it does;
 *     - a comment on an extension or a schema of another owner is skipped;
 *     - options of columns that servers reserve (their names begin with "pg_") are
 *       not set.
 */
char *ddl_adapt(const char *ddl);

#endif
