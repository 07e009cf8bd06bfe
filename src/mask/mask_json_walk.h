/*
 * Goes through a json value once, from its first byte to its last, and masks strings and
 * numbers where rules say so. All other bytes are copied as they are: names, blanks,
 * members that occur twice, and numbers as they were written.
 *
 * The value is a stream of tokens. For each object and array that is open there is a
 * frame: the rule that leads to it or to what it is in, and for each path how far it
 * leads here. Nothing recurses; frames are as many as the value is deep. Parts that no
 * path leads into are read without looking at their names.
 *
 * Pure: no server, no output.
 */
#ifndef MASK_MASK_JSON_WALK_H
#define MASK_MASK_JSON_WALK_H

#include "mask/mask.h"
#include "mask/mask_json_rules.h"

typedef struct MaskJsonWalk MaskJsonWalk;

/* The rules must outlive it. */
MaskJsonWalk *mask_json_walk_new(MaskJsonRules *rules, const CopyEncoding *encoding);
void mask_json_walk_free(MaskJsonWalk *walk);

/* As masker_apply(); a text that is no json is refused. */
MaskResult mask_json_walk_apply(MaskJsonWalk *walk, const MaskInput *input,
                                PQExpBuffer out, const char **problem);

#endif
