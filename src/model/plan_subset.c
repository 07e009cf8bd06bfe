/*
 * The part of the plan that is about slices: which relations have roots, by which links
 * children are added, and the filter of each table.
 *
 * A slice is what is added around root rows. Going down from them, children (rows that
 * refer to root rows or to other children) are added by every link whose cap is not 0,
 * generation by generation; going up, all that these rows refer to, as in any sample. The
 * set of relations that children can be in (is_entered) is found here, by walking the
 * links backwards from the relations with roots until no relation is new: it decides what
 * is locked, staged and indexed, before any row is read. Which filter holds for a
 * relation depends on its columns alone: each condition of --where-column is about all
 * relations that have the column.
 *
 * Pure: no server, no output.
 */
#include "model/plan.h"

#include <string.h>

#include "base/arena.h"
#include "base/plural.h"
#include "base/strbuf.h"
#include "model/nearest_name.h"

/* ---- filters */

/* One rule from all filters on columns that the relation has, or NULL. */
static const Rule *
make_filter(const Plan *plan, const Subset *subset, const Relation *relation,
            bool *is_used)
{
    Arena *arena = plan->catalog->arena;
    PQExpBufferData condition;
    PQExpBufferData text;
    Rule *rule = NULL;

    initPQExpBuffer(&condition);
    initPQExpBuffer(&text);
    for (size_t i = 0; i < subset->n_filters; i++)
    {
        const WhereColumn *filter = &subset->filters[i];

        if (catalog_find_column(relation, filter->column) < 0)
            continue;
        is_used[i] = true;
        appendPQExpBuffer(&condition, "%s(\n%s\n)", condition.len > 0 ? " AND " : "",
                          filter->condition);
        appendPQExpBuffer(&text, "%s%s", text.len > 0 ? " AND " : "", filter->condition);
    }
    if (condition.len > 0)
    {
        rule = arena_alloc(arena, sizeof(*rule));
        *rule = (Rule){.kind = RULE_ALL,
                       .condition = arena_copy_string(arena, condition.data),
                       .text = arena_copy_string(arena, text.data)};
    }
    termPQExpBuffer(&condition);
    termPQExpBuffer(&text);
    return rule;
}

static bool
plan_filters(Plan *plan, const Subset *subset, Diag *diag)
{
    const Catalog *catalog = plan->catalog;
    bool *is_used = ARENA_ARRAY(catalog->arena, subset->n_filters, *is_used);

    for (int i = 0; i < catalog->n_relations; i++)
    {
        if (!catalog->relations[i].is_extension_member)
            plan->tables[i].filter =
                make_filter(plan, subset, &catalog->relations[i], is_used);
    }
    for (size_t i = 0; i < subset->n_filters; i++)
    {
        const char *column = subset->filters[i].column;

        if (is_used[i])
            continue;
        diag_set_message(diag, "no table has the column \"%s\" of --where-column \"%s\"",
                         column, subset->filters[i].condition);
        nearest_name_set_hint(diag,
                              nearest_name_of_column(catalog->relations,
                                                     catalog->n_relations, column),
                              NULL);
        return false;
    }
    return true;
}

/* ---- roots */

static bool
may_have_roots(const Plan *plan, int relation, const char *text, Diag *diag)
{
    const PlanTable *table = &plan->tables[relation];
    const char *name = plan->catalog->relations[relation].qname;

    if (table->is_selected && !table->is_data_excluded)
        return true;
    diag_set_message(diag, "the root rows \"%s\" are of table %s, %s", text, name,
                     table->is_selected ? "whose data is excluded"
                                        : "which is not selected");
    diag_set_hint(diag, table->is_selected
                            ? "Leave out --exclude-table-data for it."
                            : "Select it as well, or leave out the selection of tables.");
    return false;
}

static void
append_root(Plan *plan, const Pick *pick)
{
    PlanTable *table = &plan->tables[pick->relation];
    Pick *roots =
        arena_alloc(plan->catalog->arena, ((size_t)table->n_roots + 1) * sizeof(*roots));

    if (table->n_roots > 0)
        memcpy(roots, table->roots, (size_t)table->n_roots * sizeof(*roots));
    roots[table->n_roots++] = *pick;
    table->roots = roots;
    table->has_roots = true;
}

/* A condition alone names rows, so that it is an error if one of them is filtered out. */
static bool
names_rows(const Rule *rule)
{
    return rule->kind == RULE_ALL && rule->condition != NULL;
}

static bool
plan_rule_of_rows(Plan *plan, const RootRule *root, Diag *diag)
{
    const Catalog *catalog = plan->catalog;
    const Partition *partition = plan_find_partition(catalog, &root->pattern);
    bool is_matched = false;

    if (partition != NULL)
    {
        append_root(plan, &(Pick){.relation = partition->relation,
                                  .partition = partition,
                                  .rule = &root->rule,
                                  .is_root = true,
                                  .is_unfiltered = names_rows(&root->rule)});
        return may_have_roots(plan, partition->relation, root->text, diag);
    }
    for (int i = 0; i < catalog->n_relations; i++)
    {
        const Relation *relation = &catalog->relations[i];

        if (relation->is_extension_member ||
            !pattern_matches(&root->pattern, relation->schema, relation->name))
            continue;
        if (root->pattern.is_literal && !may_have_roots(plan, i, root->text, diag))
            return false;
        is_matched = true;
        if (plan->tables[i].is_selected && !plan->tables[i].is_data_excluded)
            append_root(plan, &(Pick){.relation = i,
                                      .rule = &root->rule,
                                      .is_root = true,
                                      .is_unfiltered = names_rows(&root->rule)});
    }
    if (is_matched)
        return true;
    diag_set_message(diag, "no table matches \"%s\" of the root rule \"%s\"",
                     root->pattern.text, root->text);
    plan_find_set_table_hint(catalog, &root->pattern, diag);
    return false;
}

static bool
plan_rule_of_keys(Plan *plan, const RootRule *root, int *relation, Diag *diag)
{
    const Relation *found;

    *relation = plan_find_table(plan->catalog, &root->pattern, "--root", diag);
    if (*relation < 0 || !may_have_roots(plan, *relation, root->text, diag))
        return false;
    plan->tables[*relation].has_roots = true;
    found = &plan->catalog->relations[*relation];
    if (found->n_key == 0)
    {
        diag_set_message(diag,
                         "table %s has no primary key, nor another key without NULLs",
                         found->qname);
        diag_set_hint(diag, "Name the rows by a condition: --root='%s = CONDITION'.",
                      found->qname);
        return false;
    }
    if (root->n_keys > 0 && root->keys[0].n_values != found->n_key)
    {
        diag_set_message(
            diag,
            "root rule \"%s\" has %d value%s for a key, but the key of table "
            "%s has %d column%s",
            root->text, root->keys[0].n_values, plural(root->keys[0].n_values),
            found->qname, found->n_key, plural(found->n_key));
        diag_set_hint(diag, found->n_key > 1 ? "A key of several columns is written in "
                                               "parentheses: lines:(42,1),(42,2)."
                                             : "Keys are separated by commas: t:42,43.");
        return false;
    }
    return true;
}

static bool
plan_roots(Plan *plan, const Subset *subset, Diag *diag)
{
    Arena *arena = plan->catalog->arena;

    plan->root_relations = ARENA_ARRAY(arena, subset->n_roots, int);
    plan->file_relations = ARENA_ARRAY(arena, subset->n_files, int);
    for (size_t i = 0; i < subset->n_roots; i++)
    {
        const RootRule *root = &subset->roots[i];

        plan->root_relations[i] = -1;
        if (root->is_by_key
                ? !plan_rule_of_keys(plan, root, &plan->root_relations[i], diag)
                : !plan_rule_of_rows(plan, root, diag))
            return false;
    }
    for (size_t i = 0; i < subset->n_files; i++)
    {
        const RootFile *file = &subset->files[i];
        int relation =
            plan_find_table(plan->catalog, &file->pattern, "--root-file", diag);

        plan->file_relations[i] = relation;
        if (relation < 0 || !may_have_roots(plan, relation, file->text, diag))
            return false;
        plan->tables[relation].has_roots = true;
    }
    return true;
}

/* Without other roots, all rows that satisfy the filter are roots. */
static void
plan_filtered_roots(Plan *plan)
{
    Arena *arena = plan->catalog->arena;

    for (int i = 0; i < plan->catalog->n_relations; i++)
    {
        PlanTable *table = &plan->tables[i];
        Rule *rule;

        if (table->filter == NULL || !table->is_selected || table->is_data_excluded)
            continue;
        rule = arena_alloc(arena, sizeof(*rule));
        *rule = (Rule){.kind = RULE_ALL, .text = table->filter->text};
        append_root(plan, &(Pick){.relation = i, .rule = rule, .is_root = true});
    }
}

/* ---- children */

/* Can rows of the relation be added as children? */
static bool
may_be_entered(const Plan *plan, int relation)
{
    return plan->tables[relation].is_selected &&
           !plan->tables[relation].is_data_excluded &&
           !plan->catalog->relations[relation].is_extension_member;
}

/* A rule about an ignored foreign key is used, though it has no effect. */
static void
note_ignored(const Plan *plan, Subset *subset, const ForeignKey *key)
{
    const Relation *referencing = &plan->catalog->relations[key->referencing];
    Diag diag = {0};
    int64_t cap;

    if (!children_find_cap(&subset->children, referencing->schema, referencing->name,
                           key->name, &cap, &diag))
        diag_free(&diag);
}

/* A rule with the name of the partition that the key is defined on counts as well. */
static bool
find_cap_of_partition(const Plan *plan, Subset *subset, const Link *link, int64_t *cap,
                      Diag *diag)
{
    const ForeignKey *key = link->fk != NULL ? link->fk->foreign_key : NULL;
    const Partition *partition =
        key != NULL ? catalog_find_partition(plan->catalog, key->referencing_partition)
                    : NULL;
    int64_t found = -1;

    if (partition == NULL)
        return true;
    if (!children_find_cap(&subset->children, partition->schema, partition->name, NULL,
                           &found, diag))
        return false;
    if (found >= 0)
        *cap = found;
    return true;
}

static bool
plan_caps(Plan *plan, Subset *subset, Diag *diag)
{
    const FkGraph *graph = plan->graph;

    plan->caps = ARENA_ARRAY(plan->catalog->arena, graph->n_links, *plan->caps);
    for (int i = 0; i < graph->n_links; i++)
    {
        const Link *link = &graph->links[i];
        const Relation *referencing = &plan->catalog->relations[link->referencing];

        if (!children_find_cap(&subset->children, referencing->schema, referencing->name,
                               link->fk != NULL ? link->fk->foreign_key->name : NULL,
                               &plan->caps[i], diag) ||
            !find_cap_of_partition(plan, subset, link, &plan->caps[i], diag))
            return false;
        if (!may_be_entered(plan, link->referencing))
            plan->caps[i] = 0;
    }
    for (int i = 0; i < graph->n_ignored; i++)
        note_ignored(plan, subset, graph->ignored[i].foreign_key);
    return true;
}

static bool
check_children_used(const Plan *plan, const Subset *subset, Diag *diag)
{
    for (size_t i = 0; i < subset->children.n_rules; i++)
    {
        const ChildrenRule *rule = &subset->children.rules[i];

        if (rule->is_used || strcmp(rule->pattern.text, "*") == 0)
            continue;
        diag_set_message(diag,
                         "no foreign key, and no table with one, matches \"%s\" of the "
                         "children rule \"%s\"",
                         rule->pattern.text, rule->text);
        nearest_name_set_hint(diag, nearest_name_of_key(plan->catalog, &rule->pattern),
                              "--plan lists the foreign keys.");
        return false;
    }
    return true;
}

static void
mark_entered(Plan *plan, bool *is_included)
{
    const FkGraph *graph = plan->graph;
    bool has_new = plan->subset->depth != 0;

    while (has_new)
    {
        has_new = false;
        for (int i = 0; i < graph->n_links; i++)
        {
            const Link *link = &graph->links[i];

            if (plan->caps[i] == 0 || !is_included[link->referenced])
                continue;
            plan->tables[link->referencing].is_entered = true;
            has_new = has_new || !is_included[link->referencing];
            is_included[link->referencing] = true;
        }
    }
}

void
plan_subset_mark(const Plan *plan, bool *is_marked)
{
    if (plan->subset == NULL)
        return;
    for (int i = 0; i < plan->catalog->n_relations; i++)
        is_marked[i] =
            is_marked[i] || plan->tables[i].has_roots || plan->tables[i].is_entered;
}

/* The user's SQL that will run because of the slice. */
static void
note_user_sql(Plan *plan)
{
    for (int i = 0; i < plan->catalog->n_relations; i++)
    {
        const PlanTable *table = &plan->tables[i];

        for (int j = 0; j < table->n_roots; j++)
            plan->has_user_sql |= table->roots[j].rule->condition != NULL;
        plan->has_user_sql |= table->filter != NULL;
    }
}

static bool
check_has_roots(const Subset *subset, Diag *diag)
{
    const char *option = subset->children.n_rules > 0        ? "--children"
                         : subset->depth != SUBSET_ANY_DEPTH ? "--depth"
                                                             : NULL;

    if (option == NULL || subset_has_roots(subset))
        return true;
    diag_set_message(diag, "option \"%s\" has no effect without roots", option);
    diag_set_hint(diag,
                  "Children are those of root rows; name these with --root, --root-file "
                  "or --where-column.");
    return false;
}

bool
plan_subset_build(Plan *plan, Subset *subset, Diag *diag)
{
    bool *is_included;

    if (!check_has_roots(subset, diag))
        return false;
    if (!subset_has_roots(subset))
        return true;
    plan->subset = subset;
    if (!plan_filters(plan, subset, diag) || !plan_roots(plan, subset, diag))
        return false;
    if (subset->n_roots == 0 && subset->n_files == 0)
        plan_filtered_roots(plan);
    if (!plan_caps(plan, subset, diag) || !check_children_used(plan, subset, diag))
        return false;
    is_included = arena_alloc(plan->catalog->arena, (size_t)plan->catalog->n_relations);
    for (int i = 0; i < plan->catalog->n_relations; i++)
        is_included[i] = plan->tables[i].has_roots;
    mark_entered(plan, is_included);
    note_user_sql(plan);
    return true;
}
