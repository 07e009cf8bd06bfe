/*
 * Rules for columns that look personal, each of which can be followed: its mask takes the
 * type, fits, and is unique where the column is of a key. Columns of one class get one
 * rule.
 */
#ifndef MODEL_MASK_SUGGEST_H
#define MODEL_MASK_SUGGEST_H

#include "model/mask_model.h"
#include "model/personal.h"

typedef struct MaskSuggest MaskSuggest;

MaskSuggest *mask_suggest_new(const MaskModel *model, MaskKey *key);

/*
 * The rule for the column, in the catalog's arena; or NULL: its class has one, or no mask
 * is possible.
 */
const char *mask_suggest_find(MaskSuggest *suggest, int relation, int column,
                              const PersonalHit *hit);

#endif
