/* model/graph.h: foreign keys, shared keys, components and their order. */

#include "fake_catalog.h"
#include "model/graph.h"
#include "tap.h"

/* Is every relation placed after all that refer to it, outside of its own component? */
static bool
is_referencing_first(const FkGraph *graph)
{
    for (int i = 0; i < graph->n_fks; i++)
    {
        const ForeignKey *key = graph->fks[i].foreign_key;

        if (graph->component_of[key->referencing] > graph->component_of[key->referenced])
            return false;
    }
    return true;
}

static void
test_chain(void)
{
    Catalog *catalog = fake_catalog(3);
    const FkGraph *graph;

    fake_foreign_key(catalog, 0, "a", 1);
    fake_foreign_key(catalog, 1, "a", 2);
    graph = graph_build(catalog);
    is_int(graph->n_fks, 2, "a chain has each of its keys");
    is_int(graph->n_components, 3, "and a component for each relation");
    ok(is_referencing_first(graph), "referencing comes before referenced");
    ok(!graph->components[0].is_cyclic, "none of them is cyclic");
    is_int(graph->components[0].relations.items[0], 0,
           "the first is what nobody refers to");
    catalog_free(catalog);
}

static void
test_shared_keys(void)
{
    Catalog *catalog = fake_catalog(3);
    ForeignKey *wide;
    const FkGraph *graph;

    fake_foreign_key(catalog, 0, "a", 2);
    fake_foreign_key(catalog, 0, "b", 2);
    fake_foreign_key(catalog, 1, "a", 2);
    wide = fake_foreign_key(catalog, 1, "b", 2);
    wide->value_types[0] = "bigint";
    graph = graph_build(catalog);
    is_int(graph->n_referenced_keys, 2,
           "keys to the same columns are looked up together");
    is_int(graph->fks[0].referenced_key, graph->fks[2].referenced_key,
           "whoever refers to them");
    ok(graph->fks[3].referenced_key != graph->fks[0].referenced_key,
       "but not with an operator on another type");
    is_int(graph->incoming[2].n_items, 4, "four keys refer to the relation");
    is_int(graph->keys_of[2].n_items, 2, "which has two keys");
    catalog_free(catalog);
}

static void
test_cycles(void)
{
    Catalog *catalog = fake_catalog(6);
    const FkGraph *graph;

    fake_foreign_key(catalog, 0, "a", 1); /* into the first cycle */
    fake_foreign_key(catalog, 1, "a", 2);
    fake_foreign_key(catalog, 2, "a", 1);
    fake_foreign_key(catalog, 2, "b", 3); /* from it to the second */
    fake_foreign_key(catalog, 3, "a", 4);
    fake_foreign_key(catalog, 4, "a", 3);
    fake_foreign_key(catalog, 5, "a", 5); /* itself */
    graph = graph_build(catalog);
    is_int(graph->n_components, 4, "two cycles of two and two single relations");
    is_int(graph->component_of[1], graph->component_of[2], "a cycle is one component");
    is_int(graph->component_of[3], graph->component_of[4], "and so is the other");
    ok(graph->component_of[1] != graph->component_of[3], "but they are two");
    ok(graph->components[graph->component_of[1]].is_cyclic, "a cycle is cyclic");
    ok(graph->components[graph->component_of[5]].is_cyclic, "a self reference is cyclic");
    ok(!graph->components[graph->component_of[0]].is_cyclic,
       "a relation that refers to a cycle is not");
    ok(is_referencing_first(graph), "components come referencing first");
    catalog_free(catalog);
}

static void
test_referenced_ids_and_extensions(void)
{
    Catalog *catalog = fake_catalog(3);
    ForeignKey *loose = fake_foreign_key(catalog, 0, "a", 1);
    const FkGraph *graph;

    loose->is_canonical = false;
    fake_foreign_key(catalog, 0, "b", 2);
    catalog->relations[2].is_extension_member = true;
    graph = graph_build(catalog);
    is_int(graph->n_fks, 1, "keys to tables of extensions are left out");
    is_int(graph->fks[0].referenced_key, -1,
           "keys without canonical text have no key set");
    catalog_free(catalog);
}

static void
test_marks(void)
{
    Catalog *catalog = fake_catalog(4);
    bool is_included[4] = {true, false, false, false};
    const FkGraph *graph;

    fake_foreign_key(catalog, 0, "a", 1);
    fake_foreign_key(catalog, 1, "a", 2);
    fake_foreign_key(catalog, 2, "a", 1);
    fake_foreign_key(catalog, 3, "a", 0);
    graph = graph_build(catalog);
    graph_mark_referenced(graph, is_included);
    ok(is_included[1] && is_included[2],
       "what is referred to is reached, through cycles too");
    ok(!is_included[3], "what only refers is not");
    catalog_free(catalog);
}

static void
test_without(void)
{
    const bool is_skipped[] = {false, true, false};
    Catalog *catalog = fake_catalog(3);
    const FkGraph *graph;

    fake_foreign_key(catalog, 0, "a", 1)->is_canonical = false;
    fake_foreign_key(catalog, 0, "b", 2)->is_canonical = false;
    graph = graph_build_without(catalog, is_skipped);
    ok(graph->fks[0].referenced_key >= 0,
       "the server does not look into a skipped table");
    is_int(graph->fks[1].referenced_key, -1, "but into other tables");
    catalog_free(catalog);
}

static void
test_partition_ranges(void)
{
    Catalog *catalog = fake_catalog(2);
    ForeignKey *key = fake_foreign_key(catalog, 0, "a", 1);
    const FkGraph *graph;

    fake_partitions(catalog, 1, 3);
    key->referenced_partition = catalog->partitions[2].oid;
    graph = graph_build(catalog);
    is_int(graph->referenced_keys[0].first_leaf, 2,
           "a key to a partition begins at its leaf");
    is_int(graph->referenced_keys[0].n_leaves, 1, "and covers it alone");
    catalog_free(catalog);
}

static void
test_references(void)
{
    Catalog *catalog = fake_catalog(4);
    bool is_included[4] = {true, false, false, false};
    const FkGraph *graph;

    fake_foreign_key(catalog, 0, "a", 1);
    fake_references(catalog, (const int[][2]){{1, 0}, {1, 2}, {3, 3}}, 3);
    graph = graph_build(catalog);
    is_int(graph->n_fks, 1, "a declared reference is no foreign key");
    is_int(graph->n_links, 4, "but a link");
    ok(graph->links[0].fk == &graph->fks[0], "foreign keys come first");
    is_int(graph->links[2].referenced, 2, "and then references");
    is_int(graph->references_from[1].n_items, 2, "they are listed by relation");
    is_int(graph->references_to[2].items[0], 1, "from both sides");
    is_int(graph->component_of[0], graph->component_of[1], "they can close a cycle");
    ok(graph->component_of[2] > graph->component_of[1], "and decide the order");
    ok(graph->components[graph->component_of[3]].is_cyclic,
       "one to its own relation is a cycle");
    graph_mark_referenced(graph, is_included);
    ok(is_included[2] && !is_included[3], "what they lead to is reached");
    catalog_free(catalog);
}

int
main(void)
{
    test_chain();
    test_shared_keys();
    test_cycles();
    test_referenced_ids_and_extensions();
    test_marks();
    test_partition_ranges();
    test_without();
    test_references();
    return done_testing();
}
