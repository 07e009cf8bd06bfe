/* model/plan.h: which rule and which selection decide about a table. */

#include <string.h>

#include "base/arena.h"
#include "fake_catalog.h"
#include "model/plan.h"
#include "tap.h"

typedef struct Planned
{
    Plan plan;
    RuleList rules;
    Subset subset;
    Arena *arena;
    Diag diag;
    bool is_valid;
} Planned;

/* One pattern of each kind, or NULL. */
typedef struct Patterns
{
    const char *schema;
    const char *exclude_schema;
    const char *table;
    const char *exclude_table;
    const char *exclude_data;
} Patterns;

static StringList
list_of(const char **pattern)
{
    return (StringList){.items = pattern, .n_items = *pattern != NULL ? 1 : 0};
}

static void
make_plan(Planned *planned, const Catalog *catalog, const char *limit, Patterns patterns)
{
    StringList lists[5] = {list_of(&patterns.schema), list_of(&patterns.exclude_schema),
                           list_of(&patterns.table), list_of(&patterns.exclude_table),
                           list_of(&patterns.exclude_data)};
    const Selection selection = {&lists[0], &lists[1], &lists[2], &lists[3], &lists[4]};

    *planned = (Planned){.arena = arena_new(), .subset = {.depth = SUBSET_ANY_DEPTH}};
    planned->is_valid =
        rules_append(&planned->rules, planned->arena, limit, &planned->diag) &&
        rules_append(&planned->rules, planned->arena, "* = 100", &planned->diag) &&
        plan_build(&planned->plan, graph_build(catalog), &planned->rules, &selection,
                   &planned->subset, &planned->diag);
}

static void
free_plan(Planned *planned)
{
    rules_free(&planned->rules);
    diag_free(&planned->diag);
    arena_free(planned->arena);
}

static void
test_rules(void)
{
    Catalog *catalog = fake_catalog(3);
    Planned planned;

    fake_foreign_key(catalog, 0, "a", 1);
    make_plan(&planned, catalog, "t0 = 5, t1 = 0, t2 = a > 3", (Patterns){0});
    ok(planned.is_valid, "rules that match are accepted");
    is_int(planned.plan.tables[0].n_picks, 1, "a table with a rule is picked from");
    is_int(planned.plan.tables[0].picks[0].rule->count, 5, "by that rule");
    is_int(planned.plan.tables[1].n_picks, 0, "0 picks nothing");
    ok(planned.plan.tables[1].is_needed, "but what is referred to is needed");
    ok(planned.plan.has_user_sql, "a condition is SQL of the user's");
    free_plan(&planned);

    make_plan(&planned, catalog, "tt0 = 5", (Patterns){0});
    ok(!planned.is_valid, "a rule that matches nothing is an error");
    ok(strstr(planned.diag.message, "\"tt0\"") != NULL, "which names the pattern");
    is_str(planned.diag.hint, "Did you mean \"t0\"?", "and the nearest table");
    free_plan(&planned);
    catalog_free(catalog);
}

static void
test_selection(void)
{
    Catalog *catalog = fake_catalog(3);
    Planned planned;

    fake_foreign_key(catalog, 0, "a", 1);
    make_plan(&planned, catalog, "7", (Patterns){.table = "t0"});
    ok(planned.is_valid, "a selection");
    is_int(planned.plan.tables[0].n_picks, 1, "picks from what is selected");
    is_int(planned.plan.tables[1].n_picks, 0, "and not from the rest");
    ok(planned.plan.tables[1].is_needed && !planned.plan.tables[1].is_selected,
       "references cross it");
    ok(!planned.plan.tables[2].is_needed, "what nobody needs stays out");
    free_plan(&planned);

    make_plan(&planned, catalog, "7", (Patterns){.exclude_table = "t2"});
    ok(planned.plan.tables[0].is_selected && !planned.plan.tables[2].is_selected,
       "an exclusion leaves the others");
    free_plan(&planned);

    make_plan(&planned, catalog, "7", (Patterns){.exclude_data = "t1"});
    ok(planned.plan.tables[1].is_selected && planned.plan.tables[1].is_data_excluded,
       "a table without its data is selected");
    is_int(planned.plan.tables[1].n_picks, 0, "and not picked from");
    free_plan(&planned);

    make_plan(&planned, catalog, "7", (Patterns){0});
    is_int(plan_count_skipped(&planned.plan), 0, "nothing is skipped at first");
    plan_skip_table(&planned.plan, 1, "why");
    is_int(plan_count_skipped(&planned.plan), 1, "a skipped table is counted");
    is_str(planned.plan.tables[1].skip_reason, "why", "with its reason");
    ok(planned.plan.tables[1].is_selected && planned.plan.tables[1].is_data_excluded,
       "it stays selected, without its data");
    is_int(planned.plan.tables[1].n_picks, 0, "nor is it picked from");
    free_plan(&planned);

    make_plan(&planned, catalog, "7", (Patterns){.schema = "x"});
    ok(!planned.is_valid, "a schema that does not exist is an error");
    free_plan(&planned);
    make_plan(&planned, catalog, "7", (Patterns){.exclude_table = "zzz"});
    ok(!planned.is_valid, "an exclusion that matches nothing is an error, too");
    free_plan(&planned);
    catalog_free(catalog);
}

static void
test_partitions(void)
{
    Catalog *catalog = fake_catalog(1);
    Planned planned;

    fake_partitions(catalog, 0, 3);
    make_plan(&planned, catalog, "p1 = 2, p* = 7, * = 9", (Patterns){0});
    ok(!planned.is_valid, "no wildcard matches a partition");
    free_plan(&planned);
    make_plan(&planned, catalog, "p1 = 2, * = 9", (Patterns){0});
    ok(planned.is_valid, "a partition may be named literally");
    is_int(planned.plan.tables[0].n_picks, 2, "it is picked from besides its root");
    ok(planned.plan.tables[0].picks[0].partition == NULL, "the root comes first");
    is_str(planned.plan.tables[0].picks[1].partition->name, "p1", "then the partition");
    free_plan(&planned);
    make_plan(&planned, catalog, "7", (Patterns){.table = "p1"});
    ok(!planned.is_valid, "a partition cannot be selected alone");
    ok(strstr(planned.diag.hint, "s.t0") != NULL, "the hint names its root");
    free_plan(&planned);
    catalog_free(catalog);
}

int
main(void)
{
    test_rules();
    test_selection();
    test_partitions();
    return done_testing();
}
