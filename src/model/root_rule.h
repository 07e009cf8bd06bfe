/*
 * Root rules: which rows a sample is made around. One --root argument is one rule; what
 * is first outside of double quotes, : or =, decides which form it has:
 *
 *     PATTERN = ROWS         as in a limit rule
 *     TABLE:KEY[,KEY...]     the rows that have these keys
 *     KEY = VALUE | (VALUE[,VALUE...])
 *
 * A VALUE with a comma, a parenthesis, a double quote or blanks at its ends is written in
 * double quotes, with those in it doubled.
 *
 * Pure: no server, no output.
 */
#ifndef MODEL_ROOT_RULE_H
#define MODEL_ROOT_RULE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "model/pattern.h"
#include "model/rules.h"

/* The values of one key, as text for the server to cast. */
typedef struct KeyText
{
    const char **values;
    int n_values;
} KeyText;

typedef struct RootRule
{
    Pattern pattern;  /* of either form; exact in the short one */
    bool is_by_key;   /* the short form: keys count, otherwise rule */
    Rule rule;        /* the long form */
    KeyText *keys;    /* the short form: at least one, all with as many values */
    size_t n_keys;    /* 0 in the long form */
    const char *text; /* the argument, blanks around it removed */
} RootRule;

/*
 * Parses one --root argument; everything it keeps is in the arena. False, with what and
 * where in diag and a hint, when it is malformed.
 */
bool root_rule_parse(RootRule *rule, Arena *arena, const char *argument, Diag *diag)
    __attribute__((warn_unused_result));

/* The same of an option that takes the short form only; its name is for messages. */
bool root_rule_parse_keys(RootRule *rule, Arena *arena, const char *argument,
                          const char *option, Diag *diag)
    __attribute__((warn_unused_result));

#endif
