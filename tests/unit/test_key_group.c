/* model/key_group.h: foreign keys in groups, without a server. */

#include "model/key_group.h"

#include "fake_catalog.h"
#include "tap.h"

static void
test_groups(void)
{
    Catalog *catalog = fake_catalog(4);
    ForeignKey *key;
    KeyGroups groups;

    fake_foreign_key(catalog, 0, "a", 3);
    fake_foreign_key(catalog, 0, "b", 3);
    fake_foreign_key(catalog, 1, "a", 3);
    fake_foreign_key(catalog, 2, "a", 1);
    groups = key_group_build(graph_build_keyed(catalog), 50);
    is_int(groups.n, 2, "a group for each referenced table");
    is_int(groups.first_to[3] - groups.first_to[2], 0, "none to a table without keys");
    is_int(groups.first_to[4] - groups.first_to[3], 1, "one to the other");
    is_int(groups.items[groups.first_to[3]].n, 3, "whatever tables its keys are of");
    groups = key_group_build(graph_build_keyed(catalog), 2);
    is_int(groups.first_to[4] - groups.first_to[3], 2,
           "more where they would be too many");
    catalog_free(catalog);

    catalog = fake_catalog(3);
    fake_foreign_key(catalog, 0, "a", 1);
    key = fake_foreign_key(catalog, 2, "a", 1);
    key->collations[0] = " COLLATE pg_catalog.\"C\"";
    groups = key_group_build(graph_build_keyed(catalog), 50);
    is_int(groups.n, 2, "a key with a collation of its own is alone");
    key->collations[0] = "";
    key->operators[0] = "OPERATOR(odd.===)";
    groups = key_group_build(graph_build_keyed(catalog), 50);
    is_int(groups.n, 2, "and so is one with an operator of its own");
    catalog_free(catalog);
}

static void
test_components(void)
{
    Catalog *catalog = fake_catalog(2);
    KeyGroups groups;

    fake_foreign_key(catalog, 0, "a", 1);
    fake_foreign_key(catalog, 1, "a", 1);
    fake_foreign_key(catalog, 1, "b", 1);
    groups = key_group_build(graph_build_keyed(catalog), 50);
    is_int(groups.n, 2, "keys of the component have a group of their own");
    ok(!groups.items[0].is_inside && groups.items[0].n == 1, "those from outside");
    ok(groups.items[1].is_inside && groups.items[1].n == 2, "those from inside");
    catalog_free(catalog);
}

static void
test_periods(void)
{
    Catalog *catalog = fake_catalog(2);

    for (int i = 0; i < 2; i++)
    {
        ForeignKey *key = fake_foreign_key(catalog, 0, i == 0 ? "a" : "b", 1);

        fake_add_key_column(catalog, key, "id", "a");
        key->period = 1;
    }
    is_int(key_group_build(graph_build_keyed(catalog), 50).n, 2,
           "each key with PERIOD is alone");
    catalog_free(catalog);
}

int
main(void)
{
    test_groups();
    test_components();
    test_periods();
    return done_testing();
}
