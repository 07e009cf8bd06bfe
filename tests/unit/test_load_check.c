/* SQL of the checks, without a server: what is in it, and what is left out. */
#include <string.h>

#include "load/check/check_query.h"
#include "load/commit/diff_query.h"
#include "load/effective.h"
#include "tap.h"

static Column columns[] = {
    {.name = "id", .qname = "id", .operand = "id", .declared_type = "integer"},
    {.name = "A b", .qname = "\"A b\"", .operand = "\"A b\"", .declared_type = "text"},
    {.name = "c", .qname = "c", .operand = "c", .declared_type = "integer"},
    {.name = "g",
     .qname = "g",
     .operand = "g",
     .declared_type = "integer",
     .is_generated = true},
    {.name = "n",
     .qname = "n",
     .operand = "n",
     .declared_type = "timestamp with time zone"},
};
static const Relation relation = {.name = "t",
                                  .qname = "\"s.\"\"x\".\"Ta\"\"b\"",
                                  .columns = columns,
                                  .n_columns = 5};
static TargetColumn target_columns[] = {
    {0},
    {0},
    {.has_default = true, .default_expression = "5"},
    {.has_default = true},
    {.has_default = true, .default_expression = "now()"},
};
static KeyPart id_part = {.column = 0,
                          .expression = "id",
                          .operator= "OPERATOR(pg_catalog.=)",
                          .collation = ""};
static KeyPart low_part = {.column = -1,
                           .expression = "lower(\"A b\")",
                           .operator= "OPERATOR(pg_catalog.=)",
                           .collation = " COLLATE pg_catalog.\"C\""};
static int id_column[] = {0};
static int b_column[] = {1};
static int bc_columns[] = {1, 2};
static int generated_column[] = {3};
static int now_column[] = {4};
static const TargetKey id_key = {.name = "pk",
                                 .parts = &id_part,
                                 .n_parts = 1,
                                 .used_columns = id_column,
                                 .n_used_columns = 1};
static const TargetKey low_key = {.name = "low",
                                  .parts = &low_part,
                                  .n_parts = 1,
                                  .predicate = "(c > 0)",
                                  .used_columns = bc_columns,
                                  .n_used_columns = 2};
static TargetCheck check = {.name = "positive",
                            .expression = "(c > 0)",
                            .columns = &bc_columns[1],
                            .n_columns = 1};
static const Target target = {.relation = &relation,
                              .kind = 'r',
                              .columns = target_columns,
                              .checks = &check,
                              .n_checks = 1};
static const int batch_columns[] = {0, 1};

static LoadTable
make_table(const TableSettings *settings, const char *diff)
{
    return (LoadTable){.target = &target,
                       .settings = settings,
                       .columns = batch_columns,
                       .n_columns = 2,
                       .key = &id_key,
                       .timestamp = -1,
                       .rows = "ONLY \"s.\"\"x\".\"Ta\"\"b\"",
                       .stage = "pg_temp.stage",
                       .excluded = "pg_temp.gone",
                       .diff = diff};
}

static bool
has(PQExpBuffer sql, const char *text)
{
    return strstr(sql->data, text) != NULL;
}

static void
test_constants(void)
{
    static const char *const constants[] = {"5",
                                            "(-5)",
                                            "'-1'::integer",
                                            "'x; y'::character varying(3)",
                                            "'it''s'::t.a",
                                            "true",
                                            "NULL::text",
                                            "('a'::text)::s.d",
                                            "1.5",
                                            "false",
                                            "'a(b)'::\"weird name\"",
                                            "(0)::numeric(5,2)"};
    static const char *const others[] = {"now()",
                                         "nextval('s'::regclass)",
                                         "'a'::text || 'b'::text",
                                         "(1 + 2)",
                                         "CURRENT_TIMESTAMP",
                                         "ARRAY[1]",
                                         "('now'::text)::date - 1",
                                         "-f(1)",
                                         "",
                                         "'open"};

    for (size_t i = 0; i < sizeof(constants) / sizeof(constants[0]); i++)
        ok(effective_is_constant(constants[i]), "constant: %s", constants[i]);
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        ok(!effective_is_constant(others[i]), "not constant: %s", others[i]);
}

static void
test_sight(void)
{
    const TableSettings settings = {.mode = MODE_INCREMENTAL};
    const LoadTable with = make_table(&settings, "pg_temp.diff");
    const LoadTable without = make_table(&settings, NULL);

    ok(batch_has_columns(&with, b_column, 1), "a column of the batch");
    ok(!batch_has_columns(&with, bc_columns, 2), "one that it lacks");
    ok(check_query_can_see(&without, bc_columns, 2), "a constant default is known");
    ok(check_query_can_see(&with, now_column, 1), "updated rows have their value");
    ok(!check_query_can_see(&without, now_column, 1), "now() is not known");
    ok(!check_query_can_prove(&with, now_column, 1), "of new rows never");
    ok(!check_query_can_see(&with, generated_column, 1), "generated columns neither");
    is_str(check_query_alias(&target), "\"Ta\"\"b\"", "the name that expressions use");
}

static void
test_rows(PQExpBuffer sql)
{
    const TableSettings settings = {.mode = MODE_SLICE};
    const Problem problems[] = {{PROBLEM_NULL_KEY, 0},
                                {PROBLEM_NULL, 1},
                                {PROBLEM_CHECK, 0},
                                {PROBLEM_OUTSIDE, 0}};
    LoadTable table = make_table(&settings, NULL);

    table.scope_condition = "t.c = '1'";
    check_query_counts(sql, &table, problems, 4);
    ok(has(sql, "(WHERE id IS NULL)"), "NULL in the key");
    ok(has(sql, "(WHERE \"A b\" IS NOT DISTINCT FROM NULL)"), "NULL in a column");
    ok(has(sql, "(WHERE NOT ((c > 0)))"), "a CHECK constraint");
    ok(has(sql, "(WHERE _pg_sample_load_inside IS NOT TRUE)"), "outside");
    ok(has(sql, "(t.c = '1') AS _pg_sample_load_inside FROM pg_temp.stage AS t"),
       "the slice's condition stands over its own alias");
    ok(has(sql, ") AS \"Ta\"\"b\""), "expressions stand over the table's name");
    ok(!has(sql, "EXISTS"), "nothing is excluded yet");
    table.has_excluded = true;
    resetPQExpBuffer(sql);
    check_query_problem(sql, &table, &problems[0]);
    ok(has(sql, "NOT EXISTS (SELECT FROM pg_temp.gone AS e"), "and then it is");
    resetPQExpBuffer(sql);
    check_query_read(sql, &table, "SELECT 1 AS record");
    ok(has(sql, "COPY (SELECT t._pg_sample_load_record, t.id, t.\"A b\""),
       "rows are read with their record first");
}

static void
test_duplicates(PQExpBuffer sql)
{
    const TableSettings first = {.duplicates = DUPLICATES_FIRST};
    const TableSettings newest = {.is_null_timestamp_newest = true};
    LoadTable table = make_table(&first, NULL);

    resetPQExpBuffer(sql);
    check_query_keys_duplicates(sql, &table);
    ok(has(sql, "ORDER BY _pg_sample_load_record)"), "the first record wins");
    resetPQExpBuffer(sql);
    check_query_keys_duplicate_count(sql, &table);
    ok(has(sql, "GROUP BY id"), "keys are grouped as the server compares them");
    columns[0].is_canonical = true;
    resetPQExpBuffer(sql);
    check_query_keys_duplicate_count(sql, &table);
    ok(has(sql, "count(DISTINCT id)"), "or counted, where bytes decide");
    columns[0].is_canonical = false;
    table.settings = &newest;
    table.timestamp = 4;
    resetPQExpBuffer(sql);
    check_query_keys_duplicates(sql, &table);
    ok(has(sql, "ORDER BY n DESC NULLS FIRST, _pg_sample_load_record DESC)"),
       "the newest, NULL being newest, and then the last record");
}

static void
test_keys(PQExpBuffer sql)
{
    const TableSettings settings = {.mode = MODE_INCREMENTAL};
    const TableSettings full = {.mode = MODE_FULL};
    LoadTable table = make_table(&settings, "pg_temp.diff");

    resetPQExpBuffer(sql);
    check_query_keys_unique(sql, &table, &low_key, true);
    ok(has(sql, "lower(\"A b\") AS p0"), "an expression of the index");
    ok(has(sql, "WHERE (c > 0)"), "its predicate");
    ok(has(sql, "o.p0 OPERATOR(pg_catalog.=) n.p0 COLLATE pg_catalog.\"C\""),
       "its operator and collation");
    ok(has(sql, "x._pg_sample_load_op OPERATOR(pg_catalog.=) ANY ('{U,D}') AND "
                "x.id OPERATOR(pg_catalog.=) t.id"),
       "rows that are updated or deleted do not count");
    ok(has(sql, ", t.c FROM pg_temp.diff AS d JOIN ONLY"),
       "columns that the batch lacks are the row's own");
    ok(has(sql, "(5)::integer AS c"), "or the default");
    table = make_table(&full, NULL);
    resetPQExpBuffer(sql);
    check_query_keys_unique(sql, &table, &low_key, true);
    ok(has(sql, "AS t WHERE false)"), "without a diff, no row of the table stays");
    ok(!has(sql, "JOIN ONLY"), "and all rows are new");
}

static void
test_rekeyed(PQExpBuffer sql)
{
    const TableSettings settings = {.mode = MODE_INCREMENTAL};
    TargetKey keys[2] = {id_key, low_key};
    Target keyed = target;
    LoadTable table = make_table(&settings, "pg_temp.diff");

    keyed.keys = keys;
    keyed.n_keys = 2;
    table.target = &keyed;
    resetPQExpBuffer(sql);
    check_query_keys_met(sql, &table, &low_key);
    ok(has(sql, "(_pg_sample_load_op OPERATOR(pg_catalog.=) 'I' OR "
                "_pg_sample_load_rekeyed)) AS n"),
       "only new rows, and those with other values, can meet others");
    ok(has(sql, "o.r OPERATOR(pg_catalog.<>) n.r AND "), "also of the batch");
    resetPQExpBuffer(sql);
    diff_query_columns_append_rekeyed(sql, &table);
    ok(has(sql, "false\n    OR true AS "), "not known of values that equal others");
    columns[1].is_canonical = true;
    resetPQExpBuffer(sql);
    diff_query_columns_append_rekeyed(sql, &table);
    columns[1].is_canonical = false;
    ok(has(sql, "OR COALESCE(s.\"A b\" OPERATOR(pg_catalog.<>) t.\"A b\", "),
       "or else by comparing them");
    table.diff_select = "SELECT 1";
    ok(!diff_query_columns_has_rekeyed(&table), "a rollback's diff does not say it");
    keyed.n_keys = 1;
    table.diff_select = NULL;
    ok(!diff_query_columns_has_rekeyed(&table), "the key itself does not matter");
}

static void
test_references(PQExpBuffer sql)
{
    const TableSettings settings = {.mode = MODE_FULL};
    static int referencing[] = {1};
    static const char *operators[] = {"OPERATOR(x.=)"};
    static const char *collations[] = {""};
    static Relation relations[1];
    const Catalog catalog = {.relations = relations, .n_relations = 1};
    const ForeignKey key = {.n_columns = 1,
                            .referencing_columns = referencing,
                            .referenced_columns = id_column,
                            .operators = operators,
                            .collations = collations,
                            .referencing_qname = "s.child"};
    const LoadTable table = make_table(&settings, "pg_temp.diff");

    relations[0] = relation;
    resetPQExpBuffer(sql);
    check_query_references_orphans(sql, &catalog, &table, &key, NULL);
    ok(has(sql, "(c.\"A b\" IS NOT NULL)"), "NULL refers to nothing");
    ok(has(sql, "p.id OPERATOR(x.=) c.\"A b\""), "the key's operator");
    resetPQExpBuffer(sql);
    check_query_references_orphans(sql, &catalog, &table, &key, &table);
    ok(has(sql, "ANY ('{U,D}')"), "rows that go do not count");
    ok(has(sql, "ANY ('{I,U}')) AS p"), "rows that come do");
    resetPQExpBuffer(sql);
    check_query_references_children(sql, &catalog, &table, &key, NULL);
    ok(has(sql, "FROM ONLY s.child AS c"), "rows that refer");
    ok(has(sql, "WHERE d._pg_sample_load_op OPERATOR(pg_catalog.=) 'D') AS p"),
       "to those that go");
}

static void
test_partitions(PQExpBuffer sql)
{
    const TableSettings settings = {.mode = MODE_INCREMENTAL};
    Target partitioned = target;
    LoadTable table = make_table(&settings, "pg_temp.diff");

    table.target = &partitioned;
    partitioned.kind = 'p';
    partitioned.partition_columns = b_column;
    partitioned.n_partition_columns = 1;
    resetPQExpBuffer(sql);
    check_query_stray(sql, &table, "(c > 0) OR (c = 0)");
    ok(has(sql, "AS \"Ta\"\"b\"\n WHERE ((c > 0) OR (c = 0)) IS FALSE"), "NULL is no no");
    ok(has(sql, "ANY ('{I,U}')"), "new and changed rows");
    partitioned.has_update_trigger = true;
    resetPQExpBuffer(sql);
    check_query_stray(sql, &table, "true");
    ok(has(sql, "IS FALSE\n   AND _pg_sample_load_op OPERATOR(pg_catalog.=) 'I'"),
       "triggers change those");
}

static void
test_effective(PQExpBuffer sql)
{
    static const int all[] = {0, 1, 4};
    static const bool is_immutable[] = {false, true, false, false, false};
    const RowRules rules = {.is_immutable = is_immutable,
                            .has_immutable = true,
                            .updated_at = -1,
                            .deleted_at = 4};
    const TableSettings settings = {.conflict = CONFLICT_REPLACE};
    LoadTable table = make_table(&settings, "pg_temp.diff");

    table.columns = all;
    table.n_columns = 3;
    table.is_partial = true;
    ok(!check_query_can_prove(&table, now_column, 1), "an absent member has a default");
    ok(check_query_can_see(&table, now_column, 1), "which other rows do not need");
    resetPQExpBuffer(sql);
    check_query_null(sql, &table, 1);
    ok(has(sql, "ANY ('{I,U}')) AS w\n WHERE w.\"A b\" IS NOT DISTINCT FROM NULL"),
       "NULL is looked for in rows to be written");
    resetPQExpBuffer(sql);
    check_query_null(sql, &table, 4);
    ok(has(sql,
           "(d._pg_sample_load_op OPERATOR(pg_catalog.=) 'U' OR d._pg_sample_load_op "
           "OPERATOR(pg_catalog.=) 'I' AND COALESCE(pg_catalog.get_bit("
           "d._pg_sample_load_present, 2) OPERATOR(pg_catalog.=) 1, true))"),
       "new rows whose default is not known yet are left to the commit");
    table.rules = &rules;
    resetPQExpBuffer(sql);
    check_query_append_kept(sql, &table, "k");
    ok(has(sql, "ANY ('{U,X}')") &&
           has(sql, "UNION ALL SELECT t.id, t.\"A b\", t.c, t.g, "
                    "pg_catalog.now()::timestamp with time zone"),
       "rows that are soft-deleted stay, with their mark");
    resetPQExpBuffer(sql);
    check_query_immutable(sql, &table, IMMUTABLE_BASE_TARGET, 1);
    ok(has(sql, "ROW(s.\"A b\")::pg_catalog.record OPERATOR(pg_catalog.*<>) "
                "ROW(t.\"A b\")::pg_catalog.record\n   AND COALESCE(pg_catalog.get_bit("
                "s._pg_sample_load_present, 1)"),
       "another value for an immutable column is one that the record has");
}

int
main(void)
{
    PQExpBufferData sql;

    initPQExpBuffer(&sql);
    test_constants();
    test_sight();
    test_rows(&sql);
    test_duplicates(&sql);
    test_keys(&sql);
    test_rekeyed(&sql);
    test_references(&sql);
    test_partitions(&sql);
    test_effective(&sql);
    termPQExpBuffer(&sql);
    return done_testing();
}
