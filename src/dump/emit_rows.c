#include "dump/emit_rows.h"

#include <stdlib.h>

#include "base/mem.h"
#include "dump/inserts.h"
#include "sample/rowline.h"
#include "sample/rowscan.h"

/* By column: is it of a foreign key that is postponed? NULL when none is. */
static bool *
find_set_null(const EmitOrder *order, int relation)
{
    const FkGraph *graph = order->graph;
    const IntList *outgoing = &graph->outgoing[relation];
    size_t n = (size_t)graph->catalog->relations[relation].n_columns;
    bool *is_set_null = NULL;

    for (int i = 0; i < outgoing->n_items; i++)
    {
        const ForeignKey *key = graph->fks[outgoing->items[i]].foreign_key;

        if (!order->is_postponed[outgoing->items[i]])
            continue;
        if (is_set_null == NULL)
            is_set_null = mem_alloc_zero(n, sizeof(*is_set_null));
        for (int j = 0; j < key->n_columns; j++)
            is_set_null[key->referencing_columns[j]] = true;
    }
    return is_set_null;
}

static void
write_set_null_line(Sink *sink, const RowLayout *layout, const char *line, size_t length,
                    const bool *is_set_null)
{
    CopyLine rest = copytext_line(line, length);
    CopyField field;

    for (int i = 0; i < layout->n_output && copytext_next_field(&rest, &field); i++)
    {
        if (i > 0)
            sink_write(sink, "\t", 1);
        if (is_set_null[layout->output[i]])
            sink_write_string(sink, "\\N");
        else
            sink_write(sink, field.text, field.length);
    }
}

static void
write_copy(Sink *sink, RowScan *scan, const bool *is_set_null)
{
    const RowLayout *layout = &scan->sample->layouts[scan->relation];
    const char *line;
    size_t length;

    sink_format(sink, "COPY %s %s FROM stdin;\n", layout->relation->qname,
                layout->column_list);
    while ((line = rowscan_next(scan, &length)) != NULL)
    {
        line = rowline_skip_prefix(layout, line, &length);
        if (is_set_null != NULL)
            write_set_null_line(sink, layout, line, length, is_set_null);
        else
            sink_write(sink, line, length);
        sink_write(sink, "\n", 1);
    }
    sink_write_string(sink, "\\.\n");
}

/* Of the partitions as well, which may have triggers and keys that the root has not. */
static void
write_trigger_state(Sink *sink, const Relation *relation, const char *verb)
{
    if (relation->is_partitioned)
        sink_format(sink, "ALTER TABLE %s %s TRIGGER ALL;\n", relation->qname, verb);
    for (int i = 0; i < relation->n_leaves; i++)
        sink_format(sink, "ALTER TABLE ONLY %s %s TRIGGER ALL;\n",
                    relation->leaves[i].qname, verb);
}

void
emit_rows(Sink *sink, Sample *sample, Session *session, int relation,
          const RowStyle *style, const EmitOrder *order)
{
    const Relation *table = &sample->plan->catalog->relations[relation];
    RowScan scan;
    bool *is_set_null;

    if (sample->tables[relation].n_rows == 0)
        return;
    scan = rowscan_begin(sample, session, relation, style->is_ordered);
    is_set_null = find_set_null(order, relation);
    sink_write_string(sink, "\n");
    if (style->disable_triggers)
        write_trigger_state(sink, table, "DISABLE");
    if (style->rows_per_insert > 0)
        inserts_write(sink, &scan, style->rows_per_insert,
                      style->keeps_others ? "\nON CONFLICT DO NOTHING" : "", is_set_null,
                      &session->encoding);
    else
        write_copy(sink, &scan, is_set_null);
    if (style->disable_triggers)
        write_trigger_state(sink, table, "ENABLE");
    free(is_set_null);
}

static void
append_names(PQExpBuffer sql, const Relation *relation, const int *columns, int n)
{
    for (int i = 0; i < n; i++)
        appendPQExpBuffer(sql, "%s%s", i == 0 ? "" : ", ",
                          relation->columns[columns[i]].qname);
}

static void
write_fields(Sink *sink, const CopyField *fields, const RowLayout *layout,
             const int *columns, int n, bool is_first)
{
    for (int i = 0; i < n; i++)
    {
        const CopyField *field = &fields[layout->field_of_column[columns[i]]];

        if (i > 0 || !is_first)
            sink_write(sink, "\t", 1);
        sink_write(sink, field->text, field->length);
    }
}

/* The key of each row that refers to something, and what it refers with. */
static void
write_references(Sink *sink, RowScan *scan, const ForeignKey *key)
{
    const RowLayout *layout = &scan->sample->layouts[key->referencing];
    int n_fields = layout->n_prefix + layout->n_output;
    CopyField *fields = mem_alloc_zero((size_t)n_fields, sizeof(*fields));
    const char *line;
    size_t length;

    while ((line = rowscan_next(scan, &length)) != NULL)
    {
        CopyLine rest = copytext_line(line, length);
        bool has_value = false;

        for (int j = 0; j < n_fields; j++)
            (void)copytext_next_field(&rest, &fields[j]);
        for (int j = 0; j < key->n_columns; j++)
            has_value |=
                !fields[layout->field_of_column[key->referencing_columns[j]]].is_null;
        if (!has_value)
            continue;
        write_fields(sink, fields, layout, layout->relation->key, layout->relation->n_key,
                     true);
        write_fields(sink, fields, layout, key->referencing_columns, key->n_columns,
                     false);
        sink_write(sink, "\n", 1);
    }
    free(fields);
}

static void
append_update(PQExpBuffer sql, const Relation *relation, const ForeignKey *key,
              bool keeps_others)
{
    appendPQExpBuffer(sql, "UPDATE %s%s AS t SET ",
                      relation->is_partitioned ? "" : "ONLY ", relation->qname);
    for (int i = 0; i < key->n_columns; i++)
    {
        const char *name = relation->columns[key->referencing_columns[i]].qname;

        appendPQExpBuffer(sql, "%s%s = p.%s", i == 0 ? "" : ", ", name, name);
    }
    appendPQExpBufferStr(sql, "\n  FROM pg_temp.pg_sample_postponed AS p\n WHERE ");
    for (int i = 0; i < relation->n_key; i++)
    {
        const char *name = relation->columns[relation->key[i]].qname;

        /* the key's own "=" need not be on search_path; the values are the same text */
        appendPQExpBuffer(sql,
                          "%st.%s::pg_catalog.text OPERATOR(pg_catalog.=) "
                          "p.%s::pg_catalog.text",
                          i == 0 ? "" : " AND ", name, name);
    }
    /* a row that was there already has the values that it had; keys may share columns */
    for (int i = 0; keeps_others && i < key->n_columns; i++)
    {
        const char *name = relation->columns[key->referencing_columns[i]].qname;

        appendPQExpBuffer(sql,
                          "\n   AND (t.%s IS NOT DISTINCT FROM NULL OR t.%s"
                          "::pg_catalog.text OPERATOR(pg_catalog.=) p.%s"
                          "::pg_catalog.text)",
                          name, name, name);
    }
}

static void
write_postponed(Sink *sink, RowScan *scan, const ForeignKey *key, bool keeps_others)
{
    const Relation *relation = scan->sample->layouts[scan->relation].relation;
    PQExpBufferData names;
    PQExpBufferData update;

    initPQExpBuffer(&names);
    initPQExpBuffer(&update);
    append_names(&names, relation, relation->key, relation->n_key);
    appendPQExpBufferStr(&names, ", ");
    append_names(&names, relation, key->referencing_columns, key->n_columns);
    append_update(&update, relation, key, keeps_others);
    sink_format(sink,
                "\nCREATE TEMPORARY TABLE pg_sample_postponed AS\n"
                "    SELECT %s FROM %s WITH NO DATA;\n"
                "COPY pg_temp.pg_sample_postponed FROM stdin;\n",
                names.data, relation->qname);
    write_references(sink, scan, key);
    sink_format(sink, "\\.\n%s;\nDROP TABLE pg_temp.pg_sample_postponed;\n", update.data);
    termPQExpBuffer(&names);
    termPQExpBuffer(&update);
}

void
emit_rows_postponed(Sink *sink, Sample *sample, Session *session, const RowStyle *style,
                    const EmitOrder *order)
{
    for (int i = 0; i < order->graph->n_fks; i++)
    {
        const ForeignKey *key = order->graph->fks[i].foreign_key;
        RowScan scan;

        if (!order->is_postponed[i])
            continue;
        scan = rowscan_begin(sample, session, key->referencing, style->is_ordered);
        write_postponed(sink, &scan, key, style->keeps_others);
    }
}
