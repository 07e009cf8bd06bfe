/* model/query_staging.h: SQL over staging tables, without a server. */

#include "model/key_group.h"
#include "model/query_set_null.h"
#include "model/query_staging.h"

#include <string.h>

#include "fake_catalog.h"
#include "tap.h"

static PQExpBufferData sql;

static bool
has(const char *text)
{
    return strstr(sql.data, text) != NULL;
}

/* The whole text, every run of blanks in it as one blank. */
static const char *
squeezed(void)
{
    static char text[2000];
    size_t length = 0;

    for (const char *c = sql.data; *c != '\0' && length + 1 < sizeof(text); c++)
    {
        bool is_blank = *c == ' ' || *c == '\n';

        if (!is_blank || (length > 0 && text[length - 1] != ' '))
            text[length++] = is_blank ? ' ' : *c;
    }
    text[length] = '\0';
    return text;
}

static const GraphKey *
key_of(const FkGraph *graph, const ForeignKey *key)
{
    for (int i = 0; i < graph->n_fks; i++)
    {
        if (graph->fks[i].foreign_key == key)
            return &graph->fks[i];
    }
    return NULL;
}

static void
pending(const Catalog *catalog, const ForeignKey *key, int pass)
{
    const FkGraph *graph = graph_build_keyed(catalog);
    StagingNames names = staging_names_choose(catalog, "x");
    const GraphKey *fk = key_of(graph, key);

    resetPQExpBuffer(&sql);
    query_staging_pending(&sql, &names, graph, &fk, 1, pass);
}

/* The query that counts all foreign keys of the table. */
static void
count(const Catalog *catalog, int relation, bool may_repeat)
{
    const FkGraph *graph = graph_build_keyed(catalog);
    StagingNames names = staging_names_choose(catalog, "x");

    resetPQExpBuffer(&sql);
    query_staging_count(&sql, &names, graph, relation, may_repeat, 0,
                        graph->outgoing[relation].n_items);
}

static void
test_create(void)
{
    Catalog *catalog = fake_catalog(1);
    StagingNames names;

    catalog->relations[0].columns[1].qname = "\"A\"";
    catalog->relations[0].columns[1].operand = "\"A\"";
    catalog->relations[0].columns[1].declared_type = "character varying(5)";
    catalog->relations[0].columns[1].collation = " COLLATE pg_catalog.\"C\"";
    catalog->relations[0].n_tuples = -1;
    names = staging_names_choose(catalog, "x");
    resetPQExpBuffer(&sql);
    query_staging_create(&sql, &names, catalog, 0);
    is_str(squeezed(),
           "CREATE UNLOGGED TABLE \"x\".\"t0\" ( \"_pass\" pg_catalog.int4, "
           "\"_leaf\" pg_catalog.oid, \"_place\" pg_catalog.tid, id integer, "
           "\"A\" character varying(5) COLLATE pg_catalog.\"C\", b integer) "
           "WITH (autovacuum_enabled = off); ",
           "a staging table has our columns, and then the source's, without constraints");
    catalog->relations[0].n_tuples = 49;
    resetPQExpBuffer(&sql);
    query_staging_create(&sql, &names, catalog, 0);
    ok(!has("WITH"), "autovacuum need not be kept from few rows");
    catalog_free(catalog);
}

static void
test_pending(void)
{
    Catalog *catalog = fake_catalog(2);
    ForeignKey *key = fake_foreign_key(catalog, 0, "a", 1);

    pending(catalog, key, -1);
    is_str(squeezed(),
           "COPY (SELECT DISTINCT k.* FROM (SELECT a::integer AS k0 FROM \"x\".\"t0\" "
           "WHERE (a IS DISTINCT FROM NULL)) AS k WHERE NOT EXISTS "
           "(SELECT FROM \"x\".\"t1\" AS p "
           "WHERE p.id OPERATOR(pg_catalog.=) k.k0)) TO STDOUT",
           "keys of all staged rows that no staged row has");
    pending(catalog, key, 0);
    ok(has("WHERE \"_pass\" OPERATOR(pg_catalog.=) 0\n   AND (a IS DISTINCT FROM NULL)"),
       "of the rows that were picked");
    pending(catalog, key, 7);
    ok(has("\"_pass\" OPERATOR(pg_catalog.=) 7"), "of those that came in a pass");
    catalog_free(catalog);
}

static void
test_period(void)
{
    Catalog *catalog = fake_catalog(2);
    ForeignKey *key = fake_foreign_key(catalog, 0, "a", 1);

    fake_add_key_column(catalog, key, "b", "a");
    key->value_types[1] = "pg_catalog.daterange";
    key->operators[1] = "OPERATOR(pg_catalog.&&)";
    key->period = 1;
    pending(catalog, key, -1);
    ok(has("WHERE NOT COALESCE(k.k1::pg_catalog.daterange OPERATOR(pg_catalog.<@)"
           " (SELECT pg_catalog.range_agg(p.a) FROM \"x\".\"t1\" AS p"),
       "a period must be within the union of others");
    ok(has("AND p.a OPERATOR(pg_catalog.&&) k.k1), false)"), "of those that overlap it");
    catalog_free(catalog);
}

static void
test_composite_key(void)
{
    Catalog *catalog = fake_catalog(2);
    ForeignKey *key = fake_foreign_key(catalog, 0, "a", 1);

    fake_add_key_column(catalog, key, "b", "a");
    key->value_types[1] = "pg_catalog.text";
    key->collations[1] = " COLLATE pg_catalog.\"C\"";
    key->operators[1] = "OPERATOR(odd.===)";
    pending(catalog, key, -1);
    is_str(squeezed(),
           "COPY (SELECT DISTINCT k.* FROM (SELECT a::integer AS k0, "
           "b::pg_catalog.text COLLATE pg_catalog.\"C\" AS k1 FROM \"x\".\"t0\" "
           "WHERE (a IS DISTINCT FROM NULL AND b IS DISTINCT FROM NULL)) AS k "
           "WHERE NOT EXISTS (SELECT FROM \"x\".\"t1\" AS p "
           "WHERE p.id OPERATOR(pg_catalog.=) k.k0 "
           "AND p.a OPERATOR(odd.===) k.k1)) TO STDOUT",
           "each pair of columns has its operator, type and collation");
    count(catalog, 0, false);
    ok(has("(a IS DISTINCT FROM NULL AND b IS DISTINCT FROM NULL)") &&
           !has("a IS DISTINCT FROM NULL OR"),
       "MATCH SIMPLE: a key with a NULL refers to nothing");
    catalog_free(catalog);
}

static void
test_match_full(void)
{
    Catalog *catalog = fake_catalog(2);
    ForeignKey *key = fake_foreign_key(catalog, 0, "a", 1);

    fake_add_key_column(catalog, key, "b", "a");
    key->is_match_full = true;
    pending(catalog, key, -1);
    ok(has("(a IS DISTINCT FROM NULL AND b IS DISTINCT FROM NULL)") && !has(" OR "),
       "MATCH FULL: only a whole key is looked for");
    count(catalog, 0, false);
    is_str(squeezed(),
           "SELECT pg_catalog.count(*), pg_catalog.count(*), "
           "pg_catalog.count(*) FILTER ( "
           "WHERE (a IS DISTINCT FROM NULL OR b IS DISTINCT FROM NULL)), "
           "pg_catalog.count(*) FILTER ( "
           "WHERE (a IS DISTINCT FROM NULL OR b IS DISTINCT FROM NULL) "
           "AND NOT (a IS DISTINCT FROM NULL AND b IS DISTINCT FROM NULL)) "
           "FROM \"x\".\"t0\"",
           "but a key that is whole in part is a reference, too, and a broken one");
    catalog_free(catalog);
}

/* Keys that stand on one partition, or refer to one. */
static void
test_partitions(void)
{
    Catalog *catalog = fake_catalog(2);
    ForeignKey *key = fake_foreign_key(catalog, 0, "a", 1);

    fake_partitions(catalog, 0, 3);
    fake_partitions(catalog, 1, 3);
    pending(catalog, key, -1);
    ok(!has("_leaf"), "a key of whole tables says nothing of partitions");
    count(catalog, 0, false);
    ok(!has("_leaf"), "nor does counting its references");
    key->referencing_partition = 5001;
    pending(catalog, key, 2);
    ok(has("FROM \"x\".\"t0\"\n WHERE \"_leaf\" OPERATOR(pg_catalog.=) ANY "
           "('{5001}'::pg_catalog.oid[])\n   AND \"_pass\" OPERATOR(pg_catalog.=) 2\n"),
       "a key of one partition is for the rows in it");
    ok(!has("p.\"_leaf\"") && !has("AS p\n WHERE \"_leaf\""), "and may refer to any row");
    count(catalog, 0, false);
    ok(has("FILTER (\n WHERE \"_leaf\" OPERATOR(pg_catalog.=) ANY "
           "('{5001}'::pg_catalog.oid[])\n   AND (a IS DISTINCT FROM NULL)), 0\n"),
       "only references of these rows are counted");
    catalog_free(catalog);

    catalog = fake_catalog(2);
    key = fake_foreign_key(catalog, 0, "a", 1);
    fake_partitions(catalog, 1, 3);
    key->referenced_partition = 5002;
    pending(catalog, key, -1);
    ok(has("AND p.\"_leaf\" OPERATOR(pg_catalog.=) ANY ('{5002}'::pg_catalog.oid[])"),
       "a key that refers to one partition finds no row of another");
    catalog_free(catalog);
}

static void
test_rows(void)
{
    Catalog *catalog = fake_catalog(1);
    const FkGraph *graph = graph_build_keyed(catalog);
    const RowLayout *layouts = layout_build(graph);
    StagingNames names = staging_names_choose(catalog, "x");

    resetPQExpBuffer(&sql);
    query_staging_rows(&sql, &names, graph, &layouts[0], false);
    ok(has("COPY (SELECT t.ctid, t.id, t.a, t.b\n"), "the layout's columns");
    ok(has("s.\"_leaf\" AS tableoid, s.\"_place\" AS ctid, s.* FROM \"x\".\"t0\" AS s"),
       "as if from the source");
    ok(has("ORDER BY t.ctid"), "in its order");
    resetPQExpBuffer(&sql);
    query_staging_rows(&sql, &names, graph, &layouts[0], true);
    ok(has("ORDER BY t.id, t.ctid"), "or in the order of the key");
    catalog_free(catalog);
}

static void
test_set_null_rows(void)
{
    Catalog *catalog = fake_catalog(2);
    ForeignKey *key = fake_foreign_key(catalog, 0, "a", 1);
    const FkGraph *graph;
    StagingNames names = staging_names_choose(catalog, "x");

    fake_add_key_column(catalog, key, "b", "a");
    key->is_ignored = true;
    graph = graph_build_keyed(catalog);
    resetPQExpBuffer(&sql);
    query_staging_rows(&sql, &names, graph, layout_build(graph), false);
    ok(has("CASE WHEN (p0.\"_pass\" IS NULL AND (s.a IS DISTINCT FROM NULL AND "
           "s.b IS DISTINCT FROM NULL)) THEN NULL ELSE s.a END AS a"),
       "what refers to nothing is NULL");
    ok(has("ctid, s.id,"), "and nothing else");
    ok(has("LEFT JOIN \"x\".\"t1\" AS p0 ON p0."), "as the staged rows tell");
    key->is_match_full = true;
    resetPQExpBuffer(&sql);
    query_set_null_count(&sql, &names, graph, &graph->ignored[0]);
    ok(has("s.a IS DISTINCT FROM NULL OR s.b IS DISTINCT FROM NULL"),
       "under MATCH FULL half a reference is one");
    catalog_free(catalog);
}

static void
test_insert(void)
{
    Catalog *catalog = fake_catalog(1);
    const RowLayout *layouts = layout_build(graph_build_keyed(catalog));
    StagingNames names = staging_names_choose(catalog, "x");
    RowLayout *fetch = query_staging_layouts(layouts, catalog);
    PQExpBufferData begin;

    catalog->relations[0].columns[2].is_generated = true;
    initPQExpBuffer(&begin);
    query_staging_set_pass(&begin, &fetch[0], &names, 4);
    is_str(fetch[0].begin, "INSERT INTO \"x\".\"t0\"\nSELECT 4, r.* FROM (",
           "rows are inserted as of a pass");
    is_str(fetch[0].select_list, "t.tableoid, t.ctid, t.id, t.a, t.b",
           "with their place and every column, in the order of the staging table");
    query_staging_set_pass(&begin, &fetch[0], &names, 5);
    ok(strstr(fetch[0].begin, "SELECT 5, ") != NULL, "and of the next pass");
    termPQExpBuffer(&begin);
    catalog_free(catalog);
}

static void
test_count(void)
{
    Catalog *catalog = fake_catalog(2);

    count(catalog, 0, true);
    is_str(squeezed(),
           "SELECT pg_catalog.count(*), pg_catalog.count(DISTINCT \"_place\") "
           "FROM \"x\".\"t0\"",
           "rows that may be there twice are counted by place");
    count(catalog, 0, false);
    ok(!has("DISTINCT"), "those that were only picked are not");
    fake_partitions(catalog, 0, 2);
    count(catalog, 0, true);
    ok(has("GROUP BY \"_leaf\", \"_place\""), "a place is one of a partition");
    catalog_free(catalog);
}

/* Two foreign keys that refer to the same column are asked about at once. */
static void
test_group(void)
{
    Catalog *catalog = fake_catalog(2);
    const FkGraph *graph;
    StagingNames names;
    KeyGroups groups;

    fake_foreign_key(catalog, 0, "a", 1);
    fake_foreign_key(catalog, 0, "b", 1);
    graph = graph_build_keyed(catalog);
    names = staging_names_choose(catalog, "x");
    groups = key_group_build(graph, 50);
    is_int(groups.items[0].n, 2, "both are in a group");
    resetPQExpBuffer(&sql);
    query_staging_pending(&sql, &names, graph, groups.items[0].fks, 2, 3);
    is_str(squeezed(),
           "COPY (SELECT DISTINCT k.* FROM (SELECT a::integer AS k0 FROM \"x\".\"t0\" "
           "WHERE \"_pass\" OPERATOR(pg_catalog.=) 3 AND (a IS DISTINCT FROM NULL) "
           "UNION ALL SELECT b::integer AS k0 FROM \"x\".\"t0\" "
           "WHERE \"_pass\" OPERATOR(pg_catalog.=) 3 AND (b IS DISTINCT FROM NULL)) AS k "
           "LEFT JOIN \"x\".\"t1\" AS p ON p.id OPERATOR(pg_catalog.=) k.k0 "
           "WHERE p.\"_pass\" IS NULL) TO STDOUT",
           "the referenced table is read once");
    resetPQExpBuffer(&sql);
    query_staging_count_missing(&sql, &names, graph, groups.items[0].fks, 2);
    ok(has("SELECT k.fk, pg_catalog.count(*)") && has("(SELECT 0 AS fk, a::integer") &&
           has("SELECT 1 AS fk, b::integer") && has("GROUP BY k.fk"),
       "for the proof each is counted");
    catalog_free(catalog);
}

int
main(void)
{
    initPQExpBuffer(&sql);
    test_create();
    test_pending();
    test_composite_key();
    test_period();
    test_match_full();
    test_partitions();
    test_rows();
    test_set_null_rows();
    test_insert();
    test_count();
    test_group();
    termPQExpBuffer(&sql);
    return done_testing();
}
