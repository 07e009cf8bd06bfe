/* A part of diff_query.h: the statements of the commit, from the diff. */
#include "load/commit/diff_query.h"
#include "load/effective.h"

char *
diff_query_changes_delete(const LoadTable *table)
{
    PQExpBufferData sql;

    initPQExpBuffer(&sql);
    appendPQExpBuffer(&sql,
                      "DELETE FROM %s AS t\n"
                      " USING %s AS d\n"
                      " WHERE d." OP_COLUMN " OPERATOR(pg_catalog.=) 'D'\n"
                      "   AND ",
                      table->rows, table->diff);
    diff_query_append_match(&sql, table, "d");
    return sql.data;
}

static const char *
get_changed_qname(const LoadTable *table, int column)
{
    return table->target->relation->columns[column].qname;
}

static bool
has_updated_columns(const LoadTable *table)
{
    int n;
    const int *columns = batch_get_written(table, &n);

    for (int i = 0; i < n; i++)
    {
        if (diff_query_columns_is_updated(table, columns[i]))
            return true;
    }
    return false;
}

/* "c = pg_catalog.now()": an assignment, so that the column's type does not matter. */
static void
append_now(PQExpBuffer sql, const LoadTable *table, int column, const char *before)
{
    static const char now[] = "now()";

    appendPQExpBuffer(sql, "%s%s = pg_catalog.%s", before,
                      get_changed_qname(table, column), now);
}

static void
append_updated_at(PQExpBuffer sql, const LoadTable *table)
{
    if (table->rules != NULL && table->rules->updated_at >= 0)
        append_now(sql, table, table->rules->updated_at, ", ");
}

/* Are old images captured (capture.h)? They are those of b, which is t before. */
static bool
has_old_rows(const LoadTable *table)
{
    return table->capture != NULL && table->capture->is_active;
}

/* The rows of the target that the diff has with this op. */
static void
append_changed_rows(PQExpBuffer sql, const LoadTable *table, DiffOp op)
{
    appendPQExpBuffer(sql, "\n  FROM %s AS d", table->diff);
    if (has_old_rows(table))
        appendPQExpBuffer(sql, "\n       CROSS JOIN %s AS b", table->rows);
    appendPQExpBuffer(sql,
                      "\n WHERE d." OP_COLUMN " OPERATOR(pg_catalog.=) '%c'\n   AND ",
                      op);
    diff_query_append_match(sql, table, "d");
    if (has_old_rows(table))
    {
        appendPQExpBufferStr(sql, "\n   AND ");
        diff_query_append_match(sql, table, "b");
    }
}

char *
diff_query_changes_soft_delete(const LoadTable *table)
{
    PQExpBufferData sql;

    initPQExpBuffer(&sql);
    appendPQExpBuffer(&sql, "UPDATE %s AS t\n   SET ", table->rows);
    append_now(&sql, table, table->rules->deleted_at, "");
    append_updated_at(&sql, table);
    append_changed_rows(&sql, table, DIFF_SOFT_DELETE);
    return sql.data;
}

char *
diff_query_changes_update(const LoadTable *table)
{
    bool is_first = true;
    int n;
    const int *columns = batch_get_written(table, &n);
    PQExpBufferData sql;

    if (!has_updated_columns(table))
        return NULL;
    initPQExpBuffer(&sql);
    appendPQExpBuffer(&sql, "UPDATE %s AS t\n   SET ", table->rows);
    for (int i = 0; i < n; i++)
    {
        const char *qname = get_changed_qname(table, columns[i]);

        if (!diff_query_columns_is_updated(table, columns[i]))
            continue;
        appendPQExpBuffer(&sql, "%s%s = d.%s", is_first ? "" : ", ", qname, qname);
        is_first = false;
    }
    append_updated_at(&sql, table);
    append_changed_rows(&sql, table, DIFF_UPDATE);
    return sql.data;
}

/* "INSERT INTO t (a, b) OVERRIDING SYSTEM VALUE" */
static void
append_insert_into(PQExpBuffer sql, const LoadTable *table, const char *into)
{
    bool has_identity = false;

    appendPQExpBuffer(sql, "INSERT INTO %s (", into);
    for (int i = 0; i < table->n_columns; i++)
    {
        const Column *column = &table->target->relation->columns[table->columns[i]];

        appendPQExpBuffer(sql, "%s%s", i > 0 ? ", " : "", column->qname);
        has_identity = has_identity || column->is_always_identity;
    }
    appendPQExpBufferChar(sql, ')');
    if (has_identity)
        appendPQExpBufferStr(sql, " OVERRIDING SYSTEM VALUE");
    appendPQExpBufferChar(sql, '\n');
}

char *
diff_query_changes_insert(const LoadTable *table)
{
    PQExpBufferData sql;

    initPQExpBuffer(&sql);
    append_insert_into(&sql, table, table->qname);
    appendPQExpBufferStr(&sql, "SELECT ");
    for (int i = 0; i < table->n_columns; i++)
    {
        appendPQExpBufferStr(&sql, i > 0 ? ", " : "");
        effective_append_inserted(&sql, table, table->columns[i]);
    }
    appendPQExpBuffer(&sql,
                      "\n  FROM %s AS d\n"
                      " WHERE d." OP_COLUMN " OPERATOR(pg_catalog.=) 'I'\n"
                      " ORDER BY d." RECORD_COLUMN,
                      table->diff);
    return sql.data;
}

char *
diff_query_changes_insert_all(const LoadTable *table, const char *into)
{
    PQExpBufferData sql;

    initPQExpBuffer(&sql);
    append_insert_into(&sql, table, into);
    appendPQExpBufferStr(&sql, "SELECT ");
    for (int i = 0; i < table->n_columns; i++)
    {
        appendPQExpBufferStr(&sql, i > 0 ? ", " : "");
        effective_append_new(&sql, table, "s", table->columns[i], true);
    }
    appendPQExpBufferStr(&sql, "\n  FROM ");
    diff_query_append_stage(&sql, table);
    if (table->has_excluded)
        appendPQExpBufferStr(&sql, "\n WHERE x.record IS NULL");
    return sql.data;
}
