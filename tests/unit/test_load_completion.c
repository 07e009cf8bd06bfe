/* load/plan/load_plan_completion.c: which columns of rows in two parts are their key. */
#include "fake_catalog.h"
#include "load/plan/load_plan_internal.h"
#include "tap.h"

enum
{
    ID,
    A,
    B
};

static int
count_key(const Catalog *catalog, int relation, const int *columns, int n)
{
    return load_plan_completion_count_key(catalog, relation, columns, n);
}

int
main(void)
{
    Catalog *catalog = fake_catalog(2);
    static const int by_key[] = {ID, A};
    static const int by_other_key[] = {A, B};
    static const int by_long_key[] = {A, ID, B};
    static const int key_alone[] = {ID};
    ForeignKey *foreign_key;

    is_int(count_key(catalog, 0, by_key, 2), 1, "the table's key comes first");
    is_int(count_key(catalog, 0, key_alone, 1), 0, "and something is to be set");
    is_int(count_key(catalog, 0, by_other_key, 2), 0, "another key is not known");
    foreign_key = fake_foreign_key(catalog, 0, "b", 1);
    is_int(count_key(catalog, 0, by_other_key, 2), 1, "but ends before a foreign key");
    is_int(count_key(catalog, 0, by_long_key, 3), 2, "however long it is");
    is_int(count_key(catalog, 1, by_other_key, 2), 0, "of the same table");
    *foreign_key = *fake_foreign_key(catalog, 0, "id", 1);
    fake_add_key_column(catalog, foreign_key, "b", "id");
    fake_foreign_key(catalog, 0, "b", 1);
    is_int(count_key(catalog, 0, by_long_key, 3), 0, "two ends are none");
    catalog_free(catalog);
    return done_testing();
}
