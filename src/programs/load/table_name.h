/*
 * Names and lists in options. As in SQL, names are folded to lower case unless they are
 * in double quotes, where a double quote is doubled.
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

/* Does the name mean this table, with schema and name as in the catalog? */
bool table_name_matches(const TableName *name, const char *schema, const char *table);

/*
 * One item of a list: from *rest to one of the characters in stops, to which *rest is
 * moved. Double quotes around it are removed. NULL if a quote does not end, or does not
 * end at a stop. In the arena.
 */
const char *table_name_take_item(const char **rest, const char *stops, Arena *arena);

/* The same for a name: surrounding blanks are ignored, and an empty name is NULL, too. */
const char *table_name_take(const char **rest, const char *stops, Arena *arena);

#endif
