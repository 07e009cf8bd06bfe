/*
 * Rules about children: how many referencing rows are added for each parent row, by the
 * link (a foreign key or declared reference) along which they refer to it.
 *
 *     RULES = one line of CSV, a rule in each field
 *     rule  = PATTERN = N | *      (0 is an N: no children by this link)
 *
 * The order of rules means nothing: where several match a link, a rule with the name of
 * the constraint itself has precedence over one with the name of the table itself, and
 * that over one with wildcards. Two of the same rank must agree.
 *
 * Pure: no server, no output.
 */
#ifndef MODEL_CHILDREN_H
#define MODEL_CHILDREN_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "model/pattern.h"

/* How a pattern names a link; of two matching patterns, the greater one counts. */
typedef enum FkRank
{
    FK_RANK_NONE, /* it does not match */
    FK_RANK_WILDCARD,
    FK_RANK_TABLE,     /* the referencing table's name, literally */
    FK_RANK_CONSTRAINT /* the constraint's name, literally */
} FkRank;

typedef struct ChildrenRule
{
    Pattern pattern;
    int64_t cap;      /* children of each parent row; -1: all */
    const char *text; /* the rule as given, blanks around it removed */
    bool is_used;     /* it matched a link, as far as asked */
} ChildrenRule;

typedef struct ChildrenRules
{
    ChildrenRule *rules; /* released by children_free() */
    size_t n_rules;
    size_t capacity;
} ChildrenRules;

/*
 * Does the pattern match the link whose referencing table is schema.table? It does if it
 * matches the table, or the constraint as NAME, SCHEMA.NAME or TABLE.NAME; constraint is
 * NULL for a declared reference. All names are raw.
 */
FkRank children_rank_pattern(const Pattern *pattern, const char *schema,
                             const char *table, const char *constraint);

/*
 * Appends the rules of one --children argument; strings go to the arena. False, with what
 * and where in diag, when one is malformed.
 */
bool children_append(ChildrenRules *list, Arena *arena, const char *argument, Diag *diag)
    __attribute__((warn_unused_result));

/*
 * Sets *cap to how many children are added for a parent row by the link, -1 for all, and
 * marks all rules that match as used. False, with both rules in diag, when two of the
 * highest rank differ. For the names see children_rank_pattern().
 */
bool children_find_cap(ChildrenRules *list, const char *schema, const char *table,
                       const char *constraint, int64_t *cap, Diag *diag)
    __attribute__((warn_unused_result));

void children_free(ChildrenRules *list);

#endif
