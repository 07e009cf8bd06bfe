/*
 * Which rule is for which column: the first that matches, of those that can apply.
 *
 * A rule that names a column must be possible there. One with wildcards passes over
 * columns that cannot have its mask by their nature: of other types, generated ones, keys
 * of partitions, columns of extensions' tables. What depends on values, such as that a
 * key stays unique, is no reason to pass over a column in silence, but an error.
 *
 * Pure: no server, no output.
 */
#ifndef MODEL_MASK_MATCH_H
#define MODEL_MASK_MATCH_H

#include "model/mask_facts.h"

/* The rules of a column. */
typedef struct MaskMatch
{
    const MaskRule *rule;   /* for the column as a whole, or NULL */
    const MaskRule **paths; /* for paths, none of them twice */
    int n_paths;
} MaskMatch;

typedef struct MaskMatches
{
    MaskMatch **columns;   /* by relation, then by column */
    MaskDecision *skipped; /* by rule, relation and column */
    int n_skipped;
    MaskShadow *shadows; /* rules for nothing */
    int n_shadows;
} MaskMatches;

/*
 * In the catalog's arena. NULL, with the reason in diag and the nearest name, when a rule
 * matches nothing, or cannot apply to a column that it names.
 */
MaskMatches *mask_match_rules(const Catalog *catalog, const MaskFacts *facts,
                              const MaskRuleList *rules, Diag *diag);

/*
 * Why the column cannot have the mask by its nature: a phrase, in the catalog's arena; or
 * NULL.
 */
const char *mask_match_find_obstacle(const Catalog *catalog, const MaskFacts *facts,
                                     int relation, int column, const MaskRule *rule);
/* Sets the hint to the masks for such a column, other than the one of that kind. */
void mask_match_hint_at_kinds(const MaskKind *kind, const MaskTarget *target,
                              bool is_unique, Diag *diag);

#endif
