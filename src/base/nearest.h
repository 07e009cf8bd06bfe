/* "Did you mean ...?": the name that a mistyped one is nearest to. */
#ifndef BASE_NEAREST_H
#define BASE_NEAREST_H

#include <stddef.h>

/*
 * Returns the candidate with the smallest edit distance to word, ASCII case ignored, or
 * NULL when none is near enough to be worth naming (about a third of the word's length).
 * The first of equals wins. NULL candidates are passed over.
 */
const char *nearest_find(const char *word, const char *const *candidates,
                         size_t n_candidates);

#endif
