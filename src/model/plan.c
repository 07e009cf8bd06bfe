#include "model/plan.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "model/migration_table.h"
#include "model/nearest_name.h"

typedef struct PatternList
{
    Pattern *patterns;
    bool *is_used;
    size_t n_patterns;
} PatternList;

struct SelectionPatterns
{
    PatternList schemas;
    PatternList exclude_schemas;
    PatternList tables;
    PatternList exclude_tables;
    PatternList exclude_table_data;
};

typedef bool (*PatternParser)(Pattern *, Arena *, const char *, Diag *);

static bool
parse_patterns(PatternList *list, Arena *arena, const StringList *texts,
               PatternParser parse, Diag *diag)
{
    list->patterns = ARENA_ARRAY(arena, texts->n_items, Pattern);
    list->is_used = ARENA_ARRAY(arena, texts->n_items, bool);
    list->n_patterns = texts->n_items;
    for (size_t i = 0; i < texts->n_items; i++)
    {
        if (!parse(&list->patterns[i], arena, texts->items[i], diag))
            return false;
    }
    return true;
}

static bool
parse_selection(SelectionPatterns *parsed, Arena *arena, const Selection *selection,
                Diag *diag)
{
    return parse_patterns(&parsed->schemas, arena, selection->schemas,
                          pattern_parse_schema, diag) &&
           parse_patterns(&parsed->exclude_schemas, arena, selection->exclude_schemas,
                          pattern_parse_schema, diag) &&
           parse_patterns(&parsed->tables, arena, selection->tables, pattern_parse,
                          diag) &&
           parse_patterns(&parsed->exclude_tables, arena, selection->exclude_tables,
                          pattern_parse, diag) &&
           parse_patterns(&parsed->exclude_table_data, arena,
                          selection->exclude_table_data, pattern_parse, diag);
}

static bool
matches_table(PatternList *list, const char *schema, const char *name)
{
    bool is_matched = false;

    /* every pattern is tried, so that those that match nothing are known */
    for (size_t i = 0; i < list->n_patterns; i++)
    {
        if (pattern_matches(&list->patterns[i], schema, name))
            is_matched = list->is_used[i] = true;
    }
    return is_matched;
}

static bool
matches_schema(PatternList *list, const char *schema)
{
    bool is_matched = false;

    for (size_t i = 0; i < list->n_patterns; i++)
    {
        if (pattern_matches_schema(&list->patterns[i], schema))
            is_matched = list->is_used[i] = true;
    }
    return is_matched;
}

/* As in pg_dump: -t has precedence over -n and -N, and -T over everything. */
static bool
is_selected(SelectionPatterns *selection, const char *schema, const char *name)
{
    bool is_named = matches_table(&selection->tables, schema, name);
    bool is_in_schema = matches_schema(&selection->schemas, schema);
    bool is_schema_out = matches_schema(&selection->exclude_schemas, schema);
    bool is_out = matches_table(&selection->exclude_tables, schema, name);

    if (is_out)
        return false;
    if (selection->tables.n_patterns > 0)
        return is_named;
    return (selection->schemas.n_patterns == 0 || is_in_schema) && !is_schema_out;
}

/* Tables of pg-sample-load are selected only if their schema is named. */
static bool
is_meant(SelectionPatterns *selection, const Relation *relation)
{
    if (!relation->is_of_loader || matches_schema(&selection->schemas, relation->schema))
        return true;
    for (size_t i = 0; i < selection->tables.n_patterns; i++)
    {
        const Pattern *pattern = &selection->tables.patterns[i];

        if (pattern->schema != NULL &&
            pattern_matches(pattern, relation->schema, relation->name))
            return true;
    }
    return false;
}

bool
plan_is_selected(const Plan *plan, const char *schema, const char *name)
{
    return is_selected(plan->selection, schema, name);
}

bool
plan_is_excluded(const Plan *plan, int relation)
{
    const Relation *named = &plan->catalog->relations[relation];
    SelectionPatterns *selection = plan->selection;

    return matches_table(&selection->exclude_tables, named->schema, named->name) ||
           matches_schema(&selection->exclude_schemas, named->schema) ||
           matches_table(&selection->exclude_table_data, named->schema, named->name);
}

bool
plan_is_data_excluded(const Plan *plan, const char *schema, const char *name)
{
    return matches_table(&plan->selection->exclude_table_data, schema, name);
}

bool
plan_is_schema_selected(const Plan *plan, const char *schema)
{
    SelectionPatterns *selection = plan->selection;

    return selection->tables.n_patterns == 0 &&
           (selection->schemas.n_patterns == 0 ||
            matches_schema(&selection->schemas, schema)) &&
           !matches_schema(&selection->exclude_schemas, schema);
}

static bool
check_tables_used(const Catalog *catalog, const PatternList *list, const char *option,
                  Diag *diag)
{
    for (size_t i = 0; i < list->n_patterns; i++)
    {
        if (list->is_used[i])
            continue;
        plan_find_explain(catalog, &list->patterns[i], option, diag);
        return false;
    }
    return true;
}

static bool
check_schemas_used(const Catalog *catalog, const PatternList *list, const char *option,
                   Diag *diag)
{
    for (size_t i = 0; i < list->n_patterns; i++)
    {
        const Pattern *pattern = &list->patterns[i];

        if (list->is_used[i])
            continue;
        diag_set_message(diag, "no schema with tables matches \"%s\" of %s",
                         pattern->text, option);
        nearest_name_set_hint(diag, nearest_name_of_schema(catalog, pattern),
                              "--plan lists the tables.");
        return false;
    }
    return true;
}

static bool
rule_matches_anything(const Catalog *catalog, const Rule *rule)
{
    for (int i = 0; i < catalog->n_relations; i++)
    {
        const Relation *relation = &catalog->relations[i];

        if (!relation->is_extension_member &&
            pattern_matches(&rule->pattern, relation->schema, relation->name))
            return true;
    }
    return plan_find_partition(catalog, &rule->pattern) != NULL;
}

static bool
check_rules_used(const Catalog *catalog, const RuleList *rules, Diag *diag)
{
    for (size_t i = 0; i < rules->n_rules; i++)
    {
        const Rule *rule = &rules->rules[i];
        char *where;

        if (strcmp(rule->pattern.text, "*") == 0 || rule_matches_anything(catalog, rule))
            continue;
        where = mem_format("the limit rule \"%s\"", rule->text);
        plan_find_explain(catalog, &rule->pattern, where, diag);
        free(where);
        return false;
    }
    return true;
}

/* Marks what rows of other relations refer to, as far as these may have rows. */
static bool *
mark_looked_up(const Plan *plan)
{
    const Catalog *catalog = plan->catalog;
    size_t n = (size_t)catalog->n_relations;
    bool *is_needed = ARENA_ARRAY(catalog->arena, n, bool);
    bool *is_looked_up = ARENA_ARRAY(catalog->arena, n, bool);

    for (size_t i = 0; i < n; i++)
        is_needed[i] = plan->tables[i].is_selected;
    graph_mark_referenced(plan->graph, is_needed);
    for (int i = 0; i < plan->graph->n_links; i++)
    {
        const Link *link = &plan->graph->links[i];

        if (is_needed[link->referencing] && link->referenced != link->referencing)
            is_looked_up[link->referenced] = true;
    }
    return is_looked_up;
}

static bool
takes_rows(const Rule *rule)
{
    return rule->kind != RULE_COUNT || rule->count > 0;
}

static void
append_pick(Plan *plan, Pick pick)
{
    PlanTable *table = &plan->tables[pick.relation];

    table->picks[table->n_picks++] = pick;
    if (pick.rule->condition != NULL)
        plan->has_user_sql = true;
}

/* Room for the relation's own pick and one for each partition that is named. */
static void
allocate_picks(Plan *plan, const RuleList *rules)
{
    const Catalog *catalog = plan->catalog;
    int *n = ARENA_ARRAY(catalog->arena, catalog->n_relations, int);

    for (int i = 0; i < catalog->n_partitions; i++)
    {
        const Partition *partition = &catalog->partitions[i];

        if (partition->relation >= 0 &&
            rules_find_literal(rules, partition->schema, partition->name) >= 0)
            n[partition->relation]++;
    }
    for (int i = 0; i < catalog->n_relations; i++)
        plan->tables[i].picks =
            arena_alloc(catalog->arena, (size_t)(n[i] + 1) * sizeof(Pick));
}

static void
select_relations(Plan *plan, const RuleList *rules, SelectionPatterns *selection)
{
    const Catalog *catalog = plan->catalog;

    for (int i = 0; i < catalog->n_relations; i++)
    {
        const Relation *relation = &catalog->relations[i];
        PlanTable *table = &plan->tables[i];
        int rule;

        if (relation->is_extension_member)
            continue;
        table->is_selected = is_selected(selection, relation->schema, relation->name) &&
                             is_meant(selection, relation);
        table->is_data_excluded = matches_table(&selection->exclude_table_data,
                                                relation->schema, relation->name) ||
                                  (relation->is_unlogged && catalog->is_standby);
        rule = rules_find(rules, relation->schema, relation->name);
        if (!table->is_selected || rule < 0)
            continue;
        table->rule = migration_table_rule(relation, &rules->rules[rule]);
        table->is_taken_whole = table->rule != NULL;
        if (table->rule == NULL)
            table->rule = &rules->rules[rule];
    }
}

static void
plan_relations(Plan *plan, const Subset *subset)
{
    const bool *is_looked_up = subset->lookup_rows > 0 ? mark_looked_up(plan) : NULL;

    for (int i = 0; i < plan->catalog->n_relations; i++)
    {
        const PlanTable *table = &plan->tables[i];
        Pick pick = {.relation = i, .rule = table->rule};

        if (table->rule == NULL || table->is_data_excluded)
            continue;
        /* a rule that names the table counts instead */
        if (is_looked_up != NULL && is_looked_up[i] &&
            strcmp(table->rule->pattern.text, "*") == 0)
            pick.lookup_rows = subset->lookup_rows;
        if (takes_rows(table->rule) || pick.lookup_rows > 0)
            append_pick(plan, pick);
    }
}

/*
 * Views and sequences can be selected as well, though only their definitions, and what
 * they show can be excluded.
 */
static void
note_other_relations(const Catalog *catalog, SelectionPatterns *selection)
{
    for (int i = 0; i < catalog->n_other_relations; i++)
    {
        const OtherRelation *other = &catalog->other_relations[i];

        (void)is_selected(selection, other->schema, other->name);
        (void)matches_table(&selection->exclude_table_data, other->schema, other->name);
    }
}

static void
plan_partitions(Plan *plan, const RuleList *rules)
{
    const Catalog *catalog = plan->catalog;

    for (int i = 0; i < catalog->n_partitions; i++)
    {
        const Partition *partition = &catalog->partitions[i];
        int rule = rules_find_literal(rules, partition->schema, partition->name);
        const PlanTable *table;

        if (partition->relation < 0 || rule < 0)
            continue;
        table = &plan->tables[partition->relation];
        if (table->is_selected && !table->is_data_excluded)
            append_pick(plan, (Pick){.relation = partition->relation,
                                     .partition = partition,
                                     .rule = &rules->rules[rule]});
    }
}

static void
mark_needed(Plan *plan)
{
    int n = plan->catalog->n_relations;
    bool *is_needed = ARENA_ARRAY(plan->catalog->arena, n, bool);

    for (int i = 0; i < n; i++)
        is_needed[i] = plan->tables[i].n_picks > 0;
    plan_subset_mark(plan, is_needed);
    graph_mark_referenced(plan->graph, is_needed);
    for (int i = 0; i < n; i++)
        plan->tables[i].is_needed = is_needed[i];
    if (plan->catalog->n_references > 0)
        plan->has_user_sql = true;
}

bool
plan_build(Plan *plan, const FkGraph *graph, const RuleList *rules,
           const Selection *selection, Subset *subset, Diag *diag)
{
    const Catalog *catalog = graph->catalog;
    SelectionPatterns *parsed = arena_alloc(catalog->arena, sizeof(*parsed));

    plan->catalog = catalog;
    plan->selection = parsed;
    plan->graph = graph;
    plan->has_table_selection = selection->tables->n_items > 0;
    plan->has_schema_selection = selection->schemas->n_items > 0;
    plan->has_selection = plan->has_table_selection || plan->has_schema_selection ||
                          selection->exclude_schemas->n_items > 0 ||
                          selection->exclude_tables->n_items > 0;
    plan->tables = ARENA_ARRAY(catalog->arena, catalog->n_relations, PlanTable);
    if (!parse_selection(parsed, catalog->arena, selection, diag))
        return false;
    allocate_picks(plan, rules);
    select_relations(plan, rules, parsed);
    plan_relations(plan, subset);
    note_other_relations(catalog, parsed);
    plan_partitions(plan, rules);
    if (!plan_subset_build(plan, subset, diag))
        return false;
    mark_needed(plan);
    return check_tables_used(catalog, &parsed->tables, "--table", diag) &&
           check_tables_used(catalog, &parsed->exclude_tables, "--exclude-table", diag) &&
           check_tables_used(catalog, &parsed->exclude_table_data, "--exclude-table-data",
                             diag) &&
           check_schemas_used(catalog, &parsed->schemas, "--schema", diag) &&
           check_schemas_used(catalog, &parsed->exclude_schemas, "--exclude-schema",
                              diag) &&
           check_rules_used(catalog, rules, diag);
}

void
plan_skip_data(Plan *plan)
{
    for (int i = 0; i < plan->catalog->n_relations; i++)
    {
        plan->tables[i].n_picks = 0;
        plan->tables[i].is_needed = false;
    }
    plan->subset = NULL;
    plan->has_user_sql = false;
}

void
plan_skip_table(const Plan *plan, int relation, const char *reason)
{
    PlanTable *table = &plan->tables[relation];

    table->is_skipped = true;
    table->skip_reason = arena_copy_string(plan->catalog->arena, reason);
    table->is_data_excluded = true;
    table->is_needed = false;
    table->n_picks = 0;
    table->n_roots = 0;
    table->has_roots = false;
}

bool
plan_has_condition(const Plan *plan, const Pick *pick)
{
    return pick->rule->condition != NULL || plan->tables[pick->relation].filter != NULL;
}

int
plan_count_skipped(const Plan *plan)
{
    int n = 0;

    for (int i = 0; i < plan->catalog->n_relations; i++)
        n += plan->tables[i].is_skipped ? 1 : 0;
    return n;
}

static bool
has_leaf(const Partition *partition, int leaf)
{
    return partition == NULL || (leaf >= partition->first_leaf &&
                                 leaf < partition->first_leaf + partition->n_leaves);
}

/* Is the partition below the other one (NULL: the root)? */
static bool
is_below(const Catalog *catalog, const Partition *partition, const Partition *other)
{
    if (other == NULL)
        return true;
    for (partition = catalog_find_partition(catalog, partition->parent);
         partition != NULL;
         partition = catalog_find_partition(catalog, partition->parent))
    {
        if (partition == other)
            return true;
    }
    return false;
}

bool
plan_covers_leaf(const Plan *plan, const Pick *pick, int leaf)
{
    const PlanTable *table = &plan->tables[pick->relation];

    if (!has_leaf(pick->partition, leaf))
        return false;
    if (pick->is_root)
        return true;
    for (int i = 0; i < table->n_picks; i++)
    {
        const Partition *other = table->picks[i].partition;

        if (other != NULL && other != pick->partition && has_leaf(other, leaf) &&
            is_below(plan->catalog, other, pick->partition))
            return false;
    }
    return true;
}
