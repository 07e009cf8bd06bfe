/*
 * What is masked, and how: the rules of --mask, decided for each column.
 *
 *     mask_rule    "customer.email = email": pattern, column, path, mask
 *     mask_match   the rules of each column: the first that matches and can apply
 *     mask_facts   what the server says of columns, unique indexes, checks
 *     mask_class   columns that refer to each other form a class: union-find over the
 *                  foreign keys and declared references; one rule for all of its members
 *     mask_check   what is refused: conflicts, keys of partitions, masks that repeat ...
 *     mask_model   all that the server and the catalog say, for plans and suggestions
 *     mask_plan    by column: its masker, canonical form, unique keys
 *
 * Everything is in the catalog's arena, but for what the maskers hold.
 */
#ifndef MODEL_MASK_PLAN_H
#define MODEL_MASK_PLAN_H

#include "mask/mask.h"
#include "model/catalog.h"
#include "model/mask_rule.h"

/* How to make values that a key takes for equal the same bytes. */
typedef enum MaskCanonical
{
    MASK_CANONICAL_AS_IS,
    MASK_CANONICAL_TRIMMED, /* char(n): without blanks at the end */
    MASK_CANONICAL_NUMERIC, /* without zeros at the end of a fraction */
    MASK_CANONICAL_LOWERED  /* citext: by the server's lower() */
} MaskCanonical;

/* A column that is masked. */
typedef struct MaskColumn
{
    int relation;
    int column;
    int number;           /* in plan->columns */
    int class_number;     /* in plan->classes */
    const char *rule;     /* text of the rule that decided, or the label */
    bool is_derived;      /* the rule is for another column of the class */
    const MaskSpec *spec; /* of the column as a whole; NULL: only paths are masked */
    const MaskRule **path_rules; /* for paths of json values */
    int n_path_rules;
    Masker *masker;
    MaskTarget target;
    MaskCanonical canonical;
    int by;          /* of "by COLUMN": column of the relation, else -1 */
    bool has_domain; /* the declared type is a domain, which may have checks */
    bool is_scanned; /* its raw values must not occur elsewhere: leak scan */
} MaskColumn;

/* Columns whose equal values must stay equal; at least one. */
typedef struct MaskClass
{
    int number;
    const MaskColumn **columns;
    int n_columns;
    bool is_unique; /* has a column of a unique or referenced key */
} MaskClass;

/* A column that a rule leaves as it is, or that one with wildcards passed over. */
typedef struct MaskDecision
{
    int relation;
    int column;
    const char *rule;
    const char *reason; /* a phrase; NULL: "keep" */
} MaskDecision;

/* A rule that is for no column, since one with wildcards comes before it. */
typedef struct MaskShadow
{
    const char *rule;
    const char *earlier;
} MaskShadow;

/*
 * A generated column of a relation that has masks. Unique indexes and checks can have it:
 * their expressions are to be evaluated over rows that have it as well.
 */
typedef struct MaskGenerated
{
    int relation;
    int first_leaf; /* in rows of these leaves */
    int n_leaves;
    int column;
    const char *expression; /* SQL by pg_get_expr(), over the other columns */
} MaskGenerated;

/* A unique index that has a masked column, of a relation or a partition of it. */
typedef struct MaskUniqueIndex
{
    int relation;
    int first_leaf; /* rows of these leaves */
    int n_leaves;
    const char *qname;
    int *columns; /* key columns; NULL: it has expressions, a predicate or generated
                     columns, and the server decides */
    int n_columns;
    const char *expressions; /* else: SQL of the key, a row constructor's content */
    const char *predicate;   /* SQL, or NULL */
    bool nulls_not_distinct;
} MaskUniqueIndex;

/* What rows must satisfy besides: CHECK and domain constraints over masked columns. */
typedef struct MaskCheck
{
    int relation;
    int first_leaf;
    int n_leaves;
    const char *qname;      /* of the constraint */
    const char *alias;      /* what the expression calls the table, quoted */
    const char *expression; /* SQL by pg_get_expr() */
    const char *masked;     /* the masked columns that it uses, as a message has them */
} MaskCheck;

typedef struct MaskModel MaskModel; /* see mask_model.h */

typedef struct MaskPlan
{
    const Catalog *catalog;
    const MaskModel *model;
    MaskKey *key;
    char fingerprint[MASK_FINGERPRINT_SIZE];
    bool is_random;      /* the key is of this run alone */
    MaskColumn *columns; /* by relation and column */
    int n_columns;
    MaskColumn ***column_of; /* by relation and column; NULL: none is masked */
    MaskClass *classes;
    int n_classes;
    MaskUniqueIndex *indexes;
    int n_indexes;
    MaskCheck *checks;
    int n_checks;
    MaskGenerated *generated;
    int n_generated;
    MaskDecision *kept; /* by relation and column */
    int n_kept;
    MaskDecision *skipped; /* columns that a rule with wildcards passed over */
    int n_skipped;
    MaskShadow *shadows;
    int n_shadows;
} MaskPlan;

typedef struct MaskRequest
{
    const MaskRuleList *rules; /* those of labels last */
    MaskKey *key;              /* which the plan owns from then on */
    bool is_random;
    const CopyEncoding *encoding; /* of the dump; must outlive the plan */
} MaskRequest;

/* Is the column masked? Not without a plan, NULL. */
bool mask_plan_has_column(const MaskPlan *plan, int relation, int column);

/* Is any column of the relation masked? */
bool mask_plan_has_relation(const MaskPlan *plan, int relation);

/* Releases maskers and key. */
void mask_plan_free(MaskPlan *plan);

#endif
