/*
 * What a pattern of the command line names, and if it names nothing, what can be meant.
 *
 * Pure: no server, no output.
 */
#ifndef MODEL_PLAN_FIND_H
#define MODEL_PLAN_FIND_H

#include "base/diag.h"
#include "model/catalog.h"
#include "model/pattern.h"

/*
 * The one relation that a pattern without wildcards names, or -1 with the reason in diag;
 * option is the one that the pattern is given for.
 */
int plan_find_table(const Catalog *catalog, const Pattern *pattern, const char *option,
                    Diag *diag);

/* The partition that a pattern without wildcards names, or NULL. */
const Partition *plan_find_partition(const Catalog *catalog, const Pattern *pattern);

/*
 * Reports why the pattern matches no table that can be sampled; where: its option or
 * rule.
 */
void plan_find_explain(const Catalog *catalog, const Pattern *pattern, const char *where,
                       Diag *diag);

/* "Did you mean x?" for a pattern that matches no table. */
void plan_find_set_table_hint(const Catalog *catalog, const Pattern *pattern, Diag *diag);

#endif
