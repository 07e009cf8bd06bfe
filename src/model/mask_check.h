/*
 * What the rules of a class of columns must satisfy; otherwise they are refused before
 * any row is read.
 *
 *     one mask        all rules for columns of the class ask for the same function
 *     possible        each column can have it: its type, no key of a partition, ...
 *     unique          where a column is of a key, values stay different
 *     a function      of the value alone, so that equal values stay equal
 *
 * Pure: no server, no output.
 */
#ifndef MODEL_MASK_CHECK_H
#define MODEL_MASK_CHECK_H

#include "model/mask_class.h"
#include "model/mask_match.h"

/* A class that has rules. */
typedef struct MaskGroup
{
    const Catalog *catalog;
    const MaskFacts *facts;
    const MaskClasses *classes;
    const MaskMatches *matches;
    const int *members; /* numbers of its columns, ascending */
    int n_members;
    bool is_unique;       /* has a column of a unique or referenced key */
    int unique_member;    /* number of such a column */
    int decider;          /* the column that the rule matched */
    const MaskRule *rule; /* NULL: only paths of the decider are masked */
    MaskTarget target;    /* what all columns have room for */
    const bool *is_key;   /* by number: is the column one of such a key? */
    MaskCanonical texts;  /* how texts of the class are compared */
} MaskGroup;

/* What there is to know of a member. */
const MaskMatch *mask_check_get_match(const MaskGroup *group, int number);
const MaskColumnFacts *mask_check_get_facts(const MaskGroup *group, int number);
/* "schema.table.column", quoted, in the catalog's arena. */
const char *mask_check_name_column(const MaskClasses *classes, int number);

/* Chooses decider and rule. False with diag, when there are two that differ. */
bool mask_check_choose_rule(MaskGroup *group, Diag *diag)
    __attribute__((warn_unused_result));

/*
 * Can the columns have the mask? False with diag, which names column and rule. Sets the
 * target.
 */
bool mask_check_group(MaskGroup *group, Diag *diag) __attribute__((warn_unused_result));

/* The form in which values of the column are compared, once the target is set. */
MaskCanonical mask_check_choose_form(const MaskGroup *group, int number);

#endif
