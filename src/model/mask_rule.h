/*
 * Mask rules: which columns get which mask.
 *
 *     RULES  = one line of CSV, a rule in each field (rule_reader.h)
 *     rule   = PATTERN [PATH] = MASK
 *     PATTERN = [schema.]table.column, as psql takes names
 *     PATH   = $.a.b, $.a[*].c, $..email: in values of json, behind a blank
 *     MASK   = a mask with its arguments (mask/mask.h)
 *
 * Pure: no server, no output.
 */
#ifndef MODEL_MASK_RULE_H
#define MODEL_MASK_RULE_H

#include <stddef.h>

#include "base/arena.h"
#include "mask/mask.h"
#include "model/pattern.h"

typedef struct MaskRule
{
    Pattern table;
    Pattern column;   /* its name part alone */
    const char *path; /* NULL: the column as a whole */
    MaskSpec spec;
    const char *text; /* the rule as given, blanks around it removed */
    bool is_exact;    /* it names tables and column, without wildcards */
} MaskRule;

typedef struct MaskRuleList
{
    MaskRule *rules; /* released by mask_rule_free() */
    size_t n_rules;
    size_t capacity;
} MaskRuleList;

/*
 * Appends the rules of one --mask argument; strings go to the arena. False, with what and
 * where in diag and a hint, when one is malformed.
 */
bool mask_rule_append(MaskRuleList *list, Arena *arena, const char *argument, Diag *diag)
    __attribute__((warn_unused_result));

bool mask_rule_matches(const MaskRule *rule, const char *schema, const char *table,
                       const char *column);

void mask_rule_free(MaskRuleList *list);

#endif
