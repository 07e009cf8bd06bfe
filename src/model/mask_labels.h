/* Rules of masks from the security labels of PostgreSQL Anonymizer (--mask-labels). */
#ifndef MODEL_MASK_LABELS_H
#define MODEL_MASK_LABELS_H

#include "db/answers.h"
#include "model/catalog.h"
#include "model/mask_rule.h"

/*
 * Appends a rule for each column that has such a label, unless a rule of the list is for
 * it. False, with the column and its label in diag, when there is no such mask.
 */
bool mask_labels_append(MaskRuleList *rules, Arena *arena, const Catalog *catalog,
                        Answers *answers, Diag *diag) __attribute__((warn_unused_result));

#endif
