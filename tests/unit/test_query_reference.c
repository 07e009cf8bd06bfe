/* model/query_reference.h: SQL around the expressions of declared references. */

#include <string.h>

#include "fake_catalog.h"
#include "model/query_reference.h"
#include "tap.h"

static PQExpBufferData sql;

static bool
has(const char *text)
{
    return strstr(sql.data, text) != NULL;
}

static Catalog *
make_catalog(void)
{
    Catalog *catalog = fake_catalog(2);

    fake_references(catalog, (const int[][2]){{0, 1}}, 1);
    return catalog;
}

static void
test_following(void)
{
    Catalog *catalog = make_catalog();
    Reference *reference = &catalog->references[0];
    const RowId ids[] = {rowid_make(0, 7, 3), rowid_make(0, 8, 1)};

    resetPQExpBuffer(&sql);
    query_reference_find(&sql, catalog, reference, ids, 2, true);
    ok(has("(\na\n)::pg_catalog.int4 AS k0"), "an expression has lines of its own");
    ok(has("FROM ONLY s.t0\n"), "the table of the user's SQL has its own name");
    ok(has("'{\"(7,3)\",\"(8,1)\"}'::pg_catalog.tid[]"), "the rows come by place");
    ok(has("LEFT JOIN ONLY s.t1 AS p ON p.id OPERATOR(pg_catalog.=) k.k0"),
       "and are compared by the operator");
    reference->condition = "b > 0";
    resetPQExpBuffer(&sql);
    query_reference_find(&sql, catalog, reference, ids, 2, false);
    ok(has("CASE WHEN (\nb > 0\n) THEN (\na\n)::pg_catalog.int4 END AS k0"),
       "a condition is looked at before the expression");
    ok(!has("s.t1"), "a skipped table is not looked into");
    catalog_free(catalog);
}

static void
test_partitions(void)
{
    Catalog *catalog = make_catalog();
    const RowId id = rowid_make(1, 7, 3);

    fake_partitions(catalog, 0, 2);
    catalog->relations[0].leaves[1].is_direct = true;
    resetPQExpBuffer(&sql);
    query_reference_find(&sql, catalog, &catalog->references[0], &id, 1, true);
    ok(has("FROM (SELECT l.tableoid, l.ctid, l.id, l.a, l.b FROM ONLY") &&
           has(" AS l) AS \"t0\""),
       "the rows of a leaf stand under the name of the root");
    ok(!has("tableoid OPERATOR"), "which needs no condition");
    catalog->relations[0].leaves[1].is_direct = false;
    resetPQExpBuffer(&sql);
    query_reference_find(&sql, catalog, &catalog->references[0], &id, 1, true);
    ok(has("FROM s.t0 AS l) AS \"t0\"") && has("AND tableoid OPERATOR(pg_catalog.=)"),
       "a leaf that shows other rows is read through its root");
    catalog_free(catalog);
}

static void
test_checking(void)
{
    Catalog *catalog = make_catalog();

    resetPQExpBuffer(&sql);
    query_reference_check(&sql, catalog, &catalog->references[0]);
    ok(has("ARRAY[\na\n] IS NOT NULL"), "what closes a parenthesis closes no bracket");
    ok(has("LIMIT 0"), "a check reads no rows");
    catalog_free(catalog);
}

static void
test_going_down(void)
{
    Catalog *catalog = make_catalog();
    const Relation *relation = &catalog->relations[0];

    catalog->relations[0].columns[2].name = "kk0";
    resetPQExpBuffer(&sql);
    query_reference_append_referencing(&sql, relation, &catalog->references[0], "b = 1");
    query_reference_append_match(&sql, relation, &catalog->references[0]);
    ok(has(" AS kkk0\n  FROM ONLY s.t0\n WHERE (\nb = 1\n)) AS t"),
       "values have names that no column has");
    ok(has("p.k0 OPERATOR(pg_catalog.=) t.kkk0"), "by which they are compared");
    catalog_free(catalog);
}

int
main(void)
{
    initPQExpBuffer(&sql);
    test_following();
    test_partitions();
    test_checking();
    test_going_down();
    termPQExpBuffer(&sql);
    return done_testing();
}
