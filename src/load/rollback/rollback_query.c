#include "load/rollback/rollback_query.h"

#include "load/commit/diff_query.h"
#include "load/registry/undo.h"

static const Column *
get_restored_column(const RollbackTable *undone, int i)
{
    const LoadTable *table = undone->table;

    return &table->target->relation->columns[table->columns[i]];
}

/* The number in undo tables, from 1, of a column of the relation. */
static int
get_undo_number(const LoadTable *table, int column)
{
    int i = 0;

    while (table->columns[i] != column)
        i++;
    return i + 1;
}

/* "s.old_1, s.old_2" */
static void
append_numbered(PQExpBuffer sql, const RollbackTable *undone, const char *prefix)
{
    for (int i = 1; i <= undone->table->n_columns; i++)
        appendPQExpBuffer(sql, "%s%s%d", i > 1 ? ", " : "", prefix, i);
}

/* "ROW(s.old_1, s.old_2)::pg_catalog.record" */
static void
append_undo_image(PQExpBuffer sql, const RollbackTable *undone, const char *prefix)
{
    appendPQExpBufferStr(sql, "ROW(");
    append_numbered(sql, undone, prefix);
    appendPQExpBufferStr(sql, ")::pg_catalog.record");
}

/* The same of the target's row: images of different types cannot be compared. */
static void
append_target_image(PQExpBuffer sql, const RollbackTable *undone)
{
    const LoadTable *table = undone->table;

    appendPQExpBufferStr(sql, "ROW(");
    for (int i = 0; i < table->n_columns; i++)
        appendPQExpBuffer(sql, "%st.%s%s", i > 0 ? ", " : "",
                          get_restored_column(undone, i)->qname,
                          undone->casts[table->columns[i]]);
    appendPQExpBufferStr(sql, ")::pg_catalog.record");
}

/* The key of a row of s, which exists before or after. */
static void
append_undo_match(PQExpBuffer sql, const RollbackTable *undone)
{
    const TargetKey *key = undone->table->key;

    for (int i = 0; i < key->n_parts; i++)
    {
        const KeyPart *part = &key->parts[i];
        int number = get_undo_number(undone->table, part->column);

        appendPQExpBuffer(sql, "%st.%s %s COALESCE(s." UNDO_NEW "%d, s." UNDO_OLD "%d)%s",
                          i > 0 ? " AND " : "", part->expression, part->operator, number,
                          number, part->collation);
    }
}

/* ---- composing */

static void
append_one_run(PQExpBuffer sql, const RollbackTable *undone)
{
    appendPQExpBufferStr(sql, "SELECT pg_catalog.row_number() OVER () AS " RECORD_COLUMN
                              ",\n       s." UNDO_OP " OPERATOR(pg_catalog.<>) 'I' AS "
                              "is_before,\n       s." UNDO_OP
                              " OPERATOR(pg_catalog.<>) 'D' AS is_after,\n"
                              "       false AS is_broken,\n       ");
    append_numbered(sql, undone, "s." UNDO_OLD);
    appendPQExpBufferStr(sql, ",\n       ");
    append_numbered(sql, undone, "s." UNDO_NEW);
    appendPQExpBuffer(sql, "\n  FROM %s AS s", undone->rows[0].qname);
}

/* "u AS (SELECT 0 AS run, ... UNION ALL ...)" */
static void
append_all_runs(PQExpBuffer sql, const RollbackTable *undone)
{
    appendPQExpBufferStr(sql, "WITH u AS (\n");
    for (int i = 0; i < undone->n_rows; i++)
    {
        appendPQExpBuffer(sql,
                          "%s       SELECT %d AS run, s." UNDO_OP
                          " OPERATOR(pg_catalog.<>) 'I' AS is_before, s." UNDO_OP
                          " OPERATOR(pg_catalog.<>) 'D' AS is_after, ",
                          i > 0 ? "       UNION ALL\n" : "", i);
        append_numbered(sql, undone, "s." UNDO_OLD);
        appendPQExpBufferStr(sql, ", ");
        append_numbered(sql, undone, "s." UNDO_NEW);
        appendPQExpBuffer(sql, " FROM %s AS s\n", undone->rows[i].qname);
    }
    appendPQExpBufferStr(sql, "     )");
}

/* "k AS (SELECT u.*, key ... AS key_1, ...)" */
static void
append_keys(PQExpBuffer sql, const RollbackTable *undone)
{
    const TargetKey *key = undone->table->key;

    appendPQExpBufferStr(sql, ",\n     k AS (SELECT u.*, pg_catalog.dense_rank() OVER ("
                              "ORDER BY ");
    for (int i = 0; i < key->n_parts; i++)
    {
        int number = get_undo_number(undone->table, key->parts[i].column);

        appendPQExpBuffer(sql, "%sCOALESCE(u." UNDO_NEW "%d, u." UNDO_OLD "%d)%s",
                          i > 0 ? ", " : "", number, number, key->parts[i].collation);
    }
    appendPQExpBufferStr(sql, ") AS key FROM u)");
}

/* Images of one run and of the one before that had the key: was anything in between? */
static void
append_links(PQExpBuffer sql, const RollbackTable *undone)
{
    appendPQExpBufferStr(sql,
                         ",\n     l AS (\n"
                         "       SELECT k.*,\n"
                         "              pg_catalog.row_number() OVER w AS place,\n"
                         "              pg_catalog.count(*) OVER (PARTITION BY k.key) "
                         "AS n_places,\n"
                         "              pg_catalog.lag(k.is_after) OVER w AS was_after,\n"
                         "              pg_catalog.lag(");
    append_undo_image(sql, undone, "k." UNDO_NEW);
    appendPQExpBufferStr(sql, ") OVER w AS was\n"
                              "         FROM k\n"
                              "       WINDOW w AS (PARTITION BY k.key ORDER BY k.run)\n"
                              "     ),\n"
                              "     b AS (\n"
                              "       SELECT l.*,\n"
                              "              pg_catalog.bool_or(\n"
                              "                l.place OPERATOR(pg_catalog.>) 1\n"
                              "                AND (l.was_after OPERATOR(pg_catalog.<>)"
                              " l.is_before\n"
                              "                     OR (l.is_before AND l.was"
                              " OPERATOR(pg_catalog.*<>) ");
    append_undo_image(sql, undone, "l." UNDO_OLD);
    appendPQExpBufferStr(sql, "))) OVER (PARTITION BY l.key) AS is_broken\n"
                              "         FROM l\n     )\n");
}

/*
 * Rows that are the same before and after, or do not exist, are none of the rollback's,
 * unless others have changed them in between.
 */
static void
append_several_runs(PQExpBuffer sql, const RollbackTable *undone)
{
    append_all_runs(sql, undone);
    append_keys(sql, undone);
    append_links(sql, undone);
    appendPQExpBufferStr(sql, "SELECT f.key AS " RECORD_COLUMN ", f.is_before,"
                              " e.is_after, f.is_broken,\n       ");
    append_numbered(sql, undone, "f." UNDO_OLD);
    appendPQExpBufferStr(sql, ",\n       ");
    append_numbered(sql, undone, "e." UNDO_NEW);
    appendPQExpBufferStr(sql,
                         "\n  FROM b AS f\n"
                         "       JOIN b AS e\n"
                         "         ON e.key OPERATOR(pg_catalog.=) f.key\n"
                         "        AND e.place OPERATOR(pg_catalog.=) e.n_places\n"
                         " WHERE f.place OPERATOR(pg_catalog.=) 1\n"
                         "   AND (f.is_before OR e.is_after)\n"
                         "   AND (f.is_broken\n"
                         "        OR f.is_before OPERATOR(pg_catalog.<>) e.is_after\n"
                         "        OR ");
    append_undo_image(sql, undone, "f." UNDO_OLD);
    appendPQExpBufferStr(sql, " OPERATOR(pg_catalog.*<>) ");
    append_undo_image(sql, undone, "e." UNDO_NEW);
    appendPQExpBufferChar(sql, ')');
}

char *
rollback_query_compose(const RollbackTable *undone)
{
    PQExpBufferData sql;

    initPQExpBuffer(&sql);
    if (undone->n_rows == 1)
        append_one_run(&sql, undone);
    else
        append_several_runs(&sql, undone);
    return sql.data;
}

/* ---- the diff */

/* The target's row is not as it was before the load. */
static void
append_is_different(PQExpBuffer sql, const RollbackTable *undone)
{
    appendPQExpBufferStr(sql,
                         "CASE WHEN NOT s.is_before THEN t." XID_COLUMN " IS NOT NULL\n"
                         "            ELSE t." XID_COLUMN " IS NULL OR ");
    append_target_image(sql, undone);
    appendPQExpBufferStr(sql, " OPERATOR(pg_catalog.*<>) ");
    append_undo_image(sql, undone, "s." UNDO_OLD);
    appendPQExpBufferStr(sql, "\n       END");
}

/* How it is not as it was after. */
static void
append_conflict(PQExpBuffer sql, const RollbackTable *undone)
{
    appendPQExpBuffer(sql,
                      "CASE WHEN s.is_broken THEN '%c'\n"
                      "            WHEN s.is_after AND t." XID_COLUMN
                      " IS NULL THEN '%c'\n"
                      "            WHEN NOT s.is_after AND t." XID_COLUMN
                      " IS NOT NULL THEN '%c'\n"
                      "            WHEN s.is_after AND ",
                      CONFLICT_BETWEEN, CONFLICT_GONE, CONFLICT_RETURNED);
    append_target_image(sql, undone);
    appendPQExpBufferStr(sql, " OPERATOR(pg_catalog.*<>) ");
    append_undo_image(sql, undone, "s." UNDO_NEW);
    appendPQExpBuffer(sql, " THEN '%c'\n       END::pg_catalog.\"char\"",
                      CONFLICT_CHANGED);
}

/* The columns before the load; of a row to be deleted, its key. */
static void
append_restored_columns(PQExpBuffer sql, const RollbackTable *undone)
{
    const LoadTable *table = undone->table;

    for (int i = 0; i < table->n_columns; i++)
    {
        const char *qname = get_restored_column(undone, i)->qname;

        if (diff_query_columns_is_key(table, table->columns[i]))
            appendPQExpBuffer(sql,
                              ",\n       CASE WHEN s.is_before THEN s." UNDO_OLD
                              "%d ELSE COALESCE(t.%s%s, s." UNDO_NEW "%d) END AS %s",
                              i + 1, qname, undone->casts[table->columns[i]], i + 1,
                              qname);
        else
            appendPQExpBuffer(sql, ",\n       s." UNDO_OLD "%d AS %s", i + 1, qname);
    }
}

/* To be followed by a condition. */
static void
append_restored_diff(PQExpBuffer sql, const RollbackTable *undone, bool is_forced)
{
    const LoadTable *table = undone->table;

    appendPQExpBufferStr(sql, "SELECT s." RECORD_COLUMN ",\n       CASE");
    if (!is_forced)
        appendPQExpBuffer(sql, " WHEN c." CONFLICT_COLUMN " IS NOT NULL THEN '%c'",
                          DIFF_CONFLICT);
    appendPQExpBuffer(sql,
                      " WHEN NOT s.is_before THEN '%c' WHEN t." XID_COLUMN
                      " IS NULL THEN '%c' ELSE '%c'\n"
                      "       END::pg_catalog.\"char\" AS " OP_COLUMN ",\n"
                      "       t." XID_COLUMN ", c." CONFLICT_COLUMN,
                      DIFF_DELETE, DIFF_INSERT, DIFF_UPDATE);
    append_restored_columns(sql, undone);
    appendPQExpBuffer(sql,
                      "\n  FROM %s AS s\n"
                      "       LEFT JOIN (SELECT t.*, t.xmin AS " XID_COLUMN
                      " FROM %s AS t) AS t\n"
                      "         ON ",
                      table->stage, table->rows);
    append_undo_match(sql, undone);
    appendPQExpBufferStr(sql, "\n       CROSS JOIN LATERAL (SELECT ");
    append_conflict(sql, undone);
    appendPQExpBufferStr(sql, " AS " CONFLICT_COLUMN ") AS c\n WHERE ");
}

char *
rollback_query_diff(const RollbackTable *undone, bool is_forced)
{
    PQExpBufferData sql;

    initPQExpBuffer(&sql);
    append_restored_diff(&sql, undone, is_forced);
    append_is_different(&sql, undone);
    return sql.data;
}

char *
rollback_query_add_later(const RollbackTable *undone, const char *other,
                         const int *numbers)
{
    const LoadTable *table = undone->table;
    PQExpBufferData sql;

    initPQExpBuffer(&sql);
    appendPQExpBuffer(&sql, "INSERT INTO %s\n", table->diff);
    append_restored_diff(&sql, undone, false);
    appendPQExpBufferStr(&sql, "NOT (");
    append_is_different(&sql, undone);
    appendPQExpBuffer(&sql,
                      ")\n   AND c." CONFLICT_COLUMN " IS NOT NULL\n"
                      "   AND NOT EXISTS (SELECT FROM %s AS d"
                      " WHERE d." RECORD_COLUMN " OPERATOR(pg_catalog.=)"
                      " s." RECORD_COLUMN ")\n"
                      "   AND EXISTS (SELECT FROM %s AS u WHERE ",
                      table->diff, other);
    for (int i = 0; i < table->key->n_parts; i++)
    {
        const KeyPart *part = &table->key->parts[i];
        int number = get_undo_number(table, part->column);

        appendPQExpBuffer(&sql,
                          "%sCOALESCE(s." UNDO_NEW "%d, s." UNDO_OLD "%d) %s "
                          "COALESCE(u." UNDO_NEW "%d, u." UNDO_OLD "%d)%s",
                          i > 0 ? " AND " : "", number, number, part->operator,
                          numbers[i], numbers[i], part->collation);
    }
    appendPQExpBufferChar(&sql, ')');
    return sql.data;
}

/* ---- after the changes */

char *
rollback_query_proof(const RollbackTable *undone)
{
    const LoadTable *table = undone->table;
    PQExpBufferData sql;

    initPQExpBuffer(&sql);
    appendPQExpBuffer(&sql,
                      "SELECT pg_catalog.count(*)\n"
                      "  FROM %s AS d\n"
                      "       JOIN %s AS s\n"
                      "         ON s." RECORD_COLUMN
                      " OPERATOR(pg_catalog.=) d." RECORD_COLUMN "\n"
                      "       LEFT JOIN (SELECT t.*, t.xmin AS " XID_COLUMN
                      " FROM %s AS t) AS t\n"
                      "         ON ",
                      table->diff, table->stage, table->rows);
    diff_query_append_match(&sql, table, "d");
    appendPQExpBuffer(&sql,
                      "\n WHERE d." OP_COLUMN " OPERATOR(pg_catalog.<>) '%c'\n   AND ",
                      DIFF_CONFLICT);
    append_is_different(&sql, undone);
    return sql.data;
}

/* ---- conflicts */

char *
rollback_query_count_conflicts(const RollbackTable *undone)
{
    PQExpBufferData sql;

    initPQExpBuffer(&sql);
    appendPQExpBuffer(&sql,
                      "SELECT pg_catalog.count(*) FROM %s AS d"
                      " WHERE d." CONFLICT_COLUMN " IS NOT NULL",
                      undone->table->diff);
    return sql.data;
}

char *
rollback_query_conflicts(const RollbackTable *undone, int limit)
{
    const LoadTable *table = undone->table;
    PQExpBufferData sql;

    initPQExpBuffer(&sql);
    appendPQExpBufferStr(&sql, "SELECT d." RECORD_COLUMN ", ROW(");
    for (int i = 0; i < table->key->n_parts; i++)
        appendPQExpBuffer(
            &sql, "%sd.%s", i > 0 ? ", " : "",
            table->target->relation->columns[table->key->parts[i].column].qname);
    appendPQExpBuffer(&sql,
                      ")::pg_catalog.text, d." CONFLICT_COLUMN "\n"
                      "  FROM %s AS d\n"
                      " WHERE d." CONFLICT_COLUMN " IS NOT NULL\n"
                      " ORDER BY d." RECORD_COLUMN "\n LIMIT %d",
                      table->diff, limit);
    return sql.data;
}

char *
rollback_query_shared(const RollbackTable *undone, const char *other, const int *numbers,
                      int limit)
{
    const LoadTable *table = undone->table;
    PQExpBufferData sql;

    initPQExpBuffer(&sql);
    appendPQExpBuffer(&sql,
                      "SELECT d." RECORD_COLUMN "\n"
                      "  FROM (SELECT d.* FROM %s AS d\n"
                      "         WHERE d." CONFLICT_COLUMN " IS NOT NULL\n"
                      "         ORDER BY d." RECORD_COLUMN " LIMIT %d) AS d\n"
                      " WHERE EXISTS (SELECT FROM %s AS u WHERE ",
                      table->diff, limit, other);
    for (int i = 0; i < table->key->n_parts; i++)
    {
        const KeyPart *part = &table->key->parts[i];

        appendPQExpBuffer(&sql,
                          "%sd.%s %s COALESCE(u." UNDO_NEW "%d, u." UNDO_OLD "%d)%s",
                          i > 0 ? " AND " : "", part->expression, part->operator,
                          numbers[i], numbers[i], part->collation);
    }
    appendPQExpBufferChar(&sql, ')');
    return sql.data;
}
