/*
 * What columns contain, as far as statistics tell: the most common values and the bounds
 * of histograms, which pg_stats shows to those who may read the columns. Only for --plan
 * and --suggest-masks.
 */
#ifndef MODEL_PERSONAL_CONTENT_H
#define MODEL_PERSONAL_CONTENT_H

#include "db/answers.h"
#include "model/personal.h"

typedef struct PersonalContents PersonalContents;

/* In the catalog's arena. */
PersonalContents *personal_content_load(const Catalog *catalog, Answers *answers);

/*
 * Makes what was found in the column of it, unless what the name says is more: a certain
 * hit stays.
 */
void personal_content_refine(const PersonalContents *contents, int relation, int column,
                             PersonalHit *hit);

#endif
