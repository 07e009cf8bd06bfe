/*
 * What a rule makes of a string or number of a json value. The mask is that of a column:
 * of text where it takes texts, else of the type that it takes. A number is masked as
 * numeric where the mask takes numbers, and as text otherwise.
 *
 * What becomes of a number is a number, unless a mask of texts made of it what is none,
 * or what has another length, such as a hash: that is a string. true and false stay,
 * unless the mask is null or fixed; null always does.
 *
 * Pure: no server, no output.
 */
#ifndef MASK_MASK_JSON_LEAF_H
#define MASK_MASK_JSON_LEAF_H

#include "mask/mask.h"
#include "mask/mask_json_defaults.h"
#include "mask/mask_json_text.h"

typedef struct MaskJsonLeaf
{
    bool is_keep;
    bool takes_words;           /* true and false as well */
    MaskJsonDefaults *defaults; /* of "json all"; else NULL, and there are maskers */
    Masker *string;             /* NULL: these are refused */
    Masker *timestamp;          /* for strings longer than a date; NULL: as others */
    Masker *number;
    PQExpBufferData value;
    PQExpBufferData masked;
} MaskJsonLeaf;

/* Makes it, of leaf that is zeroed. False with a message in diag. */
bool mask_json_leaf_prepare(MaskJsonLeaf *leaf, Arena *arena, const MaskSpec *spec,
                            MaskKey *key, const CopyEncoding *encoding, Diag *diag)
    __attribute__((warn_unused_result));
/* Releases what is not in the arena. */
void mask_json_leaf_free(MaskJsonLeaf *leaf);

/*
 * Appends what becomes of the token, which is a string, number or word; of a value whose
 * others and by are those of the whole.
 */
MaskResult mask_json_leaf_apply(MaskJsonLeaf *leaf, const MaskInput *whole,
                                const MaskJsonToken *token, const CopyEncoding *encoding,
                                PQExpBuffer out, const char **problem);

/*
 * Replaces leaf->masked by the mask of a string that has no quotes or escapes, which is
 * in leaf->value.
 */
MaskResult mask_json_leaf_mask_string(MaskJsonLeaf *leaf, const MaskInput *input,
                                      const char **problem);

#endif
