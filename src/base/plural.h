/* Plurals in messages: "%zu row%s", n, plural(n). */
#ifndef BASE_PLURAL_H
#define BASE_PLURAL_H

#include <stdint.h>

/* The word for one, or that for any other number. */
static inline const char *
plural_choose(int64_t n, const char *one, const char *other)
{
    return n == 1 ? one : other;
}

/* The ending of a noun. */
static inline const char *
plural(int64_t n)
{
    return plural_choose(n, "", "s");
}

#endif
