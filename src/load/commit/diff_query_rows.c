/* A part of diff_query.h: queries about whole tables, and the rows of a slice. */
#include "base/mem.h"
#include "load/commit/diff_query.h"
#include "load/effective.h"

/*
 * Where no unique index prevents equal keys, or where the writes of others would be lost.
 */
bool
diff_query_rows_excludes_writers(const LoadTable *table)
{
    return table->apply == APPLY_SWAP || table->apply == APPLY_TRUNCATE ||
           diff_query_is_whole_row(table) ||
           (table->key != NULL && table->key->name == NULL);
}

char *
diff_query_rows_lock_all(const LoadTable *table)
{
    PQExpBufferData sql;

    initPQExpBuffer(&sql);
    appendPQExpBuffer(&sql,
                      "SELECT pg_catalog.count(*)\n"
                      "  FROM (SELECT FROM %s AS t\n"
                      "         WHERE %s FOR UPDATE) AS l",
                      table->rows,
                      table->scope_condition != NULL ? table->scope_condition : "true");
    return sql.data;
}

char *
diff_query_rows_count_old(const LoadTable *table)
{
    return mem_format("SELECT pg_catalog.count(*) FROM %s AS t WHERE %s", table->rows,
                      table->scope_condition != NULL ? table->scope_condition : "true");
}

char *
diff_query_rows_count_ops(const LoadTable *table)
{
    PQExpBufferData sql;

    initPQExpBuffer(&sql);
    appendPQExpBuffer(&sql,
                      "SELECT d." OP_COLUMN ", pg_catalog.count(*)\n"
                      "  FROM %s AS d\n"
                      " GROUP BY d." OP_COLUMN,
                      table->diff);
    return sql.data;
}

char *
diff_query_rows_delete_all(const LoadTable *table)
{
    PQExpBufferData sql;

    initPQExpBuffer(&sql);
    appendPQExpBuffer(&sql, "DELETE FROM %s AS t", table->rows);
    if (table->settings->mode == MODE_SLICE && table->scope_condition != NULL)
        appendPQExpBuffer(&sql, "\n WHERE %s", table->scope_condition);
    return sql.data;
}

/* "COALESCE(s.id OPERATOR(pg_catalog.<>) t.id, true)" of each; false: there is none. */
static bool
append_fixed(PQExpBuffer sql, const LoadTable *table)
{
    bool is_first = true;

    for (int i = 0; i < table->n_columns; i++)
    {
        const Column *column = &table->target->relation->columns[table->columns[i]];

        if (!column->is_always_identity ||
            diff_query_columns_is_key(table, table->columns[i]))
            continue;
        appendPQExpBuffer(sql, "%sCOALESCE(s.%s OPERATOR(pg_catalog.<>) t.%s, true)",
                          is_first ? "" : " OR ", column->qname, column->qname);
        if (effective_may_be_absent(table, table->columns[i]))
        {
            appendPQExpBufferStr(sql, " AND ");
            effective_append_presence(sql, table, "s", table->columns[i]);
        }
        is_first = false;
    }
    return !is_first;
}

char *
diff_query_rows_count_fixed(const LoadTable *table)
{
    PQExpBufferData sql;

    if (table->key == NULL)
        return NULL;
    initPQExpBuffer(&sql);
    appendPQExpBuffer(&sql, "SELECT pg_catalog.count(*)\n  FROM ");
    diff_query_append_stage(&sql, table);
    appendPQExpBuffer(&sql, "\n       JOIN %s AS t\n         ON ", table->rows);
    diff_query_append_match(&sql, table, "s");
    appendPQExpBufferStr(&sql, "\n WHERE (");
    if (!append_fixed(&sql, table))
    {
        termPQExpBuffer(&sql);
        return NULL;
    }
    appendPQExpBufferStr(&sql, table->has_excluded ? ")\n   AND x.record IS NULL" : ")");
    return sql.data;
}

char *
diff_query_rows_count_taken(const LoadTable *table)
{
    PQExpBufferData sql;

    initPQExpBuffer(&sql);
    appendPQExpBuffer(&sql,
                      "SELECT pg_catalog.count(*)\n"
                      "  FROM %s AS d\n"
                      "       JOIN %s AS t\n"
                      "         ON ",
                      table->diff, table->rows);
    diff_query_append_match(&sql, table, "d");
    appendPQExpBufferStr(&sql, "\n WHERE d." OP_COLUMN " OPERATOR(pg_catalog.=) 'I'");
    return sql.data;
}

char *
diff_query_rows_count_unmatched(const LoadTable *table)
{
    PQExpBufferData sql;

    initPQExpBuffer(&sql);
    appendPQExpBuffer(&sql,
                      "SELECT pg_catalog.count(*)\n"
                      "  FROM %s AS d\n"
                      " WHERE d." OP_COLUMN " OPERATOR(pg_catalog.=) '%c'\n"
                      "   AND (false",
                      table->diff,
                      effective_has_soft_delete(table) ? DIFF_SOFT_DELETE : DIFF_DELETE);
    for (int i = 0; i < table->key->n_parts; i++)
        appendPQExpBuffer(
            &sql, " OR d.%s IS NOT DISTINCT FROM NULL",
            table->target->relation->columns[table->key->parts[i].column].qname);
    appendPQExpBufferChar(&sql, ')');
    return sql.data;
}

static void
append_key_columns(PQExpBuffer sql, const LoadTable *table)
{
    for (int i = 0; i < table->key->n_parts; i++)
        appendPQExpBuffer(
            sql, "%sd.%s", i > 0 ? ", " : "",
            table->target->relation->columns[table->key->parts[i].column].qname);
}

char *
diff_query_rows_find_ambiguous(const LoadTable *table)
{
    PQExpBufferData sql;

    initPQExpBuffer(&sql);
    appendPQExpBufferStr(&sql, "SELECT ROW(");
    append_key_columns(&sql, table);
    appendPQExpBuffer(&sql,
                      ")::pg_catalog.text\n"
                      "  FROM %s AS d\n"
                      " WHERE true",
                      table->rows);
    for (int i = 0; i < table->key->n_parts; i++)
        appendPQExpBuffer(
            &sql, " AND d.%s IS DISTINCT FROM NULL",
            table->target->relation->columns[table->key->parts[i].column].qname);
    appendPQExpBufferStr(&sql, "\n GROUP BY ");
    append_key_columns(&sql, table);
    appendPQExpBufferStr(&sql, "\nHAVING pg_catalog.count(*) OPERATOR(pg_catalog.>) 1\n"
                               " LIMIT 1");
    return sql.data;
}
