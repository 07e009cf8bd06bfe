/*
 * The masks for what content.h tells apart, each as it is in a column of its own, so that
 * a value becomes the same one wherever it is found. For what has no mask that takes
 * texts it is pattern. Dates have none.
 *
 * Pure: no server, no output.
 */
#ifndef MASK_MASK_CONTENTS_H
#define MASK_MASK_CONTENTS_H

#include "mask/content.h"
#include "mask/mask.h"

typedef struct MaskContents MaskContents;

/*
 * Suffix is what the masks have behind their names, such as " in 'shop'", or "". NULL
 * with a message in diag.
 */
MaskContents *mask_contents_new(Arena *arena, const char *suffix, MaskKey *key,
                                const CopyEncoding *encoding, Diag *diag);
/* Releases what is not in the arena. */
void mask_contents_free(MaskContents *contents);

/* Appends the mask of a value of that kind; false when it has none. */
bool mask_contents_append(MaskContents *contents, ContentKind kind,
                          const MaskInput *input, PQExpBuffer out);

/* By pattern, whatever it looks like. */
bool mask_contents_append_pattern(MaskContents *contents, const MaskInput *input,
                                  PQExpBuffer out);

#endif
