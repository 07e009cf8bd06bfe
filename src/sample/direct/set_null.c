#include "sample/direct/set_null.h"

#include <string.h>

#include "base/mem.h"

static bool
is_present(const Sample *sample, const GraphKey *fk, const CopyField *referenced_ids,
           const char *key, size_t length)
{
    int referenced = fk->foreign_key->referenced;
    CopyField rest;
    RowId id;

    if (fk->referenced_key >= 0)
    {
        const KeySet *keys = sample->keys[fk->referenced_key].keys;
        size_t index = keyset_find(keys, key, length);

        return index != KEYSET_NONE && (keyset_get_flags(keys, index) & KEY_HAVE) != 0;
    }
    rest = *referenced_ids;
    while (sample_next_referenced_id(&sample->plan->catalog->relations[referenced], &rest,
                                     &id))
    {
        if (!rowstore_contains(sample->tables[referenced].rows, id))
            return false;
    }
    return sample_has_all_referenced(referenced_ids);
}

SetNullState
set_null_find(Sample *sample, const RowLayout *layout, const CopyField *fields, RowId id,
              int place)
{
    int position = sample->graph->ignored_of[layout->position].items[place];
    const GraphKey *fk = &sample->graph->ignored[position];
    const ForeignKey *key = fk->foreign_key;
    const CopyField *referenced_ids = NULL;
    int leaf = rowid_leaf(id);
    const char *text = "";
    size_t length = 0;

    if (leaf < fk->first_leaf || leaf >= fk->first_leaf + fk->n_leaves)
        return SET_NULL_NO_REFERENCE;
    switch (sample_get_key(layout, fields, key->referencing_columns, key->n_columns,
                           key->is_match_full, &sample->key_buffer, &text, &length))
    {
        case KEY_NOTHING:
            return SET_NULL_NO_REFERENCE;
        case KEY_PARTIAL:
            return SET_NULL_MISSING;
        case KEY_COMPLETE:
            break;
    }
    if (fk->referenced_key < 0)
        referenced_ids = &fields[layout->field_of_ignored[place]];
    return is_present(sample, fk, referenced_ids, text, length) ? SET_NULL_PRESENT
                                                                : SET_NULL_MISSING;
}

/* Marks the columns that become NULL; false: none. */
static bool
mark_set_null(Sample *sample, const RowLayout *layout)
{
    const FkGraph *graph = sample->graph;
    const IntList *ignored = &graph->ignored_of[layout->position];
    RowId id = sample_get_row_id(layout, sample->fields);
    bool has_any = false;

    memset(sample->is_set_null, 0,
           (size_t)layout->relation->n_columns * sizeof(*sample->is_set_null));
    for (int i = 0; i < ignored->n_items; i++)
    {
        const GraphKey *key = &graph->ignored[ignored->items[i]];

        if (set_null_find(sample, layout, sample->fields, id, i) != SET_NULL_MISSING)
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
    sample_split_line(layout, line, *length, sample->fields);
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
