/*
 * Names of columns, raw: of a header, or of the column list of a statement.
 *
 * Pure: no server, no output.
 */
#ifndef LOAD_SOURCE_NAMES_H
#define LOAD_SOURCE_NAMES_H

#include <stddef.h>

typedef struct NameList
{
    char **items;
    size_t n_items;
    size_t capacity;
} NameList;

void names_add(NameList *names, const char *text, size_t length);

/* Removes all names. */
void names_free(NameList *names);

#endif
