/*
 * Which column each member of a JSON record goes to, and how its value is written there.
 * Names are matched as those of a header of CSV are: by --map, else as spelled, else
 * folded to lower case. They are prepared once for each table, in a hash table, since
 * each record has its own.
 *
 * Pure: no server, no output.
 */
#ifndef LOAD_SOURCE_JSON_MEMBERS_H
#define LOAD_SOURCE_JSON_MEMBERS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

/* What a column takes of JSON besides strings, numbers, true, false and null. */
typedef enum JsonKind
{
    JSON_KIND_SCALAR, /* nothing */
    JSON_KIND_TEXT,   /* objects and arrays, as they are written */
    JSON_KIND_JSON,   /* these, and strings as they are written */
    JSON_KIND_ARRAY   /* arrays, as arrays of PostgreSQL */
} JsonKind;

typedef struct JsonColumn
{
    const char *name;
    JsonKind kind;
    JsonKind element; /* of the array */
    char delimiter;
    const char *constant; /* where the record lacks it: a field of COPY text; or NULL */
} JsonColumn;

enum
{
    JSON_GENERATED = -1, /* instead of a column: the server writes it */
    JSON_UNKNOWN = -2
};

/* A name that a member can have. */
typedef struct JsonName
{
    const char *text;
    size_t length;
    int column;     /* of the line, or one of the above */
    bool is_mapped; /* by --map: it precedes a column of that name */
} JsonName;

typedef struct JsonMembers
{
    const JsonColumn *columns; /* of the line, in its order */
    size_t n_columns;
    const char *envelope; /* the member that has the record, or NULL: there is none */
    bool ignores_unknown;
    const JsonName *names; /* mapped ones first */
    size_t n_names;
    int *slots; /* of a hash table: indexes into names, or -1 */
    size_t n_slots;
} JsonMembers;

/* Prepares the slots for the names, in the arena. */
void json_members_prepare(JsonMembers *members, Arena *arena);

/* Returns the index of the name, or -1. */
int json_members_find(const JsonMembers *members, const char *name, size_t length);

/* Why a member that has no column is rejected, for the caller to free. */
char *json_members_describe_unknown(const JsonMembers *members, const char *name,
                                    size_t length);

#endif
