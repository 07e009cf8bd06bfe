/*
 * Names of columns, raw: of a header, or of the column list of a statement.
 *
 * Pure: no server, no output.
 */
#ifndef LOAD_SOURCE_NAMES_H
#define LOAD_SOURCE_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/diag.h"

typedef struct NameList
{
    char **items;
    size_t n_items;
    size_t capacity;
} NameList;

void names_add(NameList *names, const char *text, size_t length);

/* False with diag if one is empty or occurs twice. */
bool names_check(const NameList *names, const char *file, size_t line, Diag *diag)
    __attribute__((warn_unused_result));

/* Removes all names. */
void names_free(NameList *names);

#endif
