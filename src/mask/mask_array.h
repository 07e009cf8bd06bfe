/*
 * Arrays, masked element by element. The literal that the server wrote is read from its
 * first byte to its last, whatever its dimensions: bounds ("[2:3]="), braces and commas
 * are copied, NULL elements stay NULL, all others lose their quotes and escapes, are
 * masked, and get quotes and escapes again where an array wants them.
 *
 * An array whose canonical form is another text, such as in lower case, is read beside
 * it, so that each element has its canonical form, too. Nesting is a matter of braces, so
 * nothing recurses. The cost is that of the elements' masks and one pass.
 *
 * Pure: no server, no output.
 */
#ifndef MASK_MASK_ARRAY_H
#define MASK_MASK_ARRAY_H

#include "mask/mask_kind.h"

/* Buffers for elements, which grow. */
typedef struct MaskArray MaskArray;

MaskArray *mask_array_new(void);
void mask_array_free(MaskArray *array);

/*
 * As masker_apply(), of a value of an array type: each element goes to apply() of the
 * masker's kind. When one is refused, so is the array.
 */
MaskResult mask_array_apply(MaskArray *array, Masker *masker, const MaskInput *input,
                            PQExpBuffer out, const char **problem);

#endif
