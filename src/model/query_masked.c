#include "model/query_masked.h"

#include <string.h>

#include "base/copytext.h"
#include "base/sqltext.h"

/* Names that no table has by chance; inner names hide them in any case. */
#define VALUES_NAME "\"pg_sample v\""
#define POSITION_NAME "\"pg_sample n\""

void
query_masked_lower(PQExpBuffer sql, MaskValue *const *values, size_t n,
                   const CopyEncoding *encoding)
{
    PQExpBufferData escaped;

    initPQExpBuffer(&escaped);
    appendPQExpBufferStr(sql, "SELECT pg_catalog.lower(v.value)\n"
                              "  FROM pg_catalog.unnest('{");
    for (size_t i = 0; i < n; i++)
    {
        CopyField field;

        resetPQExpBuffer(&escaped);
        copytext_append_escaped(&escaped, values[i]->text, values[i]->length, encoding);
        field = (CopyField){.text = escaped.data, .length = escaped.len};
        appendPQExpBufferStr(sql, i == 0 ? "" : ",");
        copytext_append_element(sql, &field, encoding);
    }
    appendPQExpBufferStr(sql, "}'::pg_catalog.text[]) WITH ORDINALITY AS v (value, n)\n"
                              " ORDER BY v.n");
    termPQExpBuffer(&escaped);
}

static const CopyField *
get_query_field(const QueryRows *rows, size_t i, int column)
{
    return &rows->fields[rows->rows[i] * (size_t)rows->n_fields +
                         (size_t)rows->layout->field_of_column[column]];
}

/* The columns of the dump, of which there is at least one. */
static void
append_values(PQExpBuffer sql, const QueryRows *rows)
{
    const RowLayout *layout = rows->layout;

    appendPQExpBufferStr(sql, "ROWS FROM (");
    for (int i = 0; i < layout->n_output; i++)
    {
        appendPQExpBufferStr(sql, i == 0 ? "pg_catalog.unnest('{"
                                         : ",\n       pg_catalog.unnest('{");
        for (size_t j = 0; j < rows->n_rows; j++)
        {
            appendPQExpBufferStr(sql, j == 0 ? "" : ",");
            copytext_append_element(sql, get_query_field(rows, j, layout->output[i]),
                                    rows->encoding);
        }
        appendPQExpBufferStr(sql, "}'::pg_catalog.text[])");
    }
    appendPQExpBufferStr(sql, ") WITH ORDINALITY AS " VALUES_NAME " (");
    for (int i = 0; i < layout->n_output; i++)
        appendPQExpBuffer(sql, "\"pg_sample %d\", ", i);
    appendPQExpBufferStr(sql, POSITION_NAME ")");
}

/* "(SELECT ... ) AS alias": the values of one row with their names and types. */
static void
append_masked_table(PQExpBuffer sql, const QueryRows *rows, const char *alias,
                    const QueryGeneratedList *generated)
{
    const RowLayout *layout = rows->layout;
    const Relation *relation = layout->relation;

    if (generated->n_items > 0)
    {
        appendPQExpBufferStr(sql, "(SELECT *");
        for (int i = 0; i < generated->n_items; i++)
        {
            const Column *column = &relation->columns[generated->items[i].column];

            appendPQExpBuffer(sql, ", (%s)::%s AS %s", generated->items[i].sql,
                              column->type_name, column->qname);
        }
        appendPQExpBufferStr(sql, "\n FROM ");
    }
    appendPQExpBufferStr(sql, "(SELECT ");
    for (int i = 0; i < layout->n_output; i++)
    {
        const Column *column = &relation->columns[layout->output[i]];

        appendPQExpBuffer(sql, "%s" VALUES_NAME ".\"pg_sample %d\"::%s%s AS %s",
                          i == 0 ? "" : ", ", i, column->type_name, column->collation,
                          column->qname);
    }
    appendPQExpBuffer(sql, ") AS %s", alias);
    if (generated->n_items > 0)
        appendPQExpBuffer(sql, ") AS %s", alias);
}

/* "(SELECT expression FROM table)" */
static void
append_scalar(PQExpBuffer sql, const QueryRows *rows, const QueryExpression *expression,
              const QueryGeneratedList *generated)
{
    appendPQExpBuffer(sql, "(SELECT %s\n FROM ", expression->sql);
    append_masked_table(sql, rows, expression->alias, generated);
    appendPQExpBufferChar(sql, ')');
}

void
query_masked_check(PQExpBuffer sql, const QueryRows *rows,
                   const QueryExpression *conditions, int n,
                   const QueryGeneratedList *generated)
{
    appendPQExpBufferStr(sql, "SELECT *\n  FROM (SELECT " VALUES_NAME "." POSITION_NAME);
    for (int i = 0; i < n; i++)
    {
        appendPQExpBufferStr(sql, ",\n");
        append_scalar(sql, rows, &conditions[i], generated);
        appendPQExpBuffer(sql, " IS FALSE AS \"pg_sample %d\"", i);
    }
    appendPQExpBufferStr(sql, "\n FROM ");
    append_values(sql, rows);
    appendPQExpBufferStr(sql, ") AS r\n WHERE ");
    for (int i = 0; i < n; i++)
        appendPQExpBuffer(sql, "%sr.\"pg_sample %d\"", i == 0 ? "" : " OR ", i);
    appendPQExpBufferStr(sql, "\n ORDER BY 1");
}

/* The place of a column among those of the dump. */
static int
find_output(const RowLayout *layout, int column)
{
    int i = 0;

    while (i < layout->n_output && layout->output[i] != column)
        i++;
    return i;
}

void
query_masked_domains(PQExpBuffer sql, const QueryRows *rows, const int *columns, int n)
{
    appendPQExpBufferStr(sql, "SELECT pg_catalog.count(ROW(");
    for (int i = 0; i < n; i++)
        appendPQExpBuffer(sql, "%s" VALUES_NAME ".\"pg_sample %d\"::%s",
                          i == 0 ? "" : ", ", find_output(rows->layout, columns[i]),
                          rows->layout->relation->columns[columns[i]].declared_type);
    appendPQExpBufferStr(sql, "))\n  FROM ");
    append_values(sql, rows);
}

void
query_masked_keys(PQExpBuffer sql, const QueryRows *rows, const QueryExpression *keys,
                  const char *predicate, const QueryGeneratedList *generated)
{
    appendPQExpBufferStr(sql, "SELECT x.key, x.is_complete, x.is_in\n  FROM ");
    append_values(sql, rows);
    appendPQExpBuffer(sql,
                      "\n  CROSS JOIN LATERAL (SELECT ROW(%s)::pg_catalog.text AS key, "
                      "ROW(%s) IS NOT NULL AS is_complete, %s AS is_in\n FROM ",
                      keys->sql, keys->sql, predicate != NULL ? predicate : "true");
    append_masked_table(sql, rows, keys->alias, generated);
    appendPQExpBufferStr(sql, ") AS x\n ORDER BY " VALUES_NAME "." POSITION_NAME);
}

void
query_masked_user(PQExpBuffer sql, const QueryRows *rows, const char *expression,
                  const char *type_name)
{
    static const QueryGeneratedList none = {0};
    const char *name = rows->layout->relation->name;
    PQExpBufferData alias;

    initPQExpBuffer(&alias);
    sqltext_append_quoted(&alias, name, strlen(name));
    /* concat() writes a value as COPY does, where a cast of a boolean would not */
    appendPQExpBufferStr(sql, "SELECT CASE WHEN x.value IS NOT NULL"
                              " THEN pg_catalog.concat(x.value) END\n  FROM ");
    append_values(sql, rows);
    appendPQExpBuffer(sql, "\n  CROSS JOIN LATERAL (SELECT (%s\n)::%s AS value\n FROM ",
                      expression, type_name);
    append_masked_table(sql, rows, alias.data, &none);
    appendPQExpBufferStr(sql, ") AS x\n ORDER BY " VALUES_NAME "." POSITION_NAME);
    termPQExpBuffer(&alias);
}
