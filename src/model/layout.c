#include "model/layout.h"

#include "base/arena.h"
#include "base/strbuf.h"
#include "model/query_parts.h"

static void
mark_columns(bool *is_used, const int *columns, int n)
{
    for (int i = 0; i < n; i++)
        is_used[columns[i]] = true;
}

/* Marks the columns whose values closing the sample compares. */
static void
mark_key_columns(const FkGraph *graph, int relation, bool *is_used)
{
    const IntList *outgoing = &graph->outgoing[relation];
    const IntList *ignored = &graph->ignored_of[relation];
    const IntList *keys = &graph->keys_of[relation];

    for (int i = 0; i < outgoing->n_items; i++)
    {
        const ForeignKey *key = graph->fks[outgoing->items[i]].foreign_key;

        mark_columns(is_used, key->referencing_columns, key->n_columns);
    }
    for (int i = 0; i < ignored->n_items; i++)
    {
        const ForeignKey *key = graph_get_ignored(graph, relation, i)->foreign_key;

        mark_columns(is_used, key->referencing_columns, key->n_columns);
    }
    for (int i = 0; i < keys->n_items; i++)
    {
        const ForeignKey *key = graph->referenced_keys[keys->items[i]].foreign_key;

        mark_columns(is_used, key->referenced_columns, key->n_columns);
    }
}

static void
append_separator(PQExpBuffer sql)
{
    if (sql->len > 0)
        appendPQExpBufferStr(sql, ", ");
}

/*
 * Referenced ids are found by a join and not by a subquery, so that the server can hash
 * the referenced table once instead of searching it for each row.
 */
static int
append_referenced_ids(PQExpBuffer sql, PQExpBuffer joins, const FkGraph *graph,
                      const GraphKey *fk, int number, int *field)
{
    if (fk->referenced_key >= 0)
        return -1;
    append_separator(sql);
    query_parts_append_referenced_ids(sql, joins, graph, fk, number);
    return (*field)++;
}

static int
append_all_referenced_ids(PQExpBuffer sql, PQExpBuffer joins, RowLayout *layout,
                          const FkGraph *graph, int field)
{
    const IntList *outgoing = &graph->outgoing[layout->position];
    const IntList *ignored = &graph->ignored_of[layout->position];
    Arena *arena = graph->catalog->arena;

    layout->field_of_key = ARENA_ARRAY(arena, outgoing->n_items, int);
    layout->field_of_ignored = ARENA_ARRAY(arena, ignored->n_items, int);
    for (int i = 0; i < outgoing->n_items; i++)
        layout->field_of_key[i] =
            append_referenced_ids(sql, joins, graph, &graph->fks[outgoing->items[i]], i,
                                  &field);
    for (int i = 0; i < ignored->n_items; i++)
        layout->field_of_ignored[i] =
            append_referenced_ids(sql, joins, graph,
                                  graph_get_ignored(graph, layout->position, i),
                                  outgoing->n_items + i, &field);
    return field;
}

/* Appends the columns for which is_output is (not) set; returns the next field. */
static int
append_layout_columns(PQExpBuffer sql, RowLayout *layout, const bool *is_used,
                      bool is_output, int field)
{
    const Relation *relation = layout->relation;

    for (int i = 0; i < relation->n_columns; i++)
    {
        const Column *column = &relation->columns[i];

        if (column->is_generated == is_output || (!is_output && !is_used[i]))
            continue;
        append_separator(sql);
        appendPQExpBuffer(sql, "t.%s", column->qname);
        layout->field_of_column[i] = field++;
        if (is_output)
            layout->output[layout->n_output++] = i;
    }
    return field;
}

static const char *
format_column_list(const RowLayout *layout, Arena *arena)
{
    PQExpBufferData text;
    const char *copy;

    initPQExpBuffer(&text);
    for (int i = 0; i < layout->n_output; i++)
        appendPQExpBuffer(&text, "%s%s", i == 0 ? "(" : ", ",
                          layout->relation->columns[layout->output[i]].qname);
    if (layout->n_output > 0)
        appendPQExpBufferChar(&text, ')');
    copy = arena_copy_string(arena, text.data);
    termPQExpBuffer(&text);
    return copy;
}

static void
build_one(RowLayout *layout, const FkGraph *graph, int position)
{
    Arena *arena = graph->catalog->arena;
    const Relation *relation = &graph->catalog->relations[position];
    size_t n_columns = (size_t)relation->n_columns;
    bool *is_used = ARENA_ARRAY(arena, n_columns, bool);
    PQExpBufferData sql;
    PQExpBufferData joins;
    int field;

    layout->relation = relation;
    layout->position = position;
    layout->has_tableoid = relation->is_partitioned;
    layout->begin = "COPY (";
    layout->end = ") TO STDOUT";
    layout->field_of_column = ARENA_ARRAY(arena, n_columns, int);
    layout->output = ARENA_ARRAY(arena, n_columns, int);
    for (size_t i = 0; i < n_columns; i++)
        layout->field_of_column[i] = -1;
    mark_key_columns(graph, position, is_used);
    initPQExpBuffer(&sql);
    initPQExpBuffer(&joins);
    appendPQExpBufferStr(&sql, layout->has_tableoid ? "t.tableoid, t.ctid" : "t.ctid");
    field = append_all_referenced_ids(&sql, &joins, layout, graph,
                                      layout->has_tableoid ? 2 : 1);
    layout->n_prefix = append_layout_columns(&sql, layout, is_used, false, field);
    append_layout_columns(&sql, layout, is_used, true, layout->n_prefix);
    layout->n_fields = layout->n_prefix;
    for (size_t i = 0; i < n_columns; i++)
    {
        if (is_used[i] && layout->field_of_column[i] >= layout->n_fields)
            layout->n_fields = layout->field_of_column[i] + 1;
    }
    layout->select_list = arena_copy_string(arena, sql.data);
    layout->joins = arena_copy_string(arena, joins.data);
    layout->column_list = format_column_list(layout, arena);
    termPQExpBuffer(&sql);
    termPQExpBuffer(&joins);
}

const RowLayout *
layout_build(const FkGraph *graph)
{
    int n = graph->catalog->n_relations;
    RowLayout *layouts = ARENA_ARRAY(graph->catalog->arena, n, RowLayout);

    for (int i = 0; i < n; i++)
        build_one(&layouts[i], graph, i);
    return layouts;
}
