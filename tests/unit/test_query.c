/* model/query.h and model/layout.h: the SQL that is put together, without a server. */

#include <string.h>

#include "fake_catalog.h"
#include "model/query.h"
#include "tap.h"

static PQExpBufferData sql;

static bool
has(const char *text)
{
    return strstr(sql.data, text) != NULL;
}

static void
test_layout(void)
{
    Catalog *catalog = fake_catalog(2);
    const RowLayout *layouts;

    catalog->relations[0].columns[1].is_generated = true;
    fake_foreign_key(catalog, 0, "a", 1);
    layouts = layout_build(graph_build(catalog));
    is_str(layouts[0].select_list, "t.ctid, t.a, t.id, t.b",
           "a generated column of a key is fetched before the columns of the dump");
    is_str(layouts[0].column_list, "(id, b)", "and is no column of the dump");
    is_int(layouts[0].n_prefix, 2, "place and extra come before them");
    is_int(layouts[0].n_fields, 2, "closing looks no further than the key");
    is_str(layouts[1].select_list, "t.ctid, t.id, t.a, t.b", "other columns as they are");
    is_int(layouts[1].n_fields, 2, "the referenced key is looked at");
    catalog_free(catalog);
}

static void
test_referenced_ids(void)
{
    Catalog *catalog = fake_catalog(2);
    const RowLayout *layouts;

    fake_foreign_key(catalog, 0, "a", 1)->is_canonical = false;
    layouts = layout_build(graph_build(catalog));
    ok(strstr(layouts[0].select_list, "pg_catalog.concat(p0.tableoid, p0.ctid)") != NULL,
       "a key without canonical text is found by the server");
    ok(strstr(layouts[0].joins, "LEFT JOIN ONLY s.t1 AS p0 ON "
                                "p0.id OPERATOR(pg_catalog.=) t.a::integer") != NULL,
       "with the constraint's operator");
    is_int(layouts[0].field_of_key[0], 1, "its place is the second field");
    resetPQExpBuffer(&sql);
    query_fetch_by_id(&sql, &layouts[0], &(RowId){rowid_make(0, 7, 3)}, 1);
    ok(has("FROM (SELECT t.tableoid, t.ctid, t.*") && has("\"(7,3)\""),
       "rows are chosen before their references are looked up");
    catalog_free(catalog);
}

static void
test_fetch_by_key(void)
{
    Catalog *catalog = fake_catalog(2);
    const FkGraph *graph;
    const CopyEncoding encoding = {0};
    KeySet *keys = keyset_new();
    size_t indexes[2];
    const KeyBatch batch = {.set = keys, .indexes = indexes, .n = 2};

    fake_foreign_key(catalog, 0, "a", 1);
    graph = graph_build(catalog);
    indexes[0] = keyset_add(keys, "5", 1, KEY_WANTED, NULL);
    indexes[1] = keyset_add(keys, "it's", 4, KEY_WANTED, NULL);
    resetPQExpBuffer(&sql);
    query_fetch_by_key(&sql, &layout_build(graph)[1], &graph->referenced_keys[0], &batch,
                       &encoding);
    ok(has("FROM ONLY s.t1 AS t"), "a table is read without its descendants");
    ok(has("t.id OPERATOR(pg_catalog.=) ANY ('{"), "keys go in one array");
    ok(has("}'::integer[]"), "of the type on the operator's right side");
    ok(has("it''s"), "values are quoted");
    ok(!has("enable_hashjoin"), "the planner chooses how");
    catalog->foreign_keys[0].is_canonical = false;
    for (int i = 0; i < 3; i++)
    {
        static const double n_tuples[] = {1000, 10, -1};
        static const char *const names[] = {"few keys are looked up",
                                            "many keys may be hashed",
                                            "keys of a table of unknown size are not"};

        catalog->relations[1].n_tuples = n_tuples[i];
        resetPQExpBuffer(&sql);
        query_fetch_by_key(&sql, &layout_build(graph)[1], &graph->referenced_keys[0],
                           &batch, &encoding);
        ok(has("JOIN ONLY s.t1") && has("enable_hashjoin = off") == (i != 1), "%s",
           names[i]);
    }
    keyset_free(keys);
    catalog_free(catalog);
}

static void
test_picks(void)
{
    Catalog *catalog = fake_catalog(1);
    const FkGraph *graph = graph_build(catalog);
    const RowLayout *layout = layout_build(graph);
    Rule rule = {.kind = RULE_COUNT, .count = 3, .condition = "a > 1 -- why"};
    Pick pick = {.relation = 0, .rule = &rule};
    PlanTable table = {.picks = &pick, .n_picks = 1};
    Plan plan = {.catalog = catalog, .graph = graph, .tables = &table};

    resetPQExpBuffer(&sql);
    query_pick_rows(&sql, &plan, layout, &pick, 3);
    ok(!has("ORDER BY") && has("LIMIT 3"), "the first rows are those of the scan");
    plan.order = PICK_NEWEST;
    resetPQExpBuffer(&sql);
    query_pick_rows(&sql, &plan, layout, &pick, 3);
    ok(has("ORDER BY t.id DESC"), "the newest ones are those with the highest keys");
    plan.order = PICK_FIRST;
    resetPQExpBuffer(&sql);
    query_pick_ids(&sql, &plan, &pick, 3);
    ok(has("(\na > 1 -- why\n)"), "a condition stands on lines of its own");
    ok(has("FROM ONLY s.t0\n"), "and may name its table, which has no alias");
    ok(has("ORDER BY ctid"), "the first rows by place, whatever plan is chosen");
    catalog_free(catalog);
}

static void
test_partition_picks(void)
{
    Catalog *catalog = fake_catalog(1);
    Rule rule = {.kind = RULE_ALL};
    Pick picks[2] = {{.relation = 0, .rule = &rule}, {.relation = 0, .rule = &rule}};
    PlanTable table = {.picks = picks, .n_picks = 2};
    Plan plan = {.catalog = catalog, .tables = &table};
    const RowLayout *layout;

    fake_partitions(catalog, 0, 3);
    plan.graph = graph_build(catalog);
    layout = layout_build(plan.graph);
    picks[1].partition = &catalog->partitions[1];
    resetPQExpBuffer(&sql);
    query_pick_rows(&sql, &plan, layout, &picks[0], -1);
    ok(has("FROM s.t0 AS t"), "a partitioned table is read with its partitions");
    ok(has("<>) ALL ('{5001}'"), "but without one that has a rule of its own");
    resetPQExpBuffer(&sql);
    query_pick_rows(&sql, &plan, layout, &picks[1], -1);
    ok(has("FROM s.p1 AS t"), "which is read by its name");
    catalog_free(catalog);
}

int
main(void)
{
    initPQExpBuffer(&sql);
    test_layout();
    test_referenced_ids();
    test_fetch_by_key();
    test_picks();
    test_partition_picks();
    termPQExpBuffer(&sql);
    return done_testing();
}
