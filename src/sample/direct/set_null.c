#include "sample/direct/set_null.h"

#include <string.h>

#include "base/mem.h"
#include "sample/direct/collect.h"

SetNullState
set_null_find(Sample *sample, const RowLayout *layout, RowId id, int position)
{
    const GraphKey *fk = graph_get_ignored(sample->graph, layout->position, position);
    const CopyField *referenced_ids = NULL;
    KeyValue value;

    switch (rowline_get_reference(layout, sample->fields, rowid_leaf(id), fk,
                                  &sample->key_buffer, &value))
    {
        case KEY_NOTHING:
            return SET_NULL_NO_REFERENCE;
        case KEY_PARTIAL:
            return SET_NULL_MISSING;
        case KEY_COMPLETE:
            break;
    }
    if (fk->referenced_key < 0)
        referenced_ids = &sample->fields[layout->field_of_ignored[position]];
    return collect_find_referenced(sample, fk, referenced_ids, &value) == COLLECT_HAS
               ? SET_NULL_PRESENT
               : SET_NULL_MISSING;
}

/* Marks the columns that become NULL; false: none. */
static bool
mark_set_null(Sample *sample, const RowLayout *layout)
{
    const FkGraph *graph = sample->graph;
    const IntList *ignored = &graph->ignored_of[layout->position];
    RowId id = rowline_get_row_id(layout, sample->fields);
    bool has_any = false;

    memset(sample->is_set_null, 0,
           (size_t)layout->relation->n_columns * sizeof(*sample->is_set_null));
    for (int i = 0; i < ignored->n_items; i++)
    {
        const GraphKey *key = graph_get_ignored(graph, layout->position, i);

        if (set_null_find(sample, layout, id, i) != SET_NULL_MISSING)
            continue;
        for (int j = 0; j < key->n_set_null; j++)
            sample->is_set_null[key->set_null[j]] = true;
        has_any = true;
    }
    return has_any;
}

const char *
set_null_apply(Sample *sample, int relation, const char *line, size_t *length)
{
    const RowLayout *layout = &sample->layouts[relation];
    PQExpBuffer buffer = &sample->line_buffer;
    CopyLine rest;
    CopyField field;

    if (sample->graph->ignored_of[relation].n_items == 0)
        return line;
    rowline_split(layout, line, *length, sample->fields);
    if (!mark_set_null(sample, layout))
        return line;
    resetPQExpBuffer(buffer);
    rest = copytext_line(line, *length);
    for (int i = 0; copytext_next_field(&rest, &field); i++)
    {
        if (i > 0)
            appendPQExpBufferChar(buffer, '\t');
        if (i >= layout->n_prefix &&
            sample->is_set_null[layout->output[i - layout->n_prefix]])
            appendPQExpBufferStr(buffer, "\\N");
        else
            appendBinaryPQExpBuffer(buffer, field.text, field.length);
    }
    if (PQExpBufferBroken(buffer))
        mem_die();
    *length = buffer->len;
    return buffer->data;
}
