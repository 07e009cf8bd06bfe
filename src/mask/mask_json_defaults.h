/*
 * What "json all" makes of strings and numbers that no path names.
 *
 * A string is masked by what it looks like: an e-mail address as the mask email does it,
 * a phone number as phone, and so on, so that it becomes what the same value becomes in a
 * column with that mask. A date keeps its year. What has digits keeps its form, as by
 * pattern, and all else gets other words. A number keeps its sign, its point and how many
 * digits it has, and its first digit never grows, so that it fits where it did.
 *
 * Pure: no server, no output.
 */
#ifndef MASK_MASK_JSON_DEFAULTS_H
#define MASK_MASK_JSON_DEFAULTS_H

#include "mask/mask.h"

typedef struct MaskJsonDefaults MaskJsonDefaults;

/* For "json all" with what is behind that: " in 'shop'". NULL with a message in diag. */
MaskJsonDefaults *mask_json_defaults_new(Arena *arena, const MaskSpec *spec, MaskKey *key,
                                         const CopyEncoding *encoding, Diag *diag);
/* Releases what is not in the arena. */
void mask_json_defaults_free(MaskJsonDefaults *defaults);

/* Appends the mask of a string; input->value is what it means, without quotes. */
void mask_json_defaults_append_string(MaskJsonDefaults *defaults, const MaskInput *input,
                                      PQExpBuffer out);
void mask_json_defaults_append_number(MaskJsonDefaults *defaults, const MaskInput *input,
                                      PQExpBuffer out);

#endif
