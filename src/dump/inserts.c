#include "dump/inserts.h"

#include "sample/rowline.h"

#include <ctype.h>
#include <string.h>

/* Digits, a sign, a point and an exponent only: not NaN or Infinity. */
static bool
is_plain_number(const CopyField *field)
{
    if (field->length == 0)
        return false;
    for (size_t i = 0; i < field->length; i++)
    {
        if (!isdigit((unsigned char)field->text[i]) &&
            strchr("+-.eE", field->text[i]) == NULL)
            return false;
    }
    /* a leading sign would be an operator applied to the rest */
    return isdigit((unsigned char)field->text[0]);
}

static void
append_insert_value(PQExpBuffer sql, const Column *column, const CopyField *field,
                    const CopyEncoding *encoding)
{
    if (!field->is_null && column->is_number && is_plain_number(field))
        appendBinaryPQExpBuffer(sql, field->text, field->length);
    else if (!field->is_null && column->is_boolean)
        appendPQExpBufferStr(sql, field->text[0] == 't' ? "true" : "false");
    else
        copytext_append_literal(sql, field, encoding);
}

void
inserts_append_row(PQExpBuffer sql, const RowLayout *layout, const char *line,
                   size_t length, const bool *is_set_null, const CopyEncoding *encoding)
{
    CopyLine rest = copytext_line(line, length);
    CopyField field;

    appendPQExpBufferChar(sql, '(');
    for (int i = 0; i < layout->n_output && copytext_next_field(&rest, &field); i++)
    {
        if (i > 0)
            appendPQExpBufferStr(sql, ", ");
        if (is_set_null != NULL && is_set_null[layout->output[i]])
            appendPQExpBufferStr(sql, "NULL");
        else
            append_insert_value(sql, &layout->relation->columns[layout->output[i]],
                                &field, encoding);
    }
    appendPQExpBufferChar(sql, ')');
}

static bool
has_always_identity(const Relation *relation)
{
    for (int i = 0; i < relation->n_columns; i++)
    {
        if (relation->columns[i].is_always_identity)
            return true;
    }
    return false;
}

void
inserts_append_begin(PQExpBuffer sql, const RowLayout *layout)
{
    appendPQExpBuffer(sql, "INSERT INTO %s %s%s VALUES\n", layout->relation->qname,
                      layout->column_list,
                      has_always_identity(layout->relation) ? " OVERRIDING SYSTEM VALUE"
                                                            : "");
}

void
inserts_write(Sink *sink, RowScan *scan, int rows_per_insert, const char *end,
              const bool *is_set_null, const CopyEncoding *encoding)
{
    const RowLayout *layout = &scan->sample->layouts[scan->relation];
    PQExpBufferData sql;
    size_t n_rows = 0;
    const char *line;
    size_t length;

    initPQExpBuffer(&sql);
    while ((line = rowscan_next(scan, &length)) != NULL)
    {
        bool is_first = n_rows % (size_t)rows_per_insert == 0;

        n_rows++;
        resetPQExpBuffer(&sql);
        if (layout->n_output == 0)
        {
            sink_format(sink, "INSERT INTO %s DEFAULT VALUES%s;\n",
                        layout->relation->qname, end);
            continue;
        }
        if (n_rows > 1 && is_first)
            appendPQExpBuffer(&sql, "%s;\n", end);
        else if (n_rows > 1)
            appendPQExpBufferStr(&sql, ",\n");
        if (is_first)
            inserts_append_begin(&sql, layout);
        line = rowline_skip_prefix(layout, line, &length);
        inserts_append_row(&sql, layout, line, length, is_set_null, encoding);
        sink_write(sink, sql.data, sql.len);
    }
    if (layout->n_output > 0 && n_rows > 0)
        sink_format(sink, "%s;\n", end);
    termPQExpBuffer(&sql);
}
