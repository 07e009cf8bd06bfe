/*
 * What in the rules and the selection is probably not meant, though it can be done.
 *
 * Pure: no server, no output.
 */
#include "model/plan.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum
{
    MAX_NAMED = 5 /* children, in a message */
};

/* Does one pattern match all that the other does, in any database? */
static bool
covers(const Pattern *pattern, const Pattern *other)
{
    bool has_schema = pattern->schema != NULL && strcmp(pattern->schema, "*") != 0;

    if (has_schema &&
        (other->schema == NULL || strcmp(pattern->schema, other->schema) != 0))
        return false;
    return strcmp(pattern->name, "*") == 0 || strcmp(pattern->name, other->name) == 0;
}

/* Does the rule count for a table that is named like this? Else *first is what does. */
static bool
counts_for(const RuleList *rules, size_t i, const char *schema, const char *name,
           bool is_partition, int *first)
{
    if (!pattern_matches(&rules->rules[i].pattern, schema, name))
        return false;
    *first = is_partition ? rules_find_literal(rules, schema, name)
                          : rules_find(rules, schema, name);
    return *first == (int)i;
}

const Rule *
plan_warnings_find_earlier(const Catalog *catalog, const RuleList *rules, size_t i)
{
    const Pattern *pattern = &rules->rules[i].pattern;
    int first = -1;

    for (int j = 0; j < catalog->n_relations; j++)
    {
        const Relation *relation = &catalog->relations[j];

        if (!relation->is_extension_member &&
            counts_for(rules, i, relation->schema, relation->name, false, &first))
            return NULL;
    }
    for (int j = 0; pattern->is_literal && j < catalog->n_partitions; j++)
    {
        const Partition *partition = &catalog->partitions[j];

        if (partition->relation >= 0 &&
            counts_for(rules, i, partition->schema, partition->name, true, &first))
            return NULL;
    }
    if (pattern->is_literal)
        return first >= 0 ? &rules->rules[first] : NULL;
    for (size_t j = 0; j < i; j++)
    {
        if (covers(&rules->rules[j].pattern, pattern))
            return &rules->rules[j];
    }
    return NULL;
}

/* Does the table inherit from the other one, directly or not? */
static bool
inherits(const Catalog *catalog, const Relation *relation, const Relation *ancestor)
{
    for (int i = 0; i < relation->n_parents; i++)
    {
        int parent = catalog_find_relation(catalog, relation->parents[i]);

        if (relation->parents[i] == ancestor->oid ||
            (parent >= 0 && inherits(catalog, &catalog->relations[parent], ancestor)))
            return true;
    }
    return false;
}

/* Has the table no rows because nothing names it? */
static bool
is_overlooked(const Plan *plan, int relation)
{
    const PlanTable *table = &plan->tables[relation];

    if (plan->catalog->relations[relation].is_extension_member ||
        table->is_data_excluded || table->has_roots || table->is_entered ||
        table->n_picks > 0)
        return false;
    return table->is_selected
               ? table->rule != NULL && strcmp(table->rule->pattern.text, "*") == 0
               : !plan_is_excluded(plan, relation);
}

char *
plan_warnings_list_children(const Plan *plan, int relation)
{
    const Catalog *catalog = plan->catalog;
    char *list = NULL;
    int n = 0;

    if (plan->tables[relation].n_picks == 0)
        return NULL;
    for (int i = 0; i < catalog->n_heirs; i++)
    {
        const Relation *child = &catalog->relations[catalog->heirs[i]];
        char *longer;

        if (!is_overlooked(plan, catalog->heirs[i]) ||
            !inherits(catalog, child, &catalog->relations[relation]) || n++ > MAX_NAMED)
            continue;
        longer = mem_format("%s%s%s", list != NULL ? list : "", list != NULL ? ", " : "",
                            n > MAX_NAMED ? "..." : child->qname);
        free(list);
        list = longer;
    }
    return list;
}
