/*
 * Name patterns as psql's \d takes them: [schema.]name, letters folded to lower case
 * unless in double quotes, * for any text and ? for any character outside of quotes.
 * Without a schema part the pattern matches in every schema.
 * https://www.postgresql.org/docs/current/app-psql.html#APP-PSQL-PATTERNS
 *
 * Pure: no server, no output.
 */
#ifndef MODEL_PATTERN_H
#define MODEL_PATTERN_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/diag.h"

typedef struct Pattern
{
    const char *text;   /* as given, for messages */
    const char *schema; /* for fnmatch(3), or NULL: every schema */
    const char *name;   /* for fnmatch(3) */
    bool is_literal;    /* the name part has no wildcard */
    bool is_exact;      /* neither part has one */
} Pattern;

/* Parses text; everything it keeps is in the arena. False with a message in diag. */
bool pattern_parse(Pattern *pattern, Arena *arena, const char *text, Diag *diag)
    __attribute__((warn_unused_result));

/* Parses a pattern for schemas alone (-n): the whole of it is the name part. */
bool pattern_parse_schema(Pattern *pattern, Arena *arena, const char *text, Diag *diag)
    __attribute__((warn_unused_result));

bool pattern_matches(const Pattern *pattern, const char *schema, const char *name);
bool pattern_matches_schema(const Pattern *pattern, const char *schema);

#endif
