/* model/staging_names.h: what is called how in a staging schema. */

#include "model/staging_names.h"

#include <string.h>

#include "fake_catalog.h"
#include "tap.h"

#define NAME_OF_63 "a23456789b23456789c23456789d23456789e23456789f23456789g23456789"

static const char *
name_of(const StagingNames *names, int relation)
{
    return names->tables[relation].name;
}

static void
test_plain(void)
{
    Catalog *catalog = fake_catalog(1);
    StagingNames names = staging_names_choose(catalog, "_pg_sample");

    is_str(names.schema, "_pg_sample", "the schema is called as it was asked for");
    is_str(names.qschema, "\"_pg_sample\"", "and quoted in SQL");
    is_str(name_of(&names, 0), "t0", "a table keeps its name");
    is_str(names.tables[0].qname, "\"_pg_sample\".\"t0\"", "which SQL gets quoted");
    is_str(names.tables[0].pass, "\"_pass\"", "a column for the pass");
    is_str(names.tables[0].leaf, "\"_leaf\"", "for the table or partition");
    is_str(names.tables[0].place, "\"_place\"", "and for the place there");
    catalog_free(catalog);
}

static void
test_shared_names(void)
{
    Catalog *catalog = fake_catalog(5);
    StagingNames names;

    fake_rename(catalog, 0, "one", "item");
    fake_rename(catalog, 1, "two", "item");
    fake_rename(catalog, 2, "two", "other");
    fake_rename(catalog, 3, "three", "Item");
    fake_rename(catalog, 4, "public", "manifest");
    names = staging_names_choose(catalog, "x");
    is_str(name_of(&names, 0), "one.item", "of two schemas, the first");
    is_str(name_of(&names, 1), "two.item", "and the second");
    is_str(name_of(&names, 2), "other", "what nobody else is called stays");
    is_str(name_of(&names, 3), "Item", "case makes a difference");
    is_str(name_of(&names, 4), "public.manifest", "a name of ours is not to be had");
    is_str(names.tables[0].qname, "\"x\".\"one.item\"", "the dot is part of the name");
    catalog_free(catalog);
}

static void
test_reserved_names(void)
{
    static const char *const reserved[] = {"manifest",       "manifest_run",
                                           "manifest_keys",  "resume_facts",
                                           "resume_archive", "resume_large_objects",
                                           "reached"};
    enum
    {
        N_RESERVED = sizeof(reserved) / sizeof(reserved[0])
    };
    Catalog *catalog = fake_catalog(N_RESERVED);
    StagingNames names;

    for (int i = 0; i < N_RESERVED; i++)
        fake_rename(catalog, i, "s", reserved[i]);
    names = staging_names_choose(catalog, "x");
    for (int i = 0; i < N_RESERVED; i++)
    {
        ok(strncmp(name_of(&names, i), "s.", 2) == 0 &&
               strcmp(name_of(&names, i) + 2, reserved[i]) == 0,
           "%s gives way", reserved[i]);
    }
    catalog_free(catalog);
}

/* "a.b" + "c" and "a" + "b.c" would be the same; so would a table that is called so. */
static void
test_dots(void)
{
    Catalog *catalog = fake_catalog(7);
    StagingNames names;

    fake_rename(catalog, 0, "a", "b.c");
    fake_rename(catalog, 1, "a.b", "c");
    fake_rename(catalog, 2, "z", "b.c");
    fake_rename(catalog, 3, "z", "c");
    fake_rename(catalog, 4, "y", "z.c");
    fake_rename(catalog, 5, "y", "table_1003");
    fake_rename(catalog, 6, "y", "table_1003_");
    names = staging_names_choose(catalog, "x");
    is_str(name_of(&names, 0), "a.b.c", "the table's dot is harmless");
    is_str(name_of(&names, 1), "table_1001", "the schema's dot is not");
    is_str(name_of(&names, 2), "z.b.c", "the other schema");
    is_str(name_of(&names, 3), "table_1003__", "all other names are taken");
    is_str(name_of(&names, 4), "z.c", "by tables that are called so");
    is_str(name_of(&names, 5), "table_1003", "so that they keep their names");
    for (int i = 0; i < catalog->n_relations; i++)
        for (int j = 0; j < i; j++)
            ok(strcmp(name_of(&names, i), name_of(&names, j)) != 0, "%s is not %s",
               name_of(&names, i), name_of(&names, j));
    catalog_free(catalog);
}

static void
test_long_and_foreign_names(void)
{
    Catalog *catalog = fake_catalog(6);
    StagingNames names;

    fake_rename(catalog, 0, "s", NAME_OF_63);
    names = staging_names_choose(catalog, "x");
    is_str(name_of(&names, 0), NAME_OF_63, "a name of 63 bytes fits");
    fake_rename(catalog, 1, "s2", NAME_OF_63);
    fake_rename(catalog, 2, "s",
                "gr\xc3\xb6\xc3\x9f"
                "e");
    fake_rename(catalog, 3, "s2",
                "gr\xc3\xb6\xc3\x9f"
                "e");
    fake_rename(catalog, 4, "s", &NAME_OF_63[2]);
    fake_rename(catalog, 5, "t", &NAME_OF_63[2]);
    names = staging_names_choose(catalog, "x");
    is_str(name_of(&names, 0), "table_1000", "with its schema it is too long");
    is_str(name_of(&names, 1), "table_1001", "in both schemas");
    is_str(name_of(&names, 2), "table_1002", "other letters may be longer on the server");
    is_str(name_of(&names, 3), "table_1003", "in both schemas");
    is_int((intmax_t)strlen(name_of(&names, 4)), 63, "just long enough");
    is_str(name_of(&names, 5),
           "t."
           "3456789b23456789c23456789d23456789e23456789f23456789"
           "g23456789",
           "with its schema");
    catalog_free(catalog);
}

static void
test_quotes(void)
{
    Catalog *catalog = fake_catalog(1);
    StagingNames names;

    fake_rename(catalog, 0, "s", "the \"cart\"; DROP");
    names = staging_names_choose(catalog, "my \"schema\"");
    is_str(name_of(&names, 0), "the \"cart\"; DROP", "a raw name stays raw");
    is_str(names.tables[0].qname, "\"my \"\"schema\"\"\".\"the \"\"cart\"\"; DROP\"",
           "and quotes are doubled in SQL");
    catalog_free(catalog);
}

static void
test_columns(void)
{
    Catalog *catalog = fake_catalog(2);
    StagingNames names;

    catalog->relations[0].columns[0].name = "_pass";
    catalog->relations[0].columns[1].name = "_leaf";
    catalog->relations[0].columns[2].name = "_leaf_";
    catalog->relations[1].columns[0].name = "_place";
    names = staging_names_choose(catalog, "x");
    is_str(names.tables[0].pass, "\"_pass_\"", "one more underscore");
    is_str(names.tables[0].leaf, "\"_leaf__\"", "or two");
    is_str(names.tables[0].place, "\"_place\"", "where they are needed");
    is_str(names.tables[1].place, "\"_place_\"", "the place of another table");
    is_str(names.tables[1].pass, "\"_pass\"", "which has no other such column");
    catalog_free(catalog);
}

int
main(void)
{
    test_plain();
    test_shared_names();
    test_reserved_names();
    test_dots();
    test_long_and_foreign_names();
    test_quotes();
    test_columns();
    return done_testing();
}
