/*
 * What plans of masks, suggestions and --plan are made from: facts of columns, classes of
 * columns, and which of them are of keys. Everything is in the catalog's arena.
 */
#ifndef MODEL_MASK_MODEL_H
#define MODEL_MASK_MODEL_H

#include "db/answers.h"
#include "model/mask_check.h"

struct MaskModel
{
    const Catalog *catalog;
    MaskFacts *facts;
    MaskClasses *classes;
    bool *is_unique; /* by number of a column: of a unique or referenced key */
    int *members;    /* numbers of columns, those of a class neighbours and ascending */
    int *first;      /* by class: where in members it begins; one more at the end */
};

/* Asks the server. The catalog's declared references must be loaded. */
MaskModel *mask_model_load(const Catalog *catalog, Answers *answers,
                           const CopyEncoding *encoding);

/*
 * The class with that number, from 0 to the number of columns; many are empty. Rules are
 * those of matches.
 */
MaskGroup mask_model_get_group(const MaskModel *model, const MaskMatches *matches,
                               int number);

/* ---- mask_plan.c */

/*
 * Decides what is masked. Asks the server for the largest values of keys that are to be
 * permuted, and whether values of rules are of their columns' types: so it belongs into
 * the snapshot that is sampled. NULL, with the reason and the columns in diag, when the
 * rules cannot be followed.
 */
MaskPlan *mask_plan_build(const MaskModel *model, Answers *answers,
                          const MaskRequest *request, Diag *diag);

#endif
