#include "load/commit/diff_query.h"

#include <string.h>

#include "load/effective.h"

#define IMAGE_COLUMN "_pg_sample_load_image"
#define ROW_ID_COLUMN "_pg_sample_load_place"

static const Column *
get_column(const LoadTable *table, int i)
{
    return &table->target->relation->columns[i];
}

bool
diff_query_may_rekey(const LoadTable *table)
{
    for (int i = 0; i < table->n_columns; i++)
    {
        if (diff_query_columns_is_key(table, table->columns[i]) &&
            diff_query_columns_is_updated(table, table->columns[i]))
            return true;
    }
    return false;
}

void
diff_query_append_match(PQExpBuffer sql, const LoadTable *table, const char *other)
{
    for (int i = 0; i < table->key->n_parts; i++)
    {
        const KeyPart *part = &table->key->parts[i];

        appendPQExpBuffer(sql, "%st.%s %s %s.%s%s", i > 0 ? " AND " : "",
                          part->expression, part->operator, other, part->expression,
                          part->collation != NULL ? part->collation : "");
    }
}

/* "s.", or "e." of a column whose effective value is another. */
static const char *
get_source(const LoadTable *table, int column)
{
    return effective_is_changed(table, column) ? "e." : "s.";
}

static void
append_diffed_columns(PQExpBuffer sql, const LoadTable *table, const char *alias)
{
    int n;
    const int *columns = batch_get_written(table, &n);

    for (int i = 0; i < n; i++)
        appendPQExpBuffer(sql, "%s%s%s", i > 0 ? ", " : "", alias,
                          get_column(table, columns[i])->qname);
}

/* The effective values of new rows, as they are known before the commit. */
static void
append_new_columns(PQExpBuffer sql, const LoadTable *table, const char *alias)
{
    int n;
    const int *columns = batch_get_written(table, &n);

    for (int i = 0; i < n; i++)
    {
        appendPQExpBufferStr(sql, i > 0 ? ", " : "");
        effective_append_new(sql, table, alias, columns[i], false);
        if (effective_is_needed(table))
            appendPQExpBuffer(sql, " AS %s", get_column(table, columns[i])->qname);
    }
}

/* Which columns the records have, for the INSERT. */
static void
append_diffed_presence(PQExpBuffer sql, const LoadTable *table, const char *alias)
{
    if (table->is_partial)
        appendPQExpBuffer(sql, ",\n       %s." PRESENT_COLUMN, alias);
}

/* Effective values as columns of e: one level, which the planner removes again. */
static void
append_effective(PQExpBuffer sql, const LoadTable *table)
{
    bool is_first = true;
    int n;
    const int *columns = batch_get_written(table, &n);

    for (int i = 0; i < n; i++)
    {
        if (!effective_is_changed(table, columns[i]))
            continue;
        appendPQExpBufferStr(sql, is_first ? "\n       CROSS JOIN LATERAL (SELECT "
                                           : ",\n              ");
        effective_append_value(sql, table, columns[i]);
        appendPQExpBuffer(sql, " AS %s", get_column(table, columns[i])->qname);
        is_first = false;
    }
    appendPQExpBufferStr(sql, is_first ? "" : ") AS e");
}

static void
append_order(PQExpBuffer sql, const LoadTable *table)
{
    for (int i = 0; i < table->key->n_parts; i++)
        appendPQExpBuffer(sql, "%sd.%s", i > 0 ? ", " : "",
                          get_column(table, table->key->parts[i].column)->qname);
}

void
diff_query_append_rows(PQExpBuffer sql, const LoadTable *table)
{
    if (table->folded == NULL)
    {
        appendPQExpBufferStr(sql, table->stage);
        return;
    }
    appendPQExpBuffer(sql,
                      "(SELECT p.* FROM %s AS p\n"
                      "         WHERE NOT EXISTS (SELECT FROM %s AS x"
                      " WHERE x.record OPERATOR(pg_catalog.=) p." RECORD_COLUMN
                      " AND x.reason OPERATOR(pg_catalog.=) ANY ('{d,f}'))\n"
                      "         UNION ALL\n"
                      "        SELECT f.* FROM %s AS f)",
                      table->stage, table->excluded, table->folded);
}

void
diff_query_append_excluded(PQExpBuffer sql, const LoadTable *table, const char *excluded,
                           const char *row)
{
    appendPQExpBuffer(sql, "%s.record OPERATOR(pg_catalog.=) %s." RECORD_COLUMN, excluded,
                      row);
    if (table->folded != NULL)
        appendPQExpBuffer(sql, " AND %s.reason OPERATOR(pg_catalog.=) 'e'", excluded);
}

void
diff_query_append_stage(PQExpBuffer sql, const LoadTable *table)
{
    diff_query_append_rows(sql, table);
    appendPQExpBufferStr(sql, " AS s");
    if (!table->has_excluded)
        return;
    appendPQExpBuffer(sql, "\n       LEFT JOIN %s AS x ON ", table->excluded);
    diff_query_append_excluded(sql, table, "x", "s");
}

/* The columns whose values can be equal without being the same. */
static void
append_image(PQExpBuffer sql, const LoadTable *table, bool is_target)
{
    bool is_first = true;
    int n;
    const int *columns = batch_get_written(table, &n);

    appendPQExpBufferStr(sql, "ROW(");
    for (int i = 0; i < n; i++)
    {
        const Column *column = get_column(table, columns[i]);

        if (!diff_query_columns_is_updated(table, columns[i]) ||
            diff_query_columns_is_compared(column))
            continue;
        appendPQExpBuffer(sql, "%s%s%s", is_first ? "" : ", ",
                          is_target ? "t." : get_source(table, columns[i]),
                          column->qname);
        is_first = false;
    }
    appendPQExpBufferStr(sql, ")::pg_catalog.record");
}

/*
 * Values are compared one by one where equal values are the same: forming rows takes
 * longer.
 */
static void
append_difference(PQExpBuffer sql, const LoadTable *table)
{
    bool is_first = true;
    bool has_image = false;
    int n;
    const int *columns = batch_get_written(table, &n);

    for (int i = 0; i < n; i++)
    {
        const Column *column = get_column(table, columns[i]);

        if (!diff_query_columns_is_updated(table, columns[i]))
            continue;
        has_image = has_image || !diff_query_columns_is_compared(column);
        if (!diff_query_columns_is_compared(column))
            continue;
        appendPQExpBufferStr(sql, is_first ? "" : "\n    OR ");
        diff_query_columns_append_comparison(sql, column, get_source(table, columns[i]));
        is_first = false;
    }
    if (has_image)
    {
        appendPQExpBufferStr(sql, is_first ? "" : "\n    OR ");
        append_image(sql, table, false);
        appendPQExpBufferStr(sql, "\n          OPERATOR(pg_catalog.*<>) ");
        append_image(sql, table, true);
    }
    else if (is_first)
        appendPQExpBufferStr(sql, "false");
}

void
diff_query_append_guard(PQExpBuffer sql, const LoadTable *table)
{
    const TableSettings *settings = table->settings;
    const char *qname = get_column(table, table->timestamp)->operand;
    const char *newest = settings->is_null_timestamp_newest ? "s" : "t";
    const char *oldest = settings->is_null_timestamp_newest ? "t" : "s";
    const char *order = settings->is_timestamp_strict
                            ? table->timestamp_order.greater
                            : table->timestamp_order.greater_or_equal;

    if (settings->is_timestamp_strict)
        appendPQExpBuffer(sql,
                          "COALESCE(s.%s %s t.%s, %s.%s IS NULL AND %s.%s IS NOT NULL)",
                          qname, order, qname, newest, qname, oldest, qname);
    else
        appendPQExpBuffer(sql, "COALESCE(s.%s %s t.%s, %s.%s IS NULL)", qname, order,
                          qname, newest, qname);
}

/* The op of a row of the batch that is not unchanged. */
static void
append_op(PQExpBuffer sql, const LoadTable *table, bool has_deletes)
{
    LoadStrategy strategy = table->settings->strategy;

    appendPQExpBufferStr(sql, "CASE");
    if (has_deletes)
        appendPQExpBuffer(sql, " WHEN s." RECORD_COLUMN " IS NULL THEN '%c'",
                          effective_has_soft_delete(table) ? DIFF_SOFT_DELETE
                                                           : DIFF_DELETE);
    appendPQExpBuffer(sql, " WHEN t." XID_COLUMN " IS NULL THEN '%c'",
                      strategy == STRATEGY_UPDATE_ONLY ? DIFF_NOT_FOUND : DIFF_INSERT);
    if (strategy == STRATEGY_INSERT_ONLY || table->settings->conflict == CONFLICT_SKIP)
        appendPQExpBufferStr(sql, " ELSE 'C' END");
    else if (table->timestamp >= 0)
    {
        appendPQExpBufferStr(sql, "\n            WHEN ");
        diff_query_append_guard(sql, table);
        appendPQExpBufferStr(sql, " THEN 'U' ELSE 'S' END");
    }
    else
        appendPQExpBufferStr(sql, " ELSE 'U' END");
    appendPQExpBufferStr(sql, "::pg_catalog.\"char\"");
}

/* The columns of the batch; for a row to be deleted the key, and NULLs. */
static void
append_diff_columns(PQExpBuffer sql, const LoadTable *table, bool has_deletes)
{
    int n;
    const int *columns = batch_get_written(table, &n);

    for (int i = 0; i < n; i++)
    {
        const char *qname = get_column(table, columns[i])->qname;

        appendPQExpBufferStr(sql, ",\n       ");
        if (has_deletes && diff_query_columns_is_key(table, columns[i]))
            appendPQExpBuffer(sql,
                              "CASE WHEN s." RECORD_COLUMN
                              " IS NULL THEN t.%s ELSE s.%s END AS %s",
                              qname, qname, qname);
        else
            appendPQExpBuffer(sql, "%s%s", get_source(table, columns[i]), qname);
    }
}

/* The target's rows: those of the slice, or all. */
static void
append_target_rows(PQExpBuffer sql, const LoadTable *table, bool has_deletes)
{
    appendPQExpBufferStr(sql, "(SELECT ");
    append_diffed_columns(sql, table, "t.");
    appendPQExpBuffer(sql,
                      ",\n                    t.xmin AS " XID_COLUMN "\n"
                      "               FROM %s AS t",
                      table->rows);
    if (has_deletes && table->scope_condition != NULL)
        appendPQExpBuffer(sql, "\n              WHERE %s", table->scope_condition);
    appendPQExpBufferStr(sql, ") AS t");
}

/* Of the rows that the batch lacks, those that are not marked as deleted. */
static void
append_unmarked(PQExpBuffer sql, const LoadTable *table)
{
    appendPQExpBuffer(sql, "\n   AND (s." RECORD_COLUMN " IS NOT NULL OR t.%s IS NULL)",
                      get_column(table, table->rules->deleted_at)->qname);
}

/* The SELECT of a diff; the caller can append conditions to its WHERE. */
static void
append_diff(PQExpBuffer sql, const LoadTable *table, bool has_deletes)
{
    appendPQExpBufferStr(sql, "SELECT s." RECORD_COLUMN ",\n       ");
    append_op(sql, table, has_deletes);
    appendPQExpBufferStr(sql, " AS " OP_COLUMN ",\n       t." XID_COLUMN);
    append_diffed_presence(sql, table, "s");
    append_diff_columns(sql, table, has_deletes);
    diff_query_columns_append_rekeyed(sql, table);
    appendPQExpBufferStr(sql, "\n  FROM ");
    diff_query_append_stage(sql, table);
    appendPQExpBuffer(sql, "\n       %s JOIN ", has_deletes ? "FULL" : "LEFT");
    append_target_rows(sql, table, has_deletes);
    appendPQExpBufferStr(sql, "\n         ON ");
    diff_query_append_match(sql, table, "s");
    append_effective(sql, table);
    appendPQExpBufferStr(sql, "\n WHERE (t." XID_COLUMN " IS NULL");
    if (has_deletes)
        appendPQExpBufferStr(sql, " OR s." RECORD_COLUMN " IS NULL");
    appendPQExpBufferStr(sql, "\n    OR ");
    append_difference(sql, table);
    appendPQExpBufferChar(sql, ')');
    if (has_deletes && effective_has_soft_delete(table))
        append_unmarked(sql, table);
    if (table->has_excluded)
        appendPQExpBufferStr(sql, "\n   AND x.record IS NULL");
}

/* All rows are inserted, since nothing is compared. */
static void
append_inserts(PQExpBuffer sql, const LoadTable *table)
{
    appendPQExpBufferStr(sql, "SELECT s." RECORD_COLUMN ",\n"
                              "       'I'::pg_catalog.\"char\" AS " OP_COLUMN ",\n"
                              "       NULL::pg_catalog.xid AS " XID_COLUMN);
    append_diffed_presence(sql, table, "s");
    appendPQExpBufferStr(sql, ",\n       ");
    append_new_columns(sql, table, "s");
    appendPQExpBufferStr(sql, "\n  FROM ");
    diff_query_append_stage(sql, table);
    if (table->has_excluded)
        appendPQExpBufferStr(sql, "\n WHERE x.record IS NULL");
}

/* "ROW(t.a, t.b)::pg_catalog.text" of the target's rows. */
static void
append_row_text(PQExpBuffer sql, const LoadTable *table)
{
    appendPQExpBufferStr(sql, "ROW(");
    append_diffed_columns(sql, table, "t.");
    appendPQExpBufferStr(sql, ")::pg_catalog.text");
}

/* The same of the batch's, as far as defaults are known. */
static void
append_new_row_text(PQExpBuffer sql, const LoadTable *table)
{
    int n;
    const int *columns = batch_get_written(table, &n);

    appendPQExpBufferStr(sql, "ROW(");
    for (int i = 0; i < n; i++)
    {
        appendPQExpBufferStr(sql, i > 0 ? ", " : "");
        effective_append_new(sql, table, "s", columns[i], false);
    }
    appendPQExpBufferStr(sql, ")::pg_catalog.text");
}

/*
 * Rows without a key are the same when their texts are; of equal rows, as many are
 * inserted as the target lacks. The names of columns can be any others.
 */
static void
append_missing_rows(PQExpBuffer sql, const LoadTable *table)
{
    appendPQExpBufferStr(sql, "SELECT i." RECORD_COLUMN ",\n"
                              "       'I'::pg_catalog.\"char\" AS " OP_COLUMN ",\n"
                              "       NULL::pg_catalog.xid AS " XID_COLUMN);
    append_diffed_presence(sql, table, "i");
    appendPQExpBufferStr(sql, ",\n       ");
    append_new_columns(sql, table, "i");
    appendPQExpBufferStr(sql, "\n  FROM (SELECT s.*, r." IMAGE_COLUMN ",\n"
                              "               pg_catalog.row_number() OVER (\n"
                              "                 PARTITION BY r." IMAGE_COLUMN
                              " ORDER BY s." RECORD_COLUMN ") AS " ROW_ID_COLUMN "\n"
                              "          FROM ");
    diff_query_append_stage(sql, table);
    appendPQExpBufferStr(sql, "\n               CROSS JOIN LATERAL (SELECT ");
    append_new_row_text(sql, table);
    appendPQExpBuffer(sql,
                      " AS " IMAGE_COLUMN ") AS r%s) AS i\n"
                      "       LEFT JOIN (SELECT ",
                      table->has_excluded ? " WHERE x.record IS NULL" : "");
    append_row_text(sql, table);
    appendPQExpBuffer(sql,
                      " AS " IMAGE_COLUMN ", pg_catalog.count(*) AS n\n"
                      "                    FROM %s AS t\n"
                      "                   GROUP BY 1) AS t\n"
                      "         ON t." IMAGE_COLUMN
                      " OPERATOR(pg_catalog.=) i." IMAGE_COLUMN "\n"
                      " WHERE i." ROW_ID_COLUMN
                      " OPERATOR(pg_catalog.>) COALESCE(t.n, 0)",
                      table->rows);
}

bool
diff_query_is_whole_row(const LoadTable *table)
{
    return table->key == NULL && table->settings->mode == MODE_INCREMENTAL;
}

char *
diff_query(const LoadTable *table)
{
    PQExpBufferData sql;

    initPQExpBuffer(&sql);
    if (diff_query_is_whole_row(table))
        append_missing_rows(&sql, table);
    else if (table->key == NULL || table->settings->mode == MODE_APPEND)
        append_inserts(&sql, table);
    else
        append_diff(&sql, table, batch_is_deleting(table));
    return sql.data;
}

char *
diff_query_lock(const LoadTable *table, DiffOp op)
{
    bool is_key_lock = op == DIFF_DELETE || diff_query_may_rekey(table);
    PQExpBufferData sql;

    initPQExpBuffer(&sql);
    appendPQExpBuffer(&sql,
                      "SELECT pg_catalog.count(*),\n"
                      "       pg_catalog.count(*) FILTER (\n"
                      "         WHERE l.now_xid OPERATOR(pg_catalog.<>) l.target_xid),\n"
                      "       pg_catalog.count(*) FILTER (WHERE l.is_outside)\n"
                      "  FROM (SELECT t.xmin AS now_xid, d." XID_COLUMN
                      " AS target_xid,\n"
                      "               (%s) IS NOT TRUE AS is_outside\n"
                      "          FROM %s AS d\n"
                      "               JOIN %s AS t\n"
                      "                 ON ",
                      table->scope_condition != NULL ? table->scope_condition : "true",
                      table->diff, table->rows);
    diff_query_append_match(&sql, table, "d");
    appendPQExpBuffer(&sql,
                      "\n         WHERE d." OP_COLUMN " OPERATOR(pg_catalog.=) '%c'\n"
                      "         ORDER BY ",
                      op);
    append_order(&sql, table);
    appendPQExpBuffer(&sql, "\n           FOR %sUPDATE OF t) AS l",
                      is_key_lock ? "" : "NO KEY ");
    return sql.data;
}

/* "the row of this op is not as it was" */
static void
append_moved(PQExpBuffer sql, const LoadTable *table, DiffOp op)
{
    appendPQExpBuffer(sql,
                      " WHERE d." OP_COLUMN " OPERATOR(pg_catalog.=) '%c'\n"
                      "   AND NOT EXISTS (\n"
                      "         SELECT\n"
                      "           FROM %s AS t\n"
                      "          WHERE ",
                      op, table->rows);
    diff_query_append_match(sql, table, "d");
    appendPQExpBufferStr(sql,
                         "\n            AND t.xmin OPERATOR(pg_catalog.=) d." XID_COLUMN
                         ")");
}

char *
diff_query_mark_moved(const LoadTable *table)
{
    PQExpBufferData sql;

    initPQExpBuffer(&sql);
    appendPQExpBuffer(&sql, "UPDATE %s AS d\n   SET " OP_COLUMN " = 'M'\n", table->diff);
    append_moved(&sql, table, DIFF_UPDATE);
    return sql.data;
}

char *
diff_query_decide_moved(const LoadTable *table)
{
    PQExpBufferData sql;

    initPQExpBuffer(&sql);
    appendPQExpBuffer(&sql,
                      "WITH m AS (\n"
                      "       DELETE FROM %s AS d\n"
                      "        WHERE d." OP_COLUMN " OPERATOR(pg_catalog.=) 'M'\n"
                      "       RETURNING d." RECORD_COLUMN " AS record\n"
                      "     )\n"
                      "INSERT INTO %s\n",
                      table->diff, table->diff);
    append_diff(&sql, table, false);
    appendPQExpBufferStr(&sql, "\n   AND s." RECORD_COLUMN
                               " OPERATOR(pg_catalog.=) ANY (SELECT m.record FROM m)");
    return sql.data;
}

char *
diff_query_forget_moved(const LoadTable *table, DiffOp op)
{
    PQExpBufferData sql;

    initPQExpBuffer(&sql);
    appendPQExpBuffer(&sql, "DELETE FROM %s AS d\n", table->diff);
    append_moved(&sql, table, op);
    return sql.data;
}
