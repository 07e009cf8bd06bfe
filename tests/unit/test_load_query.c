/* The SQL of diff and commit, without a server. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "load/commit/diff_query.h"
#include "tap.h"

static const char bigint_equal[] = "OPERATOR(pg_catalog.=)";

typedef struct Fixture
{
    Column columns[3];
    Relation relation;
    Target target;
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
                     .attnum = 3}},
        .relation = {.qname = "game.live", .n_columns = 3},
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
    LIKE(diff_query_update(&f.table), "the key is not written",
         "SET name = d.name, captured_at = d.captured_at");
    ok(!diff_query_may_rekey(&f.table), "equal keys look equal");
    f.columns[0].is_canonical = false;
    ok(diff_query_may_rekey(&f.table), "unless the type has several texts for a value");
    LIKE(diff_query_update(&f.table), "then the key is written", "SET id = d.id");
    LIKE(diff_query_lock(&f.table, DIFF_UPDATE), "and locked for that",
         "FOR UPDATE OF t");
    f.columns[0].is_canonical = true;
    f.columns[1].is_always_identity = true;
    LIKE(diff_query_insert(&f.table), "identity columns keep the values of the batch",
         "INSERT INTO game.live (id, name, captured_at) OVERRIDING SYSTEM VALUE");
    unlike(diff_query_update(&f.table), "SET name", "and cannot be updated");
    f.table.n_columns = 1;
    ok(diff_query_update(&f.table) == NULL, "a batch of keys has nothing to update");
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
    LIKE(diff_query_delete(&f.table), "all columns of the key match, as the index has it",
         "t.id OPERATOR(pg_catalog.=) d.id AND "
         "t.name OPERATOR(public.=) d.name COLLATE pg_catalog.\"C\"");
}

int
main(void)
{
    test_diff();
    test_timestamps();
    test_commit();
    test_composite_key();
    return done_testing();
}
