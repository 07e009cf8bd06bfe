/* model/fk_order.h: links by their names, whatever the order of the catalog. */

#include "fake_catalog.h"
#include "model/fk_order.h"
#include "tap.h"

static void
name_key(ForeignKey *key, const char *referencing, const char *name)
{
    key->referencing_qname = referencing;
    key->qname = name;
}

static void
test_names(void)
{
    Catalog *catalog = fake_catalog(3);
    const FkGraph *graph;
    const FkOrder *order;

    name_key(fake_foreign_key(catalog, 0, "a", 2), "s.b", "z");
    name_key(fake_foreign_key(catalog, 0, "b", 2), "s.b", "a");
    name_key(fake_foreign_key(catalog, 1, "a", 2), "s.a", "z");
    name_key(fake_foreign_key(catalog, 1, "b", 0), "s.B", "z");
    graph = graph_build(catalog);
    order = fk_order_build(graph);
    is_int(order->n_links, 4, "all links have a place");
    is_int(order->ranks[3], 0, "bytes decide: upper case comes first");
    is_int(order->ranks[2], 1, "then by the table");
    is_int(order->ranks[1], 2, "then by the constraint");
    is_int(order->ranks[0], 3, "the last one");
    for (int i = 0; i < order->n_links; i++)
        is_int(order->ranks[order->by_rank[i]], i, "ranks and links agree");
    is_int(order->names[3].referencing, 1, "names know what refers");
    is_int(order->names[3].referenced, 0, "and to what");
    catalog_free(catalog);
}

static void
test_none(void)
{
    Catalog *catalog = fake_catalog(1);

    is_int(fk_order_build(graph_build(catalog))->n_links, 0,
           "there can be no link at all");
    catalog_free(catalog);
}

static void
test_references(void)
{
    Catalog *catalog = fake_catalog(2);
    const FkOrder *order;

    name_key(fake_foreign_key(catalog, 0, "a", 1), catalog->relations[0].qname, "z");
    fake_references(catalog, (const int[][2]){{0, 1}, {0, 1}}, 2);
    catalog->references[0].text = "b";
    catalog->references[1].text = "a";
    order = fk_order_build(graph_build(catalog));
    is_int(order->n_links, 3, "declared references have a place, too");
    is_int(order->by_rank[0], 0, "foreign keys of a table come first");
    is_int(order->by_rank[1], 2, "then references by their text");
    ok(order->names[1].is_declared && !order->names[0].is_declared,
       "names know which is which");
    catalog_free(catalog);
}

int
main(void)
{
    test_names();
    test_none();
    test_references();
    return done_testing();
}
