/*
 * What of a row's other values is looked for in a free text: the raw values of masked
 * columns, and the words of those that have as many words as their masks, such as names.
 * Short ones, which occur in any text, are left out. The case of ASCII letters does not
 * count, but for words of three letters.
 *
 * Pure: no server, no output.
 */
#ifndef MASK_MASK_NEEDLES_H
#define MASK_MASK_NEEDLES_H

#include "mask/mask.h"

typedef struct MaskNeedles MaskNeedles;

MaskNeedles *mask_needles_new(void);
void mask_needles_free(MaskNeedles *needles);

/* Replaces them by those of a row. */
void mask_needles_set(MaskNeedles *needles, const MaskReplacement *others,
                      size_t n_others);

/*
 * The longest that is in the text at that byte, between the ends of words; NULL: none.
 * Where is_aligned, bytes that are not ASCII are known to begin characters.
 */
const MaskReplacement *mask_needles_find(const MaskNeedles *needles, const char *text,
                                         size_t length, size_t at, bool is_aligned);

#endif
