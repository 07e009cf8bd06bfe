#include "sample/direct/set_null.h"

#include <string.h>

static bool
is_present(const Sample *sample, const Edge *edge, const CopyField *locator,
           const char *key, size_t length)
{
    int referenced = edge->foreign_key->referenced;
    CopyField rest;
    RowId id;

    if (edge->referenced_key >= 0)
    {
        const KeySet *keys = sample->keys[edge->referenced_key].keys;
        size_t index = keyset_find(keys, key, length);

        return index != KEYSET_NONE && (keyset_get_flags(keys, index) & KEY_HAVE) != 0;
    }
    rest = *locator;
    while (sample_next_located(&sample->plan->catalog->relations[referenced], &rest, &id))
    {
        if (!rowstore_contains(sample->tables[referenced].rows, id))
            return false;
    }
    return sample_is_located(locator);
}

NullingState
nulling_find(Sample *sample, const RowLayout *layout, const CopyField *fields, RowId id,
             int place)
{
    int position = sample->graph->ignored_of[layout->position].items[place];
    const Edge *edge = &sample->graph->ignored[position].edge;
    const ForeignKey *key = edge->foreign_key;
    const CopyField *locator = NULL;
    int leaf = rowid_leaf(id);
    const char *text = "";
    size_t length = 0;

    if (leaf < edge->first_leaf || leaf >= edge->first_leaf + edge->n_leaves)
        return NULLING_NO_REFERENCE;
    switch (sample_get_key(layout, fields, key->referencing_columns, key->n_columns,
                           key->is_match_full, &sample->key_buffer, &text, &length))
    {
        case KEY_NOTHING:
            return NULLING_NO_REFERENCE;
        case KEY_PARTIAL:
            return NULLING_MISSING;
        case KEY_COMPLETE:
            break;
    }
    if (edge->referenced_key < 0)
        locator = &fields[layout->field_of_ignored[place]];
    return is_present(sample, edge, locator, text, length) ? NULLING_PRESENT
                                                           : NULLING_MISSING;
}

/* Marks the columns that become NULL; false: none. */
static bool
mark_nulled(Sample *sample, const RowLayout *layout)
{
    const FkGraph *graph = sample->graph;
    const IntList *ignored = &graph->ignored_of[layout->position];
    RowId id = sample_get_place(layout, sample->fields);
    bool has_any = false;

    memset(sample->is_nulled, 0,
           (size_t)layout->relation->n_columns * sizeof(*sample->is_nulled));
    for (int i = 0; i < ignored->n_items; i++)
    {
        const IgnoredKey *key = &graph->ignored[ignored->items[i]];

        if (nulling_find(sample, layout, sample->fields, id, i) != NULLING_MISSING)
            continue;
        for (int j = 0; j < key->n_nulled; j++)
            sample->is_nulled[key->nulled[j]] = true;
        has_any = true;
    }
    return has_any;
}

const char *
nulling_apply(Sample *sample, int relation, const char *line, size_t *length)
{
    const RowLayout *layout = &sample->layouts[relation];
    PQExpBuffer buffer = &sample->line_buffer;
    CopyLine rest;
    CopyField field;

    if (sample->graph->ignored_of[relation].n_items == 0)
        return line;
    sample_split_line(layout, line, *length, sample->fields);
    if (!mark_nulled(sample, layout))
        return line;
    resetPQExpBuffer(buffer);
    rest = copytext_line(line, *length);
    for (int i = 0; copytext_next_field(&rest, &field); i++)
    {
        if (i > 0)
            appendPQExpBufferChar(buffer, '\t');
        if (i >= layout->n_prefix &&
            sample->is_nulled[layout->output[i - layout->n_prefix]])
            appendPQExpBufferStr(buffer, "\\N");
        else
            appendBinaryPQExpBuffer(buffer, field.text, field.length);
    }
    if (PQExpBufferBroken(buffer))
        mem_die();
    *length = buffer->len;
    return buffer->data;
}
