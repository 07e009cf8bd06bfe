/*
 * "Did you mean ...?": the name that a mistyped one is nearest to, by the optimal string
 * alignment distance: one for each character that is inserted, deleted or replaced, and
 * for two neighbours that are swapped ("--limti" is 1 from "--limit").
 *
 * Only candidates whose length is near enough are compared, and of the table of distances
 * three rows are kept; so hundreds of names cost next to nothing.
 */
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
