/* The SQL of images, without a server: tests/t/362_load_audit.t has one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "load/commit/capture_query.h"
#include "tap.h"

static Column columns[] = {{.name = "id", .qname = "id", .type = 1700},
                           {.name = "Json", .qname = "\"Json\"", .type = 114},
                           {.name = "d", .qname = "d", .type = 23}};
static TargetColumn target_columns[] = {{0}, {0}, {.domain_base = "integer"}};
static const Relation relation = {.qname = "s.t", .columns = columns, .n_columns = 3};
static const Target target = {.relation = &relation, .columns = target_columns};
static const int captured[] = {0, 1, 2};
static KeyPart parts[] = {
    {.column = 0, .expression = "id", .operator= "OPERATOR(pg_catalog.=)" },
     {.column = 2, .expression = "d::integer", .operator= "OPERATOR(pg_catalog.=)" } };
static TargetKey key = {.parts = parts, .n_parts = 1};
static LoadCapture capture = {.images = "l.i", .columns = captured, .n_columns = 3};
static LoadTable table = {.target = &target,
                          .rows = "ONLY s.t",
                          .key = &key,
                          .capture = &capture};

static void
has(const char *sql, const char *part, const char *name)
{
    ok(strstr(sql, part) != NULL, "%s", name);
    if (strstr(sql, part) == NULL)
        printf("# no \"%s\" in:\n# %s\n", part, sql);
}

static void
test_create(void)
{
    char *sql;

    sql = capture_query_create(&table);
    has(sql, "CREATE UNLOGGED TABLE l.i AS", "images that are not kept");
    has(sql, "t.id AS old_1", "a column keeps its type");
    has(sql, "t.\"Json\" AS new_2", "its name is quoted");
    has(sql, "t.d::integer AS new_3", "a domain becomes what is below it");
    free(sql);
    capture.has_undo = true;
    sql = capture_query_create(&table);
    has(sql, "CREATE TABLE l.i AS", "those of undo are logged");
    free(sql);
}

static void
test_append(void)
{
    static const struct
    {
        UndoOp op;
        const char *returning;
        const char *into;
    } expected[] = {{UNDO_INSERTED,
                     "RETURNING 'I'::pg_catalog.\"char\", id, \"Json\", d\n",
                     "INSERT INTO l.i (op, new_1, new_2, new_3)"},
                    {UNDO_UPDATED,
                     "RETURNING 'U'::pg_catalog.\"char\", b.id, b.\"Json\", b.d, t.id, "
                     "t.\"Json\", t.d\n",
                     "INSERT INTO l.i (op, old_1, old_2, old_3, new_1, new_2, new_3)"},
                    {UNDO_DELETED,
                     "RETURNING 'D'::pg_catalog.\"char\", t.id, t.\"Json\", t.d\n",
                     "INSERT INTO l.i (op, old_1, old_2, old_3)"}};

    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
    {
        PQExpBufferData sql;

        initPQExpBuffer(&sql);
        capture_query_append(&sql, &table, expected[i].op, "CHANGE", 7);
        has(sql.data, " w7 AS (\nCHANGE\nRETURNING", "the change is within");
        has(sql.data, expected[i].returning, "its images");
        has(sql.data, expected[i].into, "become columns");
        has(sql.data, "), c7 AS (", "and are counted");
        termPQExpBuffer(&sql);
    }
}

static void
test_settle(void)
{
    size_t n = 0;

    for (char *sql; (sql = capture_query_settle(&table, n)) != NULL; n++)
    {
        if (n < 5)
            has(sql,
                n == 3 ? "t.id OPERATOR(pg_catalog.=) i.old_1"
                       : "t.id OPERATOR(pg_catalog.=) i.new_1",
                "rows are found by the key");
        free(sql);
    }
    ok(n == 6, "six statements");
}

static void
test_audit(void)
{
    const CaptureAudit audit = {.audit_log = "l.audit_log",
                                .table_name = "'s.t'",
                                .batch_id = "'b'"};
    char *sql = capture_query_audit(&table, &audit);

    has(sql, "INSERT INTO l.audit_log (", "the table");
    has(sql,
        "       (CASE WHEN i.op OPERATOR(pg_catalog.=) 'D' THEN i.old_1 ELSE i.new_1 END)"
        "::pg_catalog.text",
        "one column is a text");
    has(sql, "i.old_1 AS id, CASE WHEN", "json is looked at");
    free(sql);
    key.n_parts = 2;
    sql = capture_query_audit(&table, &audit);
    has(sql, "pg_catalog.jsonb_build_array(CASE WHEN", "several are an array");
    has(sql, "i.old_3 ELSE i.new_3 END)::pg_catalog.text", "of all");
    free(sql);
    table.key = NULL;
    sql = capture_query_audit(&table, &audit);
    has(sql, "       END,\n       NULL,\n", "without a key there is none");
    free(sql);
}

int
main(void)
{
    test_create();
    test_append();
    test_settle();
    test_audit();
    return done_testing();
}
