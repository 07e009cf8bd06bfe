/*
 * Declared references: references that no foreign key is defined for.
 *
 *     --reference 'T1(EXPR, ...) -> T2(COLUMN, ...) [when CONDITION]'
 *
 * A row of T1 refers to the rows of T2 whose columns equal its expressions, if it
 * satisfies the condition. T1 and T2 are names of one table each.
 *
 * Pure: no server, no output.
 */
#ifndef MODEL_REFERENCE_RULE_H
#define MODEL_REFERENCE_RULE_H

#include <stdbool.h>

#include "base/arena.h"
#include "model/pattern.h"

typedef struct ReferenceRule
{
    Pattern referencing;      /* T1; exact */
    const char **expressions; /* over T1's columns, SQL as given */
    const char **names;       /* raw, of expressions that are only a name; or NULL */
    Pattern referenced;       /* T2; exact */
    const char **columns;     /* raw */
    int n_columns;            /* and expressions, at least 1 */
    const char *condition;    /* over T1's columns, or NULL */
    const char *text;         /* the argument, blanks around it removed */
} ReferenceRule;

/*
 * Parses one argument; everything it keeps is in the arena. False, with what and where in
 * diag and a hint, when it is malformed. The SQL in it is for the server to judge.
 */
bool reference_rule_parse(ReferenceRule *rule, Arena *arena, const char *argument,
                          Diag *diag) __attribute__((warn_unused_result));

#endif
