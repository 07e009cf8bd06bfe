/*
 * The statement that merges rows into a table without a staging table.
 *
 * The rows are in the statement itself, as values of the row type of the table, so that
 * the server reads them as COPY does, with lengths and domains. CTEs choose one row of
 * each key, compare as the diff does (diff_query.h), and write; the result has the
 * counts. Rows are matched by their xmin, so that a row that others have changed since is
 * not overwritten, which the counts show; the batch is then merged again.
 *
 *     WITH v AS (SELECT ... FROM (VALUES (7, '(1,a)'::shop.t), ...)),
 *          s AS (one row of v for each key), d AS (the diff of s and the table),
 *          u AS (UPDATE ...), i AS (INSERT ...)
 *     SELECT counts of s, d, u and i
 *
 * Pure: no server, no output.
 */
#include "load/direct/direct_internal.h"

#include <stdlib.h>

#include "base/copytext.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "load/commit/diff_query.h"

static CopyLine
get_line(const Lines *lines, size_t line)
{
    size_t start = line > 0 ? lines->ends[line - 1] : 0;

    return copytext_line(lines->text.data + start, lines->ends[line] - start);
}

int
direct_query_find_null(const LoadTable *table, const Lines *lines, size_t line)
{
    CopyLine rest = get_line(lines, line);
    CopyField field;

    for (int i = 0; i < table->n_columns && copytext_next_field(&rest, &field); i++)
    {
        for (int j = 0; field.is_null && j < table->key->n_parts; j++)
        {
            if (table->key->parts[j].column == table->columns[i])
                return table->columns[i];
        }
    }
    return -1;
}

/* "(7, '("a",,"b")')": the record's number, and the row; absent columns are NULL. */
static void
append_row_value(PQExpBuffer sql, const LoadTable *table, CopyLine line,
                 CopyField *fields, const CopyEncoding *encoding)
{
    const Relation *relation = table->target->relation;
    CopyField field = {0};

    for (int i = 0; i < relation->n_columns; i++)
        fields[i].is_null = true;
    for (int i = 0; i < table->n_columns && copytext_next_field(&line, &field); i++)
        fields[table->columns[i]] = field;
    (void)copytext_next_field(&line, &field);
    appendPQExpBuffer(sql, "(%.*s, '(", (int)field.length, field.text);
    for (int i = 0; i < relation->n_columns; i++)
    {
        if (i > 0)
            appendPQExpBufferChar(sql, ',');
        if (!fields[i].is_null)
            copytext_append_element(sql, &fields[i], encoding);
    }
    appendPQExpBufferStr(sql, ")'");
}

static void
append_lines_as_rows(PQExpBuffer sql, const LoadTable *table, const Lines *lines,
                     size_t n, const CopyEncoding *encoding)
{
    const Relation *relation = table->target->relation;
    CopyField *fields = mem_alloc_zero((size_t)relation->n_columns, sizeof(*fields));

    appendPQExpBufferStr(sql, "SELECT r.record AS " RECORD_COLUMN);
    for (int i = 0; i < table->n_columns; i++)
    {
        const char *qname = relation->columns[table->columns[i]].qname;

        appendPQExpBuffer(sql, ", (r.r).%s AS %s", qname, qname);
    }
    appendPQExpBufferStr(sql, "\n  FROM (VALUES ");
    for (size_t i = 0; i < n; i++)
    {
        appendPQExpBufferStr(sql, i > 0 ? ",\n" : "");
        append_row_value(sql, table, get_line(lines, i), fields, encoding);
        if (i == 0)
            appendPQExpBuffer(sql, "::%s", table->qname);
        appendPQExpBufferChar(sql, ')');
    }
    appendPQExpBufferStr(sql, ") AS r (record, r)");
    free(fields);
}

/* The row of each key that counts has the number 1. */
static void
append_rank(PQExpBuffer sql, const LoadTable *table)
{
    const TargetKey *key = table->key;

    appendPQExpBufferStr(sql, "pg_catalog.row_number() OVER (PARTITION BY ");
    for (int i = 0; i < key->n_parts; i++)
        appendPQExpBuffer(sql, "%sv.%s%s", i > 0 ? ", " : "",
                          table->target->relation->columns[key->parts[i].column].qname,
                          key->parts[i].collation != NULL ? key->parts[i].collation : "");
    appendPQExpBufferStr(sql, "\n         ORDER BY ");
    if (table->timestamp >= 0)
        appendPQExpBuffer(sql, "v.%s DESC NULLS %s, ",
                          table->target->relation->columns[table->timestamp].qname,
                          table->settings->is_null_timestamp_newest ? "FIRST" : "LAST");
    appendPQExpBuffer(sql, "v." RECORD_COLUMN "%s)",
                      table->settings->duplicates == DUPLICATES_FIRST ? "" : " DESC");
}

static void
append_count(PQExpBuffer sql, DiffOp op)
{
    appendPQExpBuffer(sql,
                      ",\n       (SELECT pg_catalog.count(*) FROM d WHERE d." OP_COLUMN
                      " OPERATOR(pg_catalog.=) '%c')",
                      op);
}

/*
 * A change of the diff; a row that was changed since is not matched, and so is missing in
 * the count.
 */
static void
append_changes(PQExpBuffer sql, const LoadTable *table)
{
    char *update = diff_query_changes_update(table);
    char *insert = diff_query_changes_insert(table);

    if (update != NULL)
        appendPQExpBuffer(sql,
                          ", u AS (\n%s\n   AND t.xmin OPERATOR(pg_catalog.=) "
                          "d." XID_COLUMN "\nRETURNING 1\n)",
                          update);
    else
        appendPQExpBufferStr(sql, ", u AS (SELECT 1 WHERE false)");
    appendPQExpBuffer(sql, ", i AS (\n%s\nRETURNING 1\n)", insert);
    free(update);
    free(insert);
}

char *
direct_query_merge(const LoadTable *table, const Lines *lines, size_t n,
                   const CopyEncoding *encoding)
{
    static const DiffOp ops[] = {DIFF_INSERT, DIFF_UPDATE, DIFF_OLDER, DIFF_CONFLICT,
                                 DIFF_NOT_FOUND};
    LoadTable view = *table;
    char *diff;
    char *fixed;
    PQExpBufferData sql;

    view.stage = "s";
    view.diff = "d";
    view.has_excluded = false;
    diff = diff_query(&view);
    fixed = diff_query_rows_count_fixed(&view);
    initPQExpBuffer(&sql);
    appendPQExpBufferStr(&sql, "WITH v AS MATERIALIZED (\n");
    append_lines_as_rows(&sql, &view, lines, n, encoding);
    appendPQExpBufferStr(&sql, "\n), s AS MATERIALIZED (\nSELECT *\n"
                               "  FROM (SELECT v.*, ");
    append_rank(&sql, &view);
    appendPQExpBuffer(&sql,
                      " AS _pg_sample_load_place FROM v) AS p\n"
                      " WHERE _pg_sample_load_place OPERATOR(pg_catalog.=) 1\n"
                      "), d AS MATERIALIZED (\n%s\n)",
                      diff);
    append_changes(&sql, &view);
    appendPQExpBufferStr(&sql, "\nSELECT (SELECT pg_catalog.count(*) FROM s)");
    for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++)
        append_count(&sql, ops[i]);
    appendPQExpBufferStr(&sql, ",\n       (SELECT pg_catalog.count(*) OPERATOR("
                               "pg_catalog.-) pg_catalog.count(DISTINCT d." RECORD_COLUMN
                               ") FROM d),\n"
                               "       (SELECT pg_catalog.count(*) FROM u),\n"
                               "       (SELECT pg_catalog.count(*) FROM i)");
    appendPQExpBuffer(&sql, ",\n       (%s)", fixed != NULL ? fixed : "0");
    free(fixed);
    free(diff);
    return sql.data;
}
