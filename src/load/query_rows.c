/* A part of query.h: queries over whole tables, and the rows of a slice. */
#include "base/strbuf.h"
#include "load/query.h"

char *
query_lock_all(const LoadTable *table)
{
    PQExpBufferData sql;

    initPQExpBuffer(&sql);
    appendPQExpBuffer(&sql,
                      "SELECT pg_catalog.count(*)\n"
                      "  FROM (SELECT FROM %s AS t\n"
                      "         WHERE %s FOR UPDATE) AS l",
                      table->rows,
                      table->slice_condition != NULL ? table->slice_condition : "true");
    return sql.data;
}

char *
query_count_ops(const LoadTable *table)
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
query_delete_all(const LoadTable *table)
{
    PQExpBufferData sql;

    initPQExpBuffer(&sql);
    appendPQExpBuffer(&sql, "DELETE FROM %s AS t", table->rows);
    if (table->settings->mode == MODE_SLICE && table->slice_condition != NULL)
        appendPQExpBuffer(&sql, "\n WHERE %s", table->slice_condition);
    return sql.data;
}
