#include "load/check/check_query.h"

#include <string.h>

#include "base/sqltext.h"
#include "load/commit/diff_query.h"
#include "load/effective.h"

bool
check_query_can_prove(const LoadTable *table, const int *columns, int n)
{
    for (int i = 0; i < n; i++)
    {
        if (table->target->relation->columns[columns[i]].is_generated)
            return false;
        if (!effective_is_default_known(table, columns[i]) &&
            (!batch_has_column(table, columns[i]) ||
             effective_may_be_absent(table, columns[i])))
            return false;
    }
    return true;
}

bool
check_query_can_see(const LoadTable *table, const int *columns, int n)
{
    const Relation *relation = table->target->relation;

    for (int i = 0; i < n; i++)
    {
        if (relation->columns[columns[i]].is_generated)
            return false;
    }
    return (table->diff != NULL && table->key != NULL) ||
           check_query_can_prove(table, columns, n);
}

const char *
check_query_alias(const Target *target)
{
    const char *qname = target->relation->qname;

    return (*qname == '"' ? sqltext_skip_quoted(qname, false) : strchr(qname, '.')) + 1;
}

void
check_query_append_key_match(PQExpBuffer sql, const TargetKey *key, const char *left,
                             const char *right)
{
    for (int i = 0; i < key->n_parts; i++)
    {
        const KeyPart *part = &key->parts[i];

        appendPQExpBuffer(sql, "%s%s.%s %s %s.%s%s", i > 0 ? " AND " : "", left,
                          part->expression, part->operator, right, part->expression,
                          part->collation);
    }
}

void
check_query_append_staged(PQExpBuffer sql, const LoadTable *table, const char *alias)
{
    appendPQExpBufferStr(sql, "(SELECT t.*");
    if (table->scope_condition != NULL)
        appendPQExpBuffer(sql, ", (%s) AS " CHECK_INSIDE, table->scope_condition);
    appendPQExpBufferStr(sql, " FROM ");
    diff_query_append_rows(sql, table);
    appendPQExpBufferStr(sql, " AS t");
    if (table->has_excluded)
    {
        appendPQExpBuffer(sql, " WHERE NOT EXISTS (SELECT FROM %s AS e WHERE ",
                          table->excluded);
        diff_query_append_excluded(sql, table, "e", "t");
        appendPQExpBufferChar(sql, ')');
    }
    appendPQExpBuffer(sql, ") AS %s", alias);
}

static void
append_batch_columns(PQExpBuffer sql, const LoadTable *table, const char *alias)
{
    for (int i = 0; i < table->n_columns; i++)
        appendPQExpBuffer(sql, ", %s.%s", alias,
                          table->target->relation->columns[table->columns[i]].qname);
}

/* The columns of the diff: effective values. */
static void
append_written_columns(PQExpBuffer sql, const LoadTable *table)
{
    int n;
    const int *columns = batch_get_written(table, &n);

    if (diff_query_columns_has_rekeyed(table))
        appendPQExpBufferStr(sql, ", d." REKEYED_COLUMN);
    for (int i = 0; i < n; i++)
        appendPQExpBuffer(sql, ", d.%s",
                          table->target->relation->columns[columns[i]].qname);
}

/* Without a diff: the batch's columns as they will be inserted. */
static void
append_insertable_columns(PQExpBuffer sql, const LoadTable *table)
{
    for (int i = 0; i < table->n_columns; i++)
    {
        appendPQExpBufferStr(sql, ", ");
        effective_append_new(sql, table, "d", table->columns[i], false);
        if (table->is_partial)
            appendPQExpBuffer(sql, " AS %s",
                              table->target->relation->columns[table->columns[i]].qname);
    }
}

static bool
is_in_rows(const LoadTable *table, int column)
{
    return table->diff != NULL ? batch_writes_column(table, column)
                               : batch_has_column(table, column);
}

/* Columns that the batch lacks, from the target's row or the default. */
static void
append_other_columns(PQExpBuffer sql, const LoadTable *table, const int *columns, int n,
                     bool is_inserted)
{
    for (int i = 0; i < n; i++)
    {
        const Column *column = &table->target->relation->columns[columns[i]];
        const TargetColumn *target = &table->target->columns[columns[i]];

        if (is_in_rows(table, columns[i]))
            continue;
        if (!is_inserted)
            appendPQExpBuffer(sql, ", t.%s", column->qname);
        else
            appendPQExpBuffer(sql, ", (%s)::%s AS %s",
                              target->default_expression != NULL
                                  ? target->default_expression
                                  : "NULL",
                              column->declared_type, column->qname);
    }
}

static void
append_inserted(PQExpBuffer sql, const LoadTable *table, const int *columns, int n)
{
    appendPQExpBufferStr(sql, "SELECT d." RECORD_COLUMN ", ");
    appendPQExpBufferStr(sql, table->diff != NULL ? "d." OP_COLUMN
                                                  : "'I'::pg_catalog.\"char\""
                                                    " AS " OP_COLUMN);
    if (table->diff != NULL)
        append_written_columns(sql, table);
    else
        append_insertable_columns(sql, table);
    append_other_columns(sql, table, columns, n, true);
    appendPQExpBufferStr(sql, " FROM ");
    if (table->diff != NULL)
        appendPQExpBuffer(sql, "%s AS d WHERE " CHECK_IS("d", "I"), table->diff);
    else
        check_query_append_staged(sql, table, "d");
    if (table->diff == NULL && effective_is_needed(table))
        appendPQExpBufferStr(sql, " WHERE true");
    effective_append_known(sql, table, columns, n, "d");
}

/* Rows of the diff; new ones only if their values are known. */
static void
append_diffed(PQExpBuffer sql, const LoadTable *table, const int *columns, int n)
{
    PQExpBufferData known;

    initPQExpBuffer(&known);
    effective_append_known(&known, table, columns, n, "d");
    appendPQExpBufferStr(sql, "SELECT d." RECORD_COLUMN ", d." OP_COLUMN);
    append_written_columns(sql, table);
    appendPQExpBuffer(sql, " FROM %s AS d WHERE ", table->diff);
    if (known.len == 0)
        appendPQExpBufferStr(sql, CHECK_IS_ANY("d", "I,U"));
    else
        appendPQExpBuffer(sql, "(" CHECK_IS("d", "U") " OR " CHECK_IS("d", "I") "%s)",
                          known.data);
    termPQExpBuffer(&known);
}

static void
append_updated(PQExpBuffer sql, const LoadTable *table, const int *columns, int n)
{
    appendPQExpBufferStr(sql, "SELECT d." RECORD_COLUMN ", d." OP_COLUMN);
    append_written_columns(sql, table);
    append_other_columns(sql, table, columns, n, false);
    appendPQExpBuffer(sql, " FROM %s AS d JOIN ", table->diff);
    appendPQExpBufferStr(sql, table->rows);
    appendPQExpBufferStr(sql, " AS t ON ");
    check_query_append_key_match(sql, table->key, "t", "d");
    appendPQExpBufferStr(sql, " WHERE " CHECK_IS("d", "U"));
}

/* Can the values of new rows be known, at least of some? */
static bool
can_insert(const LoadTable *table, const int *columns, int n)
{
    for (int i = 0; i < n; i++)
    {
        if (table->target->relation->columns[columns[i]].is_generated ||
            (!is_in_rows(table, columns[i]) &&
             !effective_is_default_known(table, columns[i])))
            return false;
    }
    return true;
}

void
check_query_append_written(PQExpBuffer sql, const LoadTable *table, const int *columns,
                           int n, const char *alias)
{
    bool has_updated = table->diff != NULL && table->key != NULL;
    bool has_inserted = can_insert(table, columns, n);

    appendPQExpBufferChar(sql, '(');
    if (table->diff != NULL && batch_writes_columns(table, columns, n))
        append_diffed(sql, table, columns, n);
    else
    {
        if (has_updated)
            append_updated(sql, table, columns, n);
        if (has_updated && has_inserted)
            appendPQExpBufferStr(sql, " UNION ALL ");
        if (has_inserted)
            append_inserted(sql, table, columns, n);
    }
    appendPQExpBuffer(sql, ") AS %s", alias);
}

/* Rows that are soft-deleted, as they will be: with the columns of the table. */
static void
append_marked(PQExpBuffer sql, const LoadTable *table)
{
    const Relation *relation = table->target->relation;

    appendPQExpBufferStr(sql, " UNION ALL SELECT ");
    for (int i = 0; i < relation->n_columns; i++)
    {
        if (i == table->rules->deleted_at)
            appendPQExpBuffer(sql, "%spg_catalog.now()::%s", i > 0 ? ", " : "",
                              relation->columns[i].declared_type);
        else
            appendPQExpBuffer(sql, "%st.%s", i > 0 ? ", " : "",
                              relation->columns[i].qname);
    }
    appendPQExpBuffer(sql, " FROM %s AS t JOIN %s AS x ON ", table->rows, table->diff);
    check_query_append_key_match(sql, table->key, "x", "t");
    appendPQExpBufferStr(sql, " WHERE " CHECK_IS("x", "X"));
}

/* Rows of the target, except those for which the diff has one of the operations. */
static void
append_rows_without(PQExpBuffer sql, const LoadTable *table, const char *operations,
                    const char *alias)
{
    appendPQExpBufferStr(sql, "(SELECT t.* FROM ");
    appendPQExpBufferStr(sql, table->rows);
    appendPQExpBufferStr(sql, " AS t");
    if (table->diff != NULL && table->key != NULL)
    {
        appendPQExpBuffer(sql,
                          " WHERE NOT EXISTS (SELECT FROM %s AS x"
                          " WHERE " CHECK_IS_ANY("x", "%s") " AND ",
                          table->diff, operations);
        check_query_append_key_match(sql, table->key, "x", "t");
        appendPQExpBufferChar(sql, ')');
    }
    else if (table->diff == NULL && table->settings->mode == MODE_FULL)
        appendPQExpBufferStr(sql, " WHERE false");
    else if (table->diff == NULL && table->settings->mode == MODE_SLICE)
        appendPQExpBuffer(sql, " WHERE (%s) IS NOT TRUE", table->scope_condition);
    appendPQExpBuffer(sql, ") AS %s", alias);
}

void
check_query_append_kept(PQExpBuffer sql, const LoadTable *table, const char *alias)
{
    if (table->diff == NULL || !effective_has_soft_delete(table))
    {
        append_rows_without(sql, table, "U,D", alias);
        return;
    }
    appendPQExpBufferStr(sql, "(SELECT o.* FROM ");
    append_rows_without(sql, table, "U,X", "o");
    append_marked(sql, table);
    appendPQExpBuffer(sql, ") AS %s", alias);
}

void
check_query_append_left(PQExpBuffer sql, const LoadTable *table, const char *alias)
{
    append_rows_without(sql, table, "D", alias);
}

/* The condition of a problem, over staged rows. */
static void
append_problem(PQExpBuffer sql, const LoadTable *table, const Problem *problem)
{
    const Relation *relation = table->target->relation;

    switch (problem->kind)
    {
        case PROBLEM_NULL_KEY:
            for (int i = 0; i < table->key->n_parts; i++)
                appendPQExpBuffer(sql, "%s%s IS NULL", i > 0 ? " OR " : "",
                                  table->key->parts[i].expression);
            break;
        case PROBLEM_NULL:
            /* of a row type, IS NULL is about its fields */
            appendPQExpBuffer(sql, "%s IS NOT DISTINCT FROM NULL",
                              relation->columns[problem->number].qname);
            break;
        case PROBLEM_CHECK:
            appendPQExpBuffer(sql, "NOT (%s)",
                              table->target->checks[problem->number].expression);
            break;
        case PROBLEM_OUTSIDE:
            appendPQExpBufferStr(sql, CHECK_INSIDE " IS NOT TRUE");
            break;
    }
}

void
check_query_counts(PQExpBuffer sql, const LoadTable *table, const Problem *problems,
                   int n)
{
    appendPQExpBufferStr(sql, "SELECT pg_catalog.count(*)");
    for (int i = 0; i < n; i++)
    {
        appendPQExpBufferStr(sql, ",\n       pg_catalog.count(*) FILTER (WHERE ");
        append_problem(sql, table, &problems[i]);
        appendPQExpBufferChar(sql, ')');
    }
    appendPQExpBufferStr(sql, "\n  FROM ");
    check_query_append_staged(sql, table, check_query_alias(table->target));
}

void
check_query_problem(PQExpBuffer sql, const LoadTable *table, const Problem *problem)
{
    appendPQExpBufferStr(sql, "SELECT " RECORD_COLUMN " AS record\n  FROM ");
    check_query_append_staged(sql, table, check_query_alias(table->target));
    appendPQExpBufferStr(sql, "\n WHERE ");
    append_problem(sql, table, problem);
}

void
check_query_null(PQExpBuffer sql, const LoadTable *table, int column)
{
    appendPQExpBufferStr(sql, "SELECT w." RECORD_COLUMN " AS record\n  FROM ");
    check_query_append_written(sql, table, &column, 1, "w");
    appendPQExpBuffer(sql, "\n WHERE w.%s IS NOT DISTINCT FROM NULL",
                      table->target->relation->columns[column].qname);
}

void
check_query_check(PQExpBuffer sql, const LoadTable *table, const TargetCheck *check)
{
    appendPQExpBufferStr(sql, "SELECT " RECORD_COLUMN " AS record\n  FROM ");
    check_query_append_written(sql, table, check->columns, check->n_columns,
                               check_query_alias(table->target));
    appendPQExpBuffer(sql, "\n WHERE NOT (%s)", check->expression);
}

/* The partition of an updated row is decided after its triggers. */
void
check_query_stray(PQExpBuffer sql, const LoadTable *table, const char *condition)
{
    const Target *target = table->target;

    appendPQExpBufferStr(sql, "SELECT " RECORD_COLUMN " AS record\n  FROM ");
    check_query_append_written(sql, table, target->partition_columns,
                               target->n_partition_columns, check_query_alias(target));
    appendPQExpBuffer(sql, "\n WHERE (%s) IS FALSE", condition);
    if (target->has_update_trigger)
        appendPQExpBufferStr(sql, "\n   AND " OP_COLUMN " OPERATOR(pg_catalog.=) 'I'");
}

void
check_query_count(PQExpBuffer sql, const char *records)
{
    appendPQExpBuffer(sql, "SELECT pg_catalog.count(*) FROM (\n%s) AS r", records);
}

void
check_query_read(PQExpBuffer sql, const LoadTable *table, const char *records)
{
    appendPQExpBufferStr(sql, "COPY (SELECT t." RECORD_COLUMN);
    append_batch_columns(sql, table, "t");
    appendPQExpBuffer(sql,
                      "\n  FROM %s AS t\n WHERE t." RECORD_COLUMN
                      " OPERATOR(pg_catalog.=) ANY (\n%s)\n"
                      " ORDER BY t." RECORD_COLUMN ") TO STDOUT",
                      table->stage, records);
}

void
check_query_exclude(PQExpBuffer sql, const char *excluded, const char *records,
                    char reason)
{
    appendPQExpBuffer(sql,
                      "INSERT INTO %s (record, reason)\n"
                      "SELECT DISTINCT r.record, ",
                      excluded);
    if (reason != 0)
        appendPQExpBuffer(sql, "'%c'::pg_catalog.\"char\"", reason);
    else
        appendPQExpBufferStr(sql, "r.reason");
    appendPQExpBuffer(sql, "\n  FROM (\n%s) AS r", records);
}

void
check_query_remove(PQExpBuffer sql, const LoadTable *table)
{
    appendPQExpBuffer(sql,
                      "DELETE FROM %s AS d\n USING %s AS e\n"
                      " WHERE e.record OPERATOR(pg_catalog.=) d." RECORD_COLUMN "%s",
                      table->diff, table->excluded,
                      table->folded != NULL ? " AND e.reason OPERATOR(pg_catalog.=) 'e'"
                                            : "");
}
