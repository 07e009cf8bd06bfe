/*
 * Limit rules: which rows of which tables are picked. Of the rules that match a
 * table the first counts, for all of its rows.
 *
 *     RULES  = one line of CSV, a rule in each field
 *     rule   = [PATTERN =] rows
 *     rows   = * | COUNT | PERCENT% | CONDITION      (0 is a COUNT)
 *            | COUNT where CONDITION | PERCENT% where CONDITION
 *
 * Without PATTERN = only *, a count or a percent (each with or without where) is
 * accepted; it is short for "* = ...".
 *
 * Pure: no server, no output.
 */
#ifndef MODEL_RULES_H
#define MODEL_RULES_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "model/pattern.h"

typedef enum RuleKind
{
    RULE_ALL,    /* every row, or every row that satisfies the condition */
    RULE_COUNT,  /* so many of the rows that satisfy the condition, if any */
    RULE_PERCENT /* this share of them */
} RuleKind;

typedef struct Rule
{
    Pattern pattern;
    RuleKind kind;
    int64_t count;         /* RULE_COUNT */
    double percent;        /* RULE_PERCENT, more than 0 and at most 100 */
    const char *condition; /* an SQL boolean expression, or NULL */
    const char *text;      /* the rule as given, blanks around it removed */
} Rule;

typedef struct RuleList
{
    Rule *rules; /* released by rules_free() */
    size_t n_rules;
    size_t capacity;
} RuleList;

/*
 * Appends the rules of one --limit argument; strings go to the arena. False, with what
 * and where in diag (and a hint how to quote where that is the likely cause), when one is
 * malformed.
 */
bool rules_append(RuleList *list, Arena *arena, const char *argument, Diag *diag)
    __attribute__((warn_unused_result));

/*
 * Reads a text that is one rule as a whole: not a field of CSV, and never rows alone. The
 * message in diag begins with what it is, such as "root rule", and the text.
 */
bool rules_parse_one(Rule *rule, Arena *arena, const char *text, const char *what,
                     Diag *diag) __attribute__((warn_unused_result));

/* Index of the first rule that matches the table, or -1. */
int rules_find(const RuleList *list, const char *schema, const char *name);

/*
 * Like rules_find(), among the rules whose pattern names a table literally: for
 * partitions, which no wildcard matches.
 */
int rules_find_literal(const RuleList *list, const char *schema, const char *name);

void rules_free(RuleList *list);

#endif
