/* The SQL of diff and commit, without a server. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "load/commit/diff_query.h"
#include "load/commit/fold.h"
#include "load/effective.h"
#include "tap.h"

static const char bigint_equal[] = "OPERATOR(pg_catalog.=)";

typedef struct Fixture
{
    Column columns[4];
    Relation relation;
    Target target;
    TargetColumn target_columns[4];
    bool is_immutable[4];
    RowRules rules;
    KeyPart part;
    TargetKey key;
    TableSettings settings;
    int batch_columns[3];
    LoadTable table;
} Fixture;

static void
make_fixture(Fixture *f)
{
    *f = (Fixture){
        .columns = {{.name = "id",
                     .qname = "id",
                     .operand = "id",
                     .attnum = 1,
                     .is_canonical = true},
                    {.name = "name", .qname = "name", .operand = "name", .attnum = 2},
                    {.name = "captured_at",
                     .qname = "captured_at",
                     .operand = "captured_at",
                     .attnum = 3},
                    {.name = "gone",
                     .qname = "gone",
                     .operand = "gone",
                     .type_name = "date",
                     .declared_type = "date",
                     .attnum = 4}},
        .relation = {.qname = "game.live", .n_columns = 4},
        .rules = {.updated_at = -1, .deleted_at = -1},
        .target = {.kind = 'r'},
        .part = {.column = 0, .expression = "id", .operator= bigint_equal },
                 .key = {.name = "live_pkey", .n_parts = 1, .is_primary = true},
                 .batch_columns = {0, 1, 2},
                 .table = {.name = "game.live",
                           .qname = "game.live",
                           .rows = "ONLY game.live",
                           .n_columns = 3,
                           .timestamp = -1,
                           .timestamp_order = {.greater = "OPERATOR(pg_catalog.>)",
                                               .greater_or_equal =
                                                   "OPERATOR(pg_catalog.>=)"},
                           .stage = "s.staging",
                           .excluded = "s.excluded",
                           .diff = "s.diff"}};
    f->relation.columns = f->columns;
    f->target.relation = &f->relation;
    f->target.columns = f->target_columns;
    f->rules.is_immutable = f->is_immutable;
    f->key.parts = &f->part;
    f->table.target = &f->target;
    f->table.settings = &f->settings;
    f->table.columns = f->batch_columns;
    f->table.key = &f->key;
}

/* Does the text have all of these parts, in any order? */
static void
like(char *sql, const char *const *parts, size_t n_parts, const char *name)
{
    bool is_good = true;

    for (size_t i = 0; i < n_parts; i++)
    {
        if (strstr(sql, parts[i]) != NULL)
            continue;
        is_good = false;
        printf("# no \"%s\" in:\n# %s\n", parts[i], sql);
    }
    ok(is_good, "%s", name);
    free(sql);
}

static void
unlike(char *sql, const char *part, const char *name)
{
    ok(strstr(sql, part) == NULL, "%s", name);
    free(sql);
}

#define LIKE(sql, name, ...)                                                             \
    like(sql, (const char *const[]){__VA_ARGS__},                                        \
         sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *), name)

static void
test_diff(void)
{
    Fixture f;

    make_fixture(&f);
    LIKE(diff_query(&f.table), "an upsert compares images of what is not the key",
         "LEFT JOIN (SELECT t.id, t.name, t.captured_at",
         "ROW(s.name, s.captured_at)::pg_catalog.record",
         "OPERATOR(pg_catalog.*<>) ROW(t.name, t.captured_at)::pg_catalog.record",
         "ON t.id OPERATOR(pg_catalog.=) s.id", "FROM ONLY game.live AS t",
         "THEN 'I' ELSE 'U' END::pg_catalog.\"char\"");
    unlike(diff_query(&f.table), "'D'", "an upsert deletes nothing");
    f.columns[1].is_canonical = true;
    LIKE(diff_query(&f.table),
         "values that are equal only if all bytes are need no image",
         "OR COALESCE(s.name OPERATOR(pg_catalog.<>) t.name, "
         "(s.name IS NULL) OPERATOR(pg_catalog.<>) (t.name IS NULL))",
         "OR ROW(s.captured_at)::pg_catalog.record",
         "OPERATOR(pg_catalog.*<>) ROW(t.captured_at)::pg_catalog.record)");
    f.columns[2].is_canonical = true;
    unlike(diff_query(&f.table), "ROW(", "there is no image of no column");
    f.settings.mode = MODE_FULL;
    LIKE(diff_query(&f.table), "a full load finds what is absent", "FULL JOIN",
         "WHEN s." RECORD_COLUMN " IS NULL THEN 'D'",
         "CASE WHEN s." RECORD_COLUMN " IS NULL THEN t.id ELSE s.id END AS id");
    f.settings.mode = MODE_SLICE;
    f.table.scope_condition = "(t.name = 'a')";
    LIKE(diff_query(&f.table), "a slice looks at its own rows", "FULL JOIN",
         "WHERE (t.name = 'a')) AS t");
    f.settings.mode = MODE_INCREMENTAL;
    f.table.has_excluded = true;
    LIKE(diff_query(&f.table), "excluded records take no part",
         "LEFT JOIN s.excluded AS x ON x.record", "AND x.record IS NULL");
}

static void
test_timestamps(void)
{
    Fixture f;

    make_fixture(&f);
    f.table.timestamp = 2;
    LIKE(diff_query(&f.table), "older never overwrites newer, and NULL is oldest",
         "WHEN COALESCE(s.captured_at OPERATOR(pg_catalog.>=) t.captured_at, "
         "t.captured_at IS NULL) THEN 'U' ELSE 'S' END");
    f.settings.is_timestamp_strict = true;
    LIKE(diff_query(&f.table), "equal does not overwrite either",
         "s.captured_at OPERATOR(pg_catalog.>) t.captured_at, "
         "t.captured_at IS NULL AND s.captured_at IS NOT NULL");
    f.settings.is_null_timestamp_newest = true;
    LIKE(diff_query(&f.table), "NULL can be newest",
         "s.captured_at IS NULL AND t.captured_at IS NOT NULL");
    f.settings.strategy = STRATEGY_INSERT_ONLY;
    LIKE(diff_query(&f.table), "insert_only never updates", "THEN 'I' ELSE 'C' END");
    f.settings.strategy = STRATEGY_UPDATE_ONLY;
    LIKE(diff_query(&f.table), "update_only never inserts", "IS NULL THEN 'N'");
}

static void
test_commit(void)
{
    Fixture f;

    make_fixture(&f);
    LIKE(diff_query_lock(&f.table, DIFF_UPDATE), "rows are locked in key order",
         "ORDER BY d.id", "FOR NO KEY UPDATE OF t",
         "l.now_xid OPERATOR(pg_catalog.<>) l.target_xid");
    LIKE(diff_query_lock(&f.table, DIFF_DELETE), "rows to be deleted are locked for that",
         "FOR UPDATE OF t");
    LIKE(diff_query_changes_update(&f.table), "the key is not written",
         "SET name = d.name, captured_at = d.captured_at");
    ok(!diff_query_may_rekey(&f.table), "equal keys look equal");
    f.columns[0].is_canonical = false;
    ok(diff_query_may_rekey(&f.table), "unless the type has several texts for a value");
    LIKE(diff_query_changes_update(&f.table), "then the key is written", "SET id = d.id");
    LIKE(diff_query_lock(&f.table, DIFF_UPDATE), "and locked for that",
         "FOR UPDATE OF t");
    f.columns[0].is_canonical = true;
    f.columns[1].is_always_identity = true;
    LIKE(diff_query_changes_insert(&f.table),
         "identity columns keep the values of the batch",
         "INSERT INTO game.live (id, name, captured_at) OVERRIDING SYSTEM VALUE");
    unlike(diff_query_changes_update(&f.table), "SET name", "and cannot be updated");
    f.table.n_columns = 1;
    ok(diff_query_changes_update(&f.table) == NULL,
       "a batch of keys has nothing to update");
    LIKE(diff_query(&f.table), "and no difference", "OR false)");
}

static void
test_composite_key(void)
{
    Fixture f;
    KeyPart parts[2];

    make_fixture(&f);
    parts[0] = f.part;
    parts[1] = (KeyPart){.column = 1,
                         .expression = "name",
                         .operator= "OPERATOR(public.=)",
                         .collation = " COLLATE pg_catalog.\"C\""};
    f.key.parts = parts;
    f.key.n_parts = 2;
    LIKE(diff_query_changes_delete(&f.table),
         "all columns of the key match, as the index has it",
         "t.id OPERATOR(pg_catalog.=) d.id AND "
         "t.name OPERATOR(public.=) d.name COLLATE pg_catalog.\"C\"");
}

static void
test_partial(void)
{
    Fixture f;

    make_fixture(&f);
    f.table.is_partial = true;
    f.columns[1].declared_type = "text";
    LIKE(diff_query(&f.table), "an absent member leaves the value, NULL does not",
         "t." XID_COLUMN ",\n       s." PRESENT_COLUMN ",\n       s.id,\n       e.name",
         "CROSS JOIN LATERAL (SELECT CASE WHEN t." XID_COLUMN
         " IS NULL THEN s.name ELSE CASE WHEN "
         "COALESCE(pg_catalog.get_bit(s." PRESENT_COLUMN
         ", 1) OPERATOR(pg_catalog.=) 1, true) THEN s.name ELSE t.name END END AS name",
         "ROW(e.name, e.captured_at)::pg_catalog.record");
    LIKE(diff_query_changes_insert(&f.table), "without a default it is NULL",
         "SELECT d.id, d.name, d.captured_at\n  FROM s.diff AS d");
    f.target_columns[1] =
        (TargetColumn){.has_default = true, .default_expression = "'x'::text"};
    LIKE(diff_query(&f.table), "a constant default is in the diff",
         ", 1) OPERATOR(pg_catalog.=) 1, true) THEN s.name ELSE ('x'::text)::text END "
         "ELSE CASE WHEN");
    LIKE(diff_query_changes_insert(&f.table), "and not evaluated again",
         "SELECT d.id, d.name, d.captured_at\n");
    LIKE(diff_query_changes_insert_all(&f.table, "n"), "unless there is no diff",
         "INSERT INTO n (id, name, captured_at)\nSELECT s.id, CASE WHEN COALESCE(",
         " THEN s.name ELSE ('x'::text)::text END, s.captured_at");
    f.target_columns[1].default_expression = "random()";
    LIKE(diff_query(&f.table), "others are unknown until the INSERT",
         " IS NULL THEN s.name ELSE CASE");
    LIKE(diff_query_changes_insert(&f.table),
         "which evaluates them where they are needed",
         "SELECT d.id, CASE WHEN COALESCE(pg_catalog.get_bit(d." PRESENT_COLUMN
         ", 1) OPERATOR(pg_catalog.=) 1, true) THEN d.name ELSE (random())::text END, ");
}

static void
test_rules(void)
{
    Fixture f;
    const int written[] = {0, 1, 2, 3};

    make_fixture(&f);
    f.table.rules = &f.rules;
    f.rules.is_merge = true;
    LIKE(diff_query(&f.table), "merge keeps what is NULL in the record",
         "ELSE COALESCE(s.name, t.name) END AS name");
    f.is_immutable[1] = true;
    f.rules.is_merge = false;
    LIKE(diff_query(&f.table), "an immutable column is not compared",
         "THEN s.name ELSE t.name END AS name",
         "ROW(s.captured_at)::pg_catalog.record\n          OPERATOR(pg_catalog.*<>)");
    unlike(diff_query_changes_update(&f.table), "name", "nor written");
    f.rules.updated_at = 2;
    ok(diff_query_changes_update(&f.table) == NULL, "the time alone is no change");
    f.is_immutable[1] = false;
    LIKE(diff_query_changes_update(&f.table), "but is set with others",
         "SET name = d.name, captured_at = pg_catalog.now()");
    f.table.written = written;
    f.table.n_written = 4;
    f.rules.deleted_at = 3;
    f.settings.mode = MODE_FULL;
    f.rules.updated_at = -1;
    LIKE(diff_query(&f.table), "absent rows that are not marked are to be marked",
         "WHEN s." RECORD_COLUMN " IS NULL THEN 'X'",
         "(SELECT t.id, t.name, t.captured_at, t.gone,",
         "ROW(s.name, s.captured_at, e.gone)",
         "AND (s." RECORD_COLUMN " IS NOT NULL OR t.gone IS NULL)");
    unlike(diff_query(&f.table), "'D'", "and nothing is deleted");
    LIKE(diff_query_changes_soft_delete(&f.table), "by the time of the commit",
         "UPDATE ONLY game.live AS t\n   SET gone = pg_catalog.now()\n"
         "  FROM s.diff AS d\n",
         "OPERATOR(pg_catalog.=) 'X'");
    LIKE(diff_query_changes_insert(&f.table), "a new row has the default",
         "INSERT INTO game.live (id, name, captured_at)\n");
    LIKE(diff_query_changes_update(&f.table), "and a row of the batch no mark",
         "gone = d.gone");
}

static void
test_folds(void)
{
    Fixture f;

    make_fixture(&f);
    f.part.collation = "";
    ok(!effective_is_folded(&f.table), "whole records are not folded");
    f.table.is_partial = true;
    ok(effective_is_folded(&f.table), "those that lack members are");
    f.settings.duplicates = DUPLICATES_FIRST;
    ok(!effective_is_folded(&f.table), "unless the first one is asked for");
    f.settings.duplicates = DUPLICATES_LAST;
    f.settings.strategy = STRATEGY_INSERT_ONLY;
    ok(!effective_is_folded(&f.table) && effective_is_first_kept(&f.table),
       "or only the first one finds no row");
    f.settings.strategy = STRATEGY_UPSERT;
    f.table.folded = "s.folded";
    f.table.has_excluded = true;
    LIKE(fold_query(&f.table, false), "the last record that has a column gives its value",
         "INSERT INTO s.folded (id, name, captured_at, " PRESENT_COLUMN ", " RECORD_COLUMN
         ")",
         "PARTITION BY id ORDER BY " RECORD_COLUMN ") AS _pg_sample_load_place",
         "ANY ('{d,f}')",
         "(pg_catalog.array_agg(m.name ORDER BY m._pg_sample_load_place DESC) FILTER "
         "(WHERE COALESCE(pg_catalog.get_bit(m." PRESENT_COLUMN
         ", 1) OPERATOR(pg_catalog.=) 1, true)))[1] AS v1",
         "(B'1'\n               OPERATOR(pg_catalog.||) CASE WHEN pg_catalog.bool_or(",
         "GROUP BY id");
    LIKE(diff_query(&f.table), "what is folded replaces its records",
         "FROM (SELECT p.* FROM s.staging AS p",
         "x.reason OPERATOR(pg_catalog.=) ANY ('{d,f}'))\n",
         "UNION ALL\n        SELECT f.* FROM s.folded AS f) AS s\n");
    LIKE(diff_query(&f.table),
         "and rejected ones are there for the join, and left out after it",
         " AS x ON x.record OPERATOR(pg_catalog.=) s." RECORD_COLUMN
         " AND x.reason OPERATOR(pg_catalog.=) 'e'\n",
         "\n   AND x.record IS NULL");
    f.target_columns[1].element = 25;
    LIKE(fold_query(&f.table, false), "an array is fetched by the number of its record",
         "(pg_catalog.array_agg(m." RECORD_COLUMN " ORDER BY",
         "SELECT g.v0, m1.value AS v1, g.v2, g.present, g.record\n",
         "LEFT JOIN (SELECT m." RECORD_COLUMN
         " AS record, m.name AS value FROM m) AS m1\n"
         "         ON m1.record OPERATOR(pg_catalog.=) g.v1");
    f.target_columns[1].element = 0;
    f.table.timestamp = 2;
    f.table.apply = APPLY_DIFF;
    f.table.has_folds = true;
    LIKE(fold_query(&f.table, false), "older records take no part",
         "ORDER BY captured_at NULLS FIRST, " RECORD_COLUMN,
         "LEFT JOIN ONLY game.live AS t", "WHERE t.xmin IS NULL",
         "COALESCE(s.captured_at OPERATOR(pg_catalog.>=) t.captured_at");
    LIKE(fold_query(&f.table, true), "and only what is decided again is folded again",
         "AND EXISTS (SELECT FROM s.diff AS t WHERE t." OP_COLUMN
         " OPERATOR(pg_catalog.=) 'M' AND t.id OPERATOR(pg_catalog.=) s.id)");
    f.table.apply = APPLY_SWAP;
    unlike(fold_query(&f.table, false), "game.live",
           "but all of them where no row is compared");
    f.table.rules = &f.rules;
    f.rules.is_merge = true;
    LIKE(fold_query(&f.table, false), "merge takes the last value",
         "array_agg(m.name ORDER BY m._pg_sample_load_place DESC)"
         " FILTER (WHERE m.name IS DISTINCT FROM NULL))[1]");
    f.is_immutable[1] = f.rules.has_immutable = true;
    LIKE(fold_query(&f.table, false), "and an immutable column the first one",
         "(pg_catalog.array_agg(m.name ORDER BY m._pg_sample_load_place))[1]");
}

int
main(void)
{
    test_partial();
    test_folds();
    test_rules();
    test_diff();
    test_timestamps();
    test_commit();
    test_composite_key();
    return done_testing();
}
