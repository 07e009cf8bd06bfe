/* A part of fold.h: its SQL. */
#include "load/commit/fold.h"

#include <stdio.h>

#include "base/mem.h"
#include "load/commit/diff_query.h"
#include "load/effective.h"

#define PLACE_COLUMN "_pg_sample_load_place"   /* in the order of the records of a key */
#define REASON_COLUMN "_pg_sample_load_reason" /* why it is excluded */

enum
{
    MAX_FETCHED = 16 /* arrays whose values are joined by one SELECT */
};

/* Which record of a key gives the value of a column. */
typedef enum FoldKind
{
    FOLD_LAST,     /* the last one that has the column */
    FOLD_NOT_NULL, /* the last one with a value, also one whose fields are all NULL */
    FOLD_FIRST,    /* the first one */
    FOLD_LATEST    /* the last one, whether it has the column or not */
} FoldKind;

static FoldKind
get_fold_kind(const LoadTable *table, int column)
{
    if (diff_query_columns_is_key(table, column) ||
        effective_is_deleted_at(table, column))
        return FOLD_LATEST;
    if (effective_is_kept(table, column))
        return FOLD_FIRST;
    return table->rules != NULL && table->rules->is_merge ? FOLD_NOT_NULL : FOLD_LAST;
}

static void
append_fold_key(PQExpBuffer sql, const LoadTable *table)
{
    for (int i = 0; i < table->key->n_parts; i++)
        appendPQExpBuffer(sql, "%s%s%s", i > 0 ? ", " : "",
                          table->key->parts[i].expression,
                          table->key->parts[i].collation);
}

static void
append_has(PQExpBuffer sql, const LoadTable *table, int column)
{
    if (effective_may_be_absent(table, column))
        effective_append_presence(sql, table, "m", column);
    else
        appendPQExpBufferStr(sql, "true");
}

/* ---- the records */

/* Of keys that are decided again; t is the diff there. */
static void
append_moved_keys(PQExpBuffer sql, const LoadTable *table)
{
    appendPQExpBuffer(sql,
                      "\n                       AND EXISTS (SELECT FROM %s AS t"
                      " WHERE t." OP_COLUMN " OPERATOR(pg_catalog.=) '%c' AND ",
                      table->diff, DIFF_MOVED);
    diff_query_append_match(sql, table, "s");
    appendPQExpBufferChar(sql, ')');
}

/* Those that are older than the target's row would not have been applied. */
static void
append_applied(PQExpBuffer sql, const LoadTable *table)
{
    appendPQExpBuffer(
        sql, "\n                    LEFT JOIN %s AS t\n                      ON ",
        table->rows);
    diff_query_append_match(sql, table, "s");
    appendPQExpBufferStr(sql,
                         "\n              WHERE t.xmin IS NULL\n                 OR ");
    diff_query_append_guard(sql, table);
    appendPQExpBufferStr(sql,
                         "\n                 OR x.reason OPERATOR(pg_catalog.=) 'f'");
}

static void
append_fold_order(PQExpBuffer sql, const LoadTable *table)
{
    if (table->timestamp >= 0)
        appendPQExpBuffer(sql, "%s NULLS %s, ",
                          table->target->relation->columns[table->timestamp].qname,
                          table->settings->is_null_timestamp_newest ? "LAST" : "FIRST");
    appendPQExpBufferStr(sql, RECORD_COLUMN);
}

/* m: the records of keys with several, with their places. */
static void
append_fold_records(PQExpBuffer sql, const LoadTable *table, bool is_moved)
{
    appendPQExpBufferStr(sql, "WITH m AS MATERIALIZED (\n"
                              "       SELECT r.*, pg_catalog.row_number() OVER (\n"
                              "                PARTITION BY ");
    append_fold_key(sql, table);
    appendPQExpBufferStr(sql, " ORDER BY ");
    append_fold_order(sql, table);
    appendPQExpBuffer(sql,
                      ") AS " PLACE_COLUMN "\n"
                      "         FROM (SELECT s.*, x.reason AS " REASON_COLUMN "\n"
                      "                 FROM %s AS s\n"
                      "                      JOIN %s AS x\n"
                      "                        ON x.record OPERATOR(pg_catalog.=)"
                      " s." RECORD_COLUMN "\n"
                      "                       AND x.reason OPERATOR(pg_catalog.=) ANY"
                      " ('{d,f}')",
                      table->stage, table->excluded);
    if (is_moved)
        append_moved_keys(sql, table);
    if (fold_query_is_by_time(table))
        append_applied(sql, table);
    appendPQExpBufferStr(sql, ") AS r\n     )");
}

/* ---- the rows */

/* "(array_agg(m.c ORDER BY ...) FILTER (...))[1]": of an array, the record's number. */
static void
append_fold_value(PQExpBuffer sql, const LoadTable *table, int column)
{
    FoldKind kind = get_fold_kind(table, column);
    const char *qname = table->target->relation->columns[column].qname;
    bool is_array = table->target->columns[column].element != 0;

    appendPQExpBuffer(sql, "(pg_catalog.array_agg(m.%s ORDER BY m." PLACE_COLUMN "%s)",
                      is_array ? RECORD_COLUMN : qname,
                      kind == FOLD_FIRST ? "" : " DESC");
    if (kind == FOLD_NOT_NULL)
        appendPQExpBuffer(sql, " FILTER (WHERE m.%s IS DISTINCT FROM NULL)", qname);
    else if (kind == FOLD_LAST && effective_may_be_absent(table, column))
    {
        appendPQExpBufferStr(sql, " FILTER (WHERE ");
        append_has(sql, table, column);
        appendPQExpBufferChar(sql, ')');
    }
    appendPQExpBufferStr(sql, ")[1]");
}

/*
 * Has the row the column, once it is inserted? A first record without it takes the
 * default, which NULL does not overwrite in a merge, nor anything in an immutable column.
 */
static void
append_fold_has(PQExpBuffer sql, const LoadTable *table, int column)
{
    FoldKind kind = get_fold_kind(table, column);
    const char *qname = table->target->relation->columns[column].qname;

    appendPQExpBufferStr(sql, "pg_catalog.bool_or(");
    append_has(sql, table, column);
    if (kind == FOLD_NOT_NULL)
        appendPQExpBuffer(sql,
                          " AND (m.%s IS DISTINCT FROM NULL OR"
                          " m." PLACE_COLUMN " OPERATOR(pg_catalog.=) 1)",
                          qname);
    else if (kind == FOLD_FIRST)
        appendPQExpBufferStr(sql, " AND m." PLACE_COLUMN " OPERATOR(pg_catalog.=) 1");
    appendPQExpBufferChar(sql, ')');
    if (kind == FOLD_LATEST)
        appendPQExpBufferStr(sql, " OR pg_catalog.count(*) OPERATOR(pg_catalog.>) 1");
}

/* The bits of PRESENT_COLUMN, of the columns that were staged. */
static void
append_fold_bits(PQExpBuffer sql, const LoadTable *table)
{
    int n = table->staged != NULL ? table->n_staged_columns : table->n_columns;
    const int *columns = table->staged != NULL ? table->staged : table->columns;

    appendPQExpBufferStr(sql, ",\n              (");
    for (int i = 0; i < n; i++)
    {
        appendPQExpBufferStr(sql,
                             i > 0 ? "\n               OPERATOR(pg_catalog.||) " : "");
        if (!batch_has_column(table, columns[i]))
            appendPQExpBufferStr(sql, "B'0'");
        else if (!effective_may_be_absent(table, columns[i]))
            appendPQExpBufferStr(sql, "B'1'");
        else
        {
            appendPQExpBufferStr(sql, "CASE WHEN ");
            append_fold_has(sql, table, columns[i]);
            appendPQExpBufferStr(sql, " THEN B'1' ELSE B'0' END");
        }
    }
    appendPQExpBufferStr(sql, ")::pg_catalog.varbit AS present");
}

/* g: one row for each key, its values by number. */
static void
append_folded_rows(PQExpBuffer sql, const LoadTable *table)
{
    appendPQExpBufferStr(sql, ",\n     g AS (\n"
                              "       SELECT pg_catalog.max(m." RECORD_COLUMN ")"
                              " FILTER (WHERE m." REASON_COLUMN
                              " OPERATOR(pg_catalog.=) 'f') AS record");
    for (int i = 0; i < table->n_columns; i++)
    {
        appendPQExpBufferStr(sql, ",\n              ");
        append_fold_value(sql, table, table->columns[i]);
        appendPQExpBuffer(sql, " AS v%d", i);
    }
    if (table->is_partial)
        append_fold_bits(sql, table);
    appendPQExpBufferStr(sql, "\n         FROM m\n        GROUP BY ");
    append_fold_key(sql, table);
    appendPQExpBufferStr(sql, "\n     )");
}

static bool
is_fetched(const LoadTable *table, int i)
{
    return table->target->columns[table->columns[i]].element != 0;
}

/* The end of the columns from first on of which no more than MAX_FETCHED are arrays. */
static int
find_group_end(const LoadTable *table, int first)
{
    int n = 0;
    int end = first;

    while (end < table->n_columns && (n < MAX_FETCHED || !is_fetched(table, end)))
        n += is_fetched(table, end++);
    return end;
}

/* "LEFT JOIN ... AS mi": with no other columns, of which a join has 32767 at most. */
static void
append_fetched(PQExpBuffer sql, const LoadTable *table, const char *from, int i)
{
    appendPQExpBuffer(sql,
                      "\n       LEFT JOIN (SELECT m." RECORD_COLUMN " AS record, m.%s"
                      " AS value FROM m) AS m%d\n"
                      "         ON m%d.record OPERATOR(pg_catalog.=) %s.v%d",
                      table->target->relation->columns[table->columns[i]].qname, i, i,
                      from, i);
}

/* "SELECT ... FROM from LEFT JOIN ...": the rows, with the arrays of these columns. */
static void
append_fetch(PQExpBuffer sql, const LoadTable *table, const char *from, int first,
             int end)
{
    appendPQExpBufferStr(sql, "SELECT ");
    for (int i = 0; i < table->n_columns; i++)
    {
        if (i >= first && i < end && is_fetched(table, i))
            appendPQExpBuffer(sql, "m%d.value AS v%d, ", i, i);
        else
            appendPQExpBuffer(sql, "%s.v%d, ", from, i);
    }
    if (table->is_partial)
        appendPQExpBuffer(sql, "%s.present, ", from);
    appendPQExpBuffer(sql, "%s.record\n  FROM %s", from, from);
    for (int i = first; i < end; i++)
    {
        if (is_fetched(table, i))
            append_fetched(sql, table, from, i);
    }
}

/*
 * The folded rows, with their arrays in place of the numbers of records. Planning many
 * joins at once takes minutes, so each group of arrays has a part of WITH for itself.
 */
static void
append_fold_select(PQExpBuffer sql, const LoadTable *table)
{
    char from[32] = "g";
    int first = 0;
    int end = find_group_end(table, first);

    for (int n = 1; end < table->n_columns; n++)
    {
        appendPQExpBuffer(sql, ",\n     g%d AS MATERIALIZED (\n", n);
        append_fetch(sql, table, from, first, end);
        appendPQExpBufferStr(sql, "\n     )");
        snprintf(from, sizeof(from), "g%d", n);
        first = end;
        end = find_group_end(table, first);
    }
    appendPQExpBufferChar(sql, '\n');
    append_fetch(sql, table, from, first, end);
}

bool
fold_query_is_by_time(const LoadTable *table)
{
    return table->has_folds && table->timestamp >= 0 && table->apply == APPLY_DIFF;
}

char *
fold_query(const LoadTable *table, bool is_moved)
{
    PQExpBufferData sql;

    initPQExpBuffer(&sql);
    appendPQExpBuffer(&sql, "INSERT INTO %s (", table->folded);
    for (int i = 0; i < table->n_columns; i++)
        appendPQExpBuffer(&sql, "%s, ",
                          table->target->relation->columns[table->columns[i]].qname);
    appendPQExpBufferStr(&sql, table->is_partial ? PRESENT_COLUMN ", " : "");
    appendPQExpBufferStr(&sql, RECORD_COLUMN ")\n");
    append_fold_records(&sql, table, is_moved);
    append_folded_rows(&sql, table);
    append_fold_select(&sql, table);
    return sql.data;
}

char *
fold_query_mark(const LoadTable *table)
{
    PQExpBufferData sql;

    initPQExpBuffer(&sql);
    appendPQExpBuffer(&sql,
                      "UPDATE %s AS d\n   SET " OP_COLUMN " = 'M'\n"
                      " WHERE d." OP_COLUMN " OPERATOR(pg_catalog.=) 'U'\n"
                      "   AND EXISTS (SELECT FROM %s AS f WHERE f." RECORD_COLUMN
                      " OPERATOR(pg_catalog.=) d." RECORD_COLUMN ")",
                      table->diff, table->folded);
    return sql.data;
}

char *
fold_query_forget(const LoadTable *table)
{
    PQExpBufferData sql;

    initPQExpBuffer(&sql);
    appendPQExpBuffer(&sql,
                      "DELETE FROM %s AS f\n USING %s AS d\n"
                      " WHERE d." RECORD_COLUMN " OPERATOR(pg_catalog.=) f." RECORD_COLUMN
                      "\n   AND d." OP_COLUMN " OPERATOR(pg_catalog.=) '%c'",
                      table->folded, table->diff, DIFF_MOVED);
    return sql.data;
}
