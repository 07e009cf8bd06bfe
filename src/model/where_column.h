/*
 * --where-column CONDITION: a condition on a column that many tables have.
 *
 *     tenant_id = 7          "Tenant" IN (1, 2)          deleted_at IS NULL
 *
 * It begins with the name of the column, as SQL writes it: folded to lower case unless it
 * is in double quotes.
 *
 * Pure: no server, no output.
 */
#ifndef MODEL_WHERE_COLUMN_H
#define MODEL_WHERE_COLUMN_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/diag.h"

typedef struct WhereColumn
{
    const char *column;    /* raw */
    const char *condition; /* all of the argument, blanks around it removed */
} WhereColumn;

/*
 * Parses one argument; strings go to the arena. False with diag when it does not begin
 * with the name of a column, or when nothing follows that. The rest is for the server to
 * judge.
 */
bool where_column_parse(WhereColumn *where, Arena *arena, const char *argument,
                        Diag *diag) __attribute__((warn_unused_result));

#endif
