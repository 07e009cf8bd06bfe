/*
 * Names and lists as users write them in options: names are folded to lower case unless
 * they stand in double quotes, and a quote inside is doubled.
 *
 * Pure: no output, no exit.
 */
#ifndef PROGRAMS_LOAD_TABLE_NAME_H
#define PROGRAMS_LOAD_TABLE_NAME_H

#include <stdbool.h>

#include "base/arena.h"

typedef struct TableName
{
    const char *schema; /* or NULL: any */
    const char *name;
} TableName;

/* TABLE or SCHEMA.TABLE; false if it is neither. */
bool table_name_parse(const char *text, TableName *name, Arena *arena)
    __attribute__((warn_unused_result));

/* Are the schema and the table, as the catalog has them, what the name means? */
bool table_name_matches(const TableName *name, const char *schema, const char *table);

/*
 * One item of a list: *rest from its beginning to one of the characters in stops, where
 * it is left; it may stand in double quotes, which are removed. NULL when a quote does
 * not end, or does not end at a stop. In the arena.
 */
const char *table_name_take_item(const char **rest, const char *stops, Arena *arena);

/* The same for a name: blanks around it do not count, and an empty one is NULL too. */
const char *table_name_take(const char **rest, const char *stops, Arena *arena);

#endif
