/* model/ignored.h: which foreign keys are ignored, and which cannot be. */

#include "model/ignored.h"

#include <stdlib.h>
#include <string.h>

#include "fake_catalog.h"
#include "tap.h"

static bool
mark(Catalog *catalog, const char *pattern, Diag *diag)
{
    const StringList patterns = {.items = &pattern, .n_items = 1};

    return ignored_mark(catalog, &patterns, false, diag);
}

/* Plans to pick from table 0; false when an ignored key is refused. */
static bool
check(Catalog *catalog, Diag *diag)
{
    PlanTable *tables = calloc((size_t)catalog->n_relations, sizeof(*tables));
    const Plan plan = {.catalog = catalog,
                       .graph = graph_build(catalog),
                       .tables = tables};
    bool is_fine;

    tables[0].is_needed = true;
    is_fine = ignored_check(&plan, diag);
    free(tables);
    return is_fine;
}

static bool
has_detail(const Diag *diag, const char *text)
{
    return diag->detail != NULL && strstr(diag->detail, text) != NULL;
}

static void
test_graph(void)
{
    Catalog *catalog = fake_catalog(3);
    const FkGraph *graph;
    bool is_included[3] = {true, false, false};
    bool is_kept[3] = {false, true, false};
    Diag diag = {0};

    fake_foreign_key(catalog, 0, "a", 1)->name = "up";
    fake_foreign_key(catalog, 1, "a", 0)->name = "down";
    fake_foreign_key(catalog, 1, "b", 2)->name = "away";
    ok(mark(catalog, "t1.d*", &diag), "a pattern that matches one key");
    graph = graph_build(catalog);
    is_int(graph->n_fks, 2, "which is not followed");
    is_int(graph->n_ignored, 1, "but found");
    is_int(graph->ignored_of[1].n_items, 1, "by its relation");
    is_int(graph->ignored[0].n_set_null, 1, "it has a column that becomes NULL");
    is_int(graph->ignored[0].set_null[0], 1, "this one");
    is_int(graph->n_components, 3, "the cycle is cut");
    is_int(graph->keys_of[0].n_items, 1, "rows are known by what it refers to");
    is_int(graph_build_loading(catalog, is_kept)->n_components, 2,
           "where references are kept, loading has the cycle");
    ok(mark(catalog, "t0", &diag), "a pattern that matches a table");
    graph = graph_build(catalog);
    graph_mark_referenced(graph, is_included);
    ok(!is_included[1], "rows do not lead there any more");
    graph_mark_defined(graph, is_included);
    ok(is_included[1] && is_included[2], "but definitions do, and beyond");
    catalog_free(catalog);
}

static void
test_names(void)
{
    Catalog *catalog = fake_catalog(2);
    Diag diag = {0};

    fake_foreign_key(catalog, 0, "a", 1)->name = "order_customer_fkey";
    ok(!mark(catalog, "order_custmer_fkey", &diag), "a name that there is not");
    is_str(diag.hint, "Did you mean \"order_customer_fkey\"?", "the nearest is a hint");
    diag_free(&diag);
    ok(!mark(catalog, "t0.order_custmer_fkey", &diag), "the same with its table");
    is_str(diag.hint, "Did you mean \"t0.order_customer_fkey\"?", "as it was written");
    diag_free(&diag);
    ok(!mark(catalog, "t1", &diag), "a table without keys");
    diag_free(&diag);
    catalog_free(catalog);
}

static void
test_refusals(void)
{
    Catalog *catalog = fake_catalog(3);
    ForeignKey *first = fake_foreign_key(catalog, 0, "a", 1);
    ForeignKey *wide;
    NullObstacle obstacle = {.relation = 0, .column = 1, .n_leaves = 1, .reason = "why"};
    Diag diag = {0};

    first->is_ignored = true;
    ok(check(catalog, &diag), "a column that can be NULL");
    catalog->obstacles = &obstacle;
    catalog->n_obstacles = 1;
    ok(!check(catalog, &diag) && has_detail(&diag, "why"), "an obstacle");
    diag_free(&diag);
    obstacle.first_leaf = 1;
    ok(check(catalog, &diag), "not in rows that the key has nothing to do with");
    catalog->n_obstacles = 0;
    wide = fake_foreign_key(catalog, 0, "b", 2);
    fake_add_key_column(catalog, wide, "a", "a");
    ok(!check(catalog, &diag) && has_detail(&diag, "belongs to foreign key"),
       "another key with the column");
    diag_free(&diag);
    wide->is_ignored = true;
    ok(check(catalog, &diag), "that is ignored as well");
    wide->is_match_full = true;
    ok(!check(catalog, &diag) && has_detail(&diag, "MATCH FULL"), "unless by halves");
    diag_free(&diag);
    wide->is_match_full = false;
    catalog->relations[0].columns[1].is_not_null = true;
    ok(!check(catalog, &diag) && has_detail(&diag, "NOT NULL"), "NOT NULL");
    diag_free(&diag);
    first->is_ignored = false;
    ok(check(catalog, &diag), "one column of two is enough");
    wide->is_match_full = true;
    ok(!check(catalog, &diag) && has_detail(&diag, "MATCH FULL"), "but not then");
    diag_free(&diag);
    catalog_free(catalog);
}

static void
test_checks(void)
{
    Catalog *catalog = fake_catalog(2);
    int columns[] = {2};
    CheckConstraint constraint = {.relation = 0,
                                  .n_leaves = 1,
                                  .columns = columns,
                                  .n_columns = 1};
    const FkGraph *graph;

    fake_foreign_key(catalog, 0, "a", 1)->is_ignored = true;
    graph = graph_build(catalog);
    ok(!ignored_concerns(&graph->ignored[0], &constraint), "a CHECK of something else");
    columns[0] = 1;
    ok(ignored_concerns(&graph->ignored[0], &constraint), "of the column");
    constraint.n_columns = 0;
    constraint.has_whole_row = true;
    ok(ignored_concerns(&graph->ignored[0], &constraint), "of the whole row");
    constraint.relation = 1;
    ok(!ignored_concerns(&graph->ignored[0], &constraint), "of another table");
    catalog_free(catalog);
}

int
main(void)
{
    test_graph();
    test_names();
    test_refusals();
    test_checks();
    return done_testing();
}
