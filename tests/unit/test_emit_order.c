/* dump/emit_order.h: in which order tables can be loaded while their keys exist. */

#include <string.h>

#include "dump/emit_order.h"
#include "fake_catalog.h"
#include "tap.h"

static const bool ALL[8] = {true, true, true, true, true, true, true, true};

static int
place_of(const EmitOrder *order, int n, int relation)
{
    for (int i = 0; i < n; i++)
    {
        if (order->relations[i] == relation)
            return i;
    }
    return -1;
}

static void
test_referenced_first(void)
{
    Catalog *catalog = fake_catalog(3);
    EmitOrder order;
    Diag diag = {0};

    fake_foreign_key(catalog, 0, "a", 1);
    fake_foreign_key(catalog, 1, "a", 2);
    ok(emit_order_for_data_only(&order, graph_build(catalog), ALL, false, true, &diag),
       "a chain has an order");
    ok(place_of(&order, 3, 2) < place_of(&order, 3, 1) &&
           place_of(&order, 3, 1) < place_of(&order, 3, 0),
       "referenced before referencing");
    ok(!order.needs_deferral, "and nothing is deferred");
    catalog_free(catalog);
}

static void
test_deferrable_cycle(void)
{
    Catalog *catalog = fake_catalog(2);
    EmitOrder order;
    Diag diag = {0};

    fake_foreign_key(catalog, 0, "a", 1)->is_deferrable = true;
    fake_foreign_key(catalog, 1, "a", 0);
    ok(emit_order_for_data_only(&order, graph_build(catalog), ALL, false, true, &diag),
       "a cycle with a deferrable key has an order");
    ok(order.needs_deferral, "in which it is deferred");
    ok(!order.is_postponed[0] && !order.is_postponed[1], "so none is postponed");
    is_int(place_of(&order, 2, 0), 0,
           "and the key that is not deferrable finds its rows");
    ok(emit_order_for_data_only(&order, graph_build(catalog), ALL, false, false, &diag),
       "without a transaction, too");
    ok(!order.needs_deferral && (order.is_postponed[0] || order.is_postponed[1]),
       "where a key is postponed instead");
    catalog_free(catalog);
}

static void
test_nullable_cycle(void)
{
    Catalog *catalog = fake_catalog(2);
    EmitOrder order;
    Diag diag = {0};

    catalog->relations[0].columns[1].is_not_null = true;
    fake_foreign_key(catalog, 0, "a", 1);
    fake_foreign_key(catalog, 1, "a", 0);
    ok(emit_order_for_data_only(&order, graph_build(catalog), ALL, false, true, &diag),
       "a cycle with a nullable key has an order");
    ok(!order.is_postponed[0] && order.is_postponed[1], "in which that key is postponed");
    catalog->relations[1].columns[1].is_not_null = true;
    ok(!emit_order_for_data_only(&order, graph_build(catalog), ALL, false, true, &diag),
       "without nullable and deferrable keys there is none");
    ok(strstr(diag.message, "s.t0") != NULL && strstr(diag.message, "s.t1") != NULL,
       "the message names the cycle");
    diag_free(&diag);
    catalog_free(catalog);
}

static void
test_self_reference(void)
{
    Catalog *catalog = fake_catalog(1);
    EmitOrder order;
    Diag diag = {0};

    fake_foreign_key(catalog, 0, "a", 0);
    ok(emit_order_for_data_only(&order, graph_build(catalog), ALL, false, true, &diag),
       "a self reference is no cycle for COPY");
    ok(!order.is_postponed[0], "so it is not postponed");
    ok(emit_order_for_data_only(&order, graph_build(catalog), ALL, true, true, &diag),
       "with INSERT after INSERT there is an order, too");
    ok(order.is_postponed[0], "in which it is postponed");
    catalog_free(catalog);
}

static void
test_empty_tables(void)
{
    const bool has_rows[2] = {true, false};
    Catalog *catalog = fake_catalog(2);
    EmitOrder order;
    Diag diag = {0};

    for (int i = 0; i < 2; i++)
    {
        catalog->relations[i].columns[1].is_not_null = true;
        fake_foreign_key(catalog, i, "a", 1 - i);
    }
    ok(emit_order_for_data_only(&order, graph_build(catalog), has_rows, false, true,
                                &diag),
       "a table without rows does not close a cycle");
    catalog_free(catalog);
}

int
main(void)
{
    test_referenced_first();
    test_deferrable_cycle();
    test_nullable_cycle();
    test_self_reference();
    test_empty_tables();
    return done_testing();
}
