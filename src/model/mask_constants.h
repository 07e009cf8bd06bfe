/*
 * Are the values that a rule has for a column of the column's type? The server says so
 * before any row is read.
 */
#ifndef MODEL_MASK_CONSTANTS_H
#define MODEL_MASK_CONSTANTS_H

#include "db/answers.h"
#include "mask/mask.h"
#include "model/catalog.h"

/* False, with a message in diag that begins with the problem. */
bool mask_constants_check(const MaskSpec *spec, const MaskTarget *target,
                          const Column *column, Answers *answers, Diag *diag)
    __attribute__((warn_unused_result));

#endif
