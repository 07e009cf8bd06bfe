/*
 * What will be done with each relation, decided from the catalog and the options before
 * any row is read. The way from the options to the statements:
 *
 *     server --catalog_load--> Catalog --graph_build--> FkGraph
 *                                 |                       |
 *     --limit ... rules_append -> RuleList                |
 *     -n -t ...                   Selection               |
 *     --root ...  subset_parse -> Subset                  |
 *                                 |                       |
 *                                 +------ plan_build -----+
 *                                             |
 *                   Plan: for each relation its picks, roots, filter, caps
 *                                             |
 *         layout_build: a RowLayout for each relation
 *                                             |
 *         query*: the text of a statement for a pick, a batch of keys or of row
 *                 ids, the children of rows, staged rows ...
 *
 * Everything in this folder but the loading of the catalog (catalog_load.h, reference.h,
 * misread.h) is pure: no server, no output.
 *
 * plan_build() decides in this order: which relations are selected (is_selected, as
 * pg_dump does), the first rule that matches each of them, the picks of relations and of
 * partitions that a rule names, then roots, filters and caps of children (plan_subset.c),
 * and last which relations can get rows at all (is_needed): those with picks, roots or
 * children, and all that they refer to, transitively.
 */
#ifndef MODEL_PLAN_H
#define MODEL_PLAN_H

#include "base/diag.h"
#include "base/stringlist.h"
#include "model/catalog.h"
#include "model/graph.h"
#include "model/mask_plan.h"
#include "model/pattern.h"
#include "model/rules.h"
#include "model/subset.h"

/* Which of its rows a count or percent takes. */
typedef enum PickOrder
{
    PICK_FIRST,  /* the first rows in heap order */
    PICK_NEWEST, /* --ordered, --ordered=desc: the highest keys */
    PICK_OLDEST, /* --ordered=asc: the lowest keys */
    PICK_RANDOM, /* --random[=SEED] */
    PICK_STABLE  /* --random=stable: by a hash of the key */
} PickOrder;

/* The patterns of -n -N -t -T and --exclude-table-data. */
typedef struct Selection
{
    const StringList *schemas;
    const StringList *exclude_schemas;
    const StringList *tables;
    const StringList *exclude_tables;
    const StringList *exclude_table_data;
} Selection;

/* Rows to pick from a relation, or from one partition that a rule names literally. */
typedef struct Pick
{
    int relation;
    const Partition *partition; /* NULL: all of it but the partitions of other picks */
    const Rule *rule;
    int64_t lookup_rows; /* all of them if the table has no more rows; 0: no such limit */
    bool is_root;        /* of a root rule: other picks take nothing from it */
    bool is_unfiltered;  /* rows outside of the filter are to be found, too */
} Pick;

typedef struct PlanTable
{
    bool is_selected;        /* by -n -N -t -T */
    bool is_data_excluded;   /* --exclude-table-data, unlogged on a standby, or skipped */
    bool is_skipped;         /* left out with --continue-on-error */
    bool has_no_definition;  /* pg_dump cannot read it, skipped or not selected */
    const char *skip_reason; /* or NULL */
    bool is_needed;          /* can get rows: picked from, or referenced by such */
    Pick *picks; /* those that take at least one row; the relation's own first */
    int n_picks;
    const Rule *rule;    /* that matched the relation, or NULL: not selected */
    bool is_taken_whole; /* it is a migration tool's, and no rule has its name */
    const Rule *filter;  /* --where-column: nothing else is picked or followed; or NULL */
    Pick *roots;         /* root rules with a count or condition */
    int n_roots;
    bool has_roots;  /* by any root rule */
    bool is_entered; /* children can be added */
} PlanTable;

/* The parsed selection. */
typedef struct SelectionPatterns SelectionPatterns;

typedef struct Plan
{
    const Catalog *catalog;
    const FkGraph *graph;
    PlanTable *tables; /* by relation */
    SelectionPatterns *selection;
    PickOrder order;
    uint64_t seed;
    bool has_selection;        /* -n -N -t or -T were given */
    bool has_table_selection;  /* -t: only what is named, and what it needs */
    bool has_schema_selection; /* -n */
    bool has_schema_dump;      /* pg_dump will lock every table as well */
    bool has_user_sql;         /* rules with conditions, or references */
    const Subset *subset;      /* NULL: there are no roots */
    int *root_relations;       /* by root rule that names keys: its relation, else -1 */
    int *file_relations;       /* by root file: its relation */
    int64_t *caps;             /* by link: how many children; -1: all, 0: none */
    const MaskPlan *masks;     /* or NULL: nothing is masked */
} Plan;

/* Do -T, -N or --exclude-table-data leave the relation out? */
bool plan_is_excluded(const Plan *plan, int relation);

/* Does the selection include an object of a schema, table or not? */
bool plan_is_selected(const Plan *plan, const char *schema, const char *name);
/* Does a pattern of --exclude-table-data match it? */
bool plan_is_data_excluded(const Plan *plan, const char *schema, const char *name);
/* The same as plan_is_selected() of a schema. */
bool plan_is_schema_selected(const Plan *plan, const char *schema);

/*
 * Decides. rules must end with a rule that matches everything. False, with the reason in
 * diag, when a pattern or rule matches nothing or a named table cannot be sampled.
 */
bool plan_build(Plan *plan, const FkGraph *graph, const RuleList *rules,
                const Selection *selection, Subset *subset, Diag *diag)
    __attribute__((warn_unused_result));

/* Does the user's own SQL decide which rows the pick takes? */
bool plan_has_condition(const Plan *plan, const Pick *pick);

/*
 * Does the pick decide about rows of the leaf? A leaf belongs to the nearest of its
 * ancestors that a rule names, or else to the root.
 */
bool plan_covers_leaf(const Plan *plan, const Pick *pick, int leaf);

/*
 * From now on the table is skipped, for that reason. It is found out while rows are read,
 * when the rest of the plan is settled.
 */
void plan_skip_table(const Plan *plan, int relation, const char *reason);
/* How many tables are skipped. */
int plan_count_skipped(const Plan *plan);

/* --schema-only: nothing is picked. */
void plan_skip_data(Plan *plan);

/* ---- plan_subset.c */

/*
 * Decides; the selection must be planned already. False, with the reason in diag, when a
 * pattern matches nothing, rules contradict each other, or a root cannot have rows.
 */
bool plan_subset_build(Plan *plan, Subset *subset, Diag *diag)
    __attribute__((warn_unused_result));

/* Marks the relations that can have root rows or children. */
void plan_subset_mark(const Plan *plan, bool *is_marked);

/* ---- plan_warnings.c */

/*
 * The rule that is first for all tables that the i-th one matches, so that this one never
 * counts; NULL if it can count. A rule with wildcards can count in another database,
 * unless the earlier rule covers it by its text.
 */
const Rule *plan_warnings_find_earlier(const Catalog *catalog, const RuleList *rules,
                                       size_t i);

/*
 * The tables that inherit from a table with rows to pick but are left out, by not being
 * named: the first of their names, separated by commas and owned by the caller. NULL if
 * there is none.
 */
char *plan_warnings_list_children(const Plan *plan, int relation);

/* ---- plan_find.c */

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
