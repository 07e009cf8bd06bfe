/* A part of check_query.h: other values for immutable columns. */
#include "load/check/check_query.h"
#include "load/commit/diff_query.h"
#include "load/effective.h"

#define FIRST_COLUMN "_pg_sample_load_first"

enum
{
    MAX_VALUE = 100 /* characters of a value in messages */
};

static void
append_change_key(PQExpBuffer sql, const LoadTable *table)
{
    for (int i = 0; i < table->key->n_parts; i++)
        appendPQExpBuffer(sql, "%s%s%s", i > 0 ? ", " : "",
                          table->key->parts[i].expression,
                          table->key->parts[i].collation);
}

/* What the row has: the target's, or of a new one what the first record makes it. */
static void
append_base(PQExpBuffer sql, const LoadTable *table, ImmutableBase base, int column)
{
    if (base == IMMUTABLE_BASE_TARGET)
        appendPQExpBuffer(sql, "t.%s", table->target->relation->columns[column].qname);
    else
        effective_append_new(sql, table, "f", column, false);
}

/* "the record has the column, with another value, which would be written" */
static void
append_is_change(PQExpBuffer sql, const LoadTable *table, ImmutableBase base, int column)
{
    const char *qname = table->target->relation->columns[column].qname;

    appendPQExpBuffer(sql, "ROW(s.%s)::pg_catalog.record OPERATOR(pg_catalog.*<>) ROW(",
                      qname);
    append_base(sql, table, base, column);
    appendPQExpBufferStr(sql, ")::pg_catalog.record");
    if (table->rules->is_merge)
        appendPQExpBuffer(sql, "\n   AND s.%s IS DISTINCT FROM NULL", qname);
    else if (effective_may_be_absent(table, column))
    {
        appendPQExpBufferStr(sql, "\n   AND ");
        effective_append_presence(sql, table, "s", column);
    }
}

static void
append_shown(PQExpBuffer sql, const char *expression)
{
    appendPQExpBuffer(sql,
                      "COALESCE(pg_catalog.\"left\"((%s)::pg_catalog.text, %d), 'NULL')",
                      expression, MAX_VALUE);
}

static void
append_change_columns(PQExpBuffer sql, const LoadTable *table, ImmutableBase base,
                      int column)
{
    PQExpBufferData value;

    initPQExpBuffer(&value);
    append_base(&value, table, base, column);
    appendPQExpBufferStr(sql, "SELECT s." RECORD_COLUMN " AS record,\n       ");
    append_shown(sql, value.data);
    resetPQExpBuffer(&value);
    appendPQExpBuffer(&value, "s.%s", table->target->relation->columns[column].qname);
    appendPQExpBufferStr(sql, " AS old,\n       ");
    append_shown(sql, value.data);
    appendPQExpBufferStr(sql, " AS new\n  FROM ");
    termPQExpBuffer(&value);
}

/* Staged rows and the target's. */
static void
append_target_pairs(PQExpBuffer sql, const LoadTable *table)
{
    check_query_append_staged(sql, table, "s");
    appendPQExpBuffer(sql, "\n       JOIN %s AS t\n         ON ", table->rows);
    check_query_append_key_match(sql, table->key, "t", "s");
    appendPQExpBufferStr(sql, "\n WHERE ");
    if (table->timestamp < 0)
        return;
    diff_query_append_guard(sql, table);
    appendPQExpBufferStr(sql, "\n   AND ");
}

/* Staged rows of a new key, and the first one of the key. */
static void
append_batch_pairs(PQExpBuffer sql, const LoadTable *table)
{
    appendPQExpBufferStr(sql, "(SELECT q.*, pg_catalog.first_value(" RECORD_COLUMN
                              ") OVER (\n               PARTITION BY ");
    append_change_key(sql, table);
    appendPQExpBufferStr(sql, " ORDER BY ");
    if (table->timestamp >= 0)
        appendPQExpBuffer(sql, "%s NULLS %s, ",
                          table->target->relation->columns[table->timestamp].qname,
                          table->settings->is_null_timestamp_newest ? "LAST" : "FIRST");
    appendPQExpBufferStr(sql, RECORD_COLUMN ") AS " FIRST_COLUMN "\n          FROM ");
    check_query_append_staged(sql, table, "q");
    appendPQExpBuffer(sql,
                      ") AS s\n"
                      "       JOIN %s AS f\n"
                      "         ON f." RECORD_COLUMN
                      " OPERATOR(pg_catalog.=) s." FIRST_COLUMN "\n"
                      " WHERE s." RECORD_COLUMN " OPERATOR(pg_catalog.<>) s." FIRST_COLUMN
                      "\n   AND NOT EXISTS (SELECT FROM %s AS t WHERE ",
                      table->stage, table->rows);
    check_query_append_key_match(sql, table->key, "t", "s");
    appendPQExpBufferStr(sql, ")\n   AND ");
}

void
check_query_immutable(PQExpBuffer sql, const LoadTable *table, ImmutableBase base,
                      int column)
{
    append_change_columns(sql, table, base, column);
    if (base == IMMUTABLE_BASE_TARGET)
        append_target_pairs(sql, table);
    else
        append_batch_pairs(sql, table);
    append_is_change(sql, table, base, column);
}

void
check_query_immutable_shown(PQExpBuffer sql, const char *changes, int n)
{
    appendPQExpBuffer(sql,
                      "SELECT c.record, c.old, c.new\n  FROM (\n%s) AS c\n"
                      " ORDER BY c.record\n LIMIT %d",
                      changes, n);
}

void
check_query_immutable_read(PQExpBuffer sql, const LoadTable *table, const char *changes)
{
    appendPQExpBufferStr(sql, "COPY (SELECT c.record, c.old, c.new");
    for (int i = 0; i < table->n_columns; i++)
        appendPQExpBuffer(sql, ", r.%s",
                          table->target->relation->columns[table->columns[i]].qname);
    appendPQExpBuffer(sql,
                      "\n  FROM (\n%s) AS c\n"
                      "       JOIN %s AS r\n"
                      "         ON r." RECORD_COLUMN " OPERATOR(pg_catalog.=) c.record\n"
                      " ORDER BY c.record) TO STDOUT",
                      changes, table->stage);
}

void
check_query_immutable_records(PQExpBuffer sql, const char *changes)
{
    appendPQExpBuffer(sql, "SELECT c.record\n  FROM (\n%s) AS c", changes);
}
