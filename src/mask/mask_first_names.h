/*
 * 1,024 common first names of many countries, in ASCII.
 *
 * Pure: no server, no output.
 */
#ifndef MASK_MASK_FIRST_NAMES_H
#define MASK_MASK_FIRST_NAMES_H

#include <stdbool.h>
#include <stddef.h>

enum
{
    MASK_FIRST_NAMES = 1024
};

/* The name of that number, modulo their count; at most 11 characters. */
const char *mask_first_names_get(unsigned bits);

/* Is the word one of them? The case of letters is ignored. */
bool mask_first_names_contain(const char *word, size_t length);

#endif
