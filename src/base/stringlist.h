/* A growing list of strings that belong to somebody else. */
#ifndef BASE_STRINGLIST_H
#define BASE_STRINGLIST_H

#include <stddef.h>

typedef struct StringList
{
    const char **items;
    size_t n_items;
    size_t capacity;
} StringList;

#endif
