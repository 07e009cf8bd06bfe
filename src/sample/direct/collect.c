#include "sample/direct/collect.h"

#include "base/bigmem.h"
#include "base/mem.h"
#include "sample/budget.h"

/* In place of a key's number: the row with the key is present now. */
#define QUEUED_HAVE (-1)

static void
want_key(SampleKeys *keys, const QueuedKey *queued, const char *key)
{
    unsigned old_flags;
    size_t index = keyset_add_hashed(keys->keys, queued->hash, key, queued->length,
                                     KEY_WANTED, &old_flags);

    if ((old_flags & (KEY_WANTED | KEY_HAVE)) != 0)
        return;
    BIGMEM_GROW(keys->pending, keys->capacity, keys->n_pending);
    keys->pending[keys->n_pending++] = index;
}

static void
take_key(void *context, const QueuedKey *queued, const char *key)
{
    Sample *sample = context;

    if (queued->number == QUEUED_HAVE)
        keyset_add_hashed(queued->set, queued->hash, key, queued->length, KEY_HAVE, NULL);
    else
        want_key(&sample->keys[queued->number], queued, key);
}

static void
push_key(Sample *sample, KeySet *set, int number, const KeyValue *value)
{
    if (sample->queue == NULL)
        sample->queue = keyqueue_new(take_key, sample);
    keyqueue_push(sample->queue, set, number, value->text, value->length);
}

void
collect_flush(Sample *sample)
{
    if (sample->queue != NULL)
        keyqueue_flush(sample->queue);
}

/* The values of the row's referenced keys are present now. */
static void
note_own_keys(Sample *sample, const RowLayout *layout, int leaf)
{
    const IntList *keys = &sample->graph->keys_of[layout->position];
    KeyValue value;

    for (int i = 0; i < keys->n_items; i++)
    {
        if (rowline_get_referenced_key(layout, sample->fields, leaf,
                                       &sample->graph->referenced_keys[keys->items[i]],
                                       &sample->key_buffer, &value))
            push_key(sample, sample->keys[keys->items[i]].keys, QUEUED_HAVE, &value);
    }
}

void
collect_want_row(Sample *sample, int relation, RowId id)
{
    SampleTable *table = &sample->tables[relation];

    if (rowstore_contains(table->rows, id) || !idset_add(table->wanted_ids, id))
        return;
    BIGMEM_GROW(table->pending_ids, table->capacity_pending_ids, table->n_pending_ids);
    table->pending_ids[table->n_pending_ids++] = id;
}

/* Makes the rows with these ids pending. */
static void
want_referenced(Sample *sample, int referenced, CopyField referenced_ids)
{
    RowId id;

    while (rowline_next_referenced_id(&sample->plan->catalog->relations[referenced],
                                      &referenced_ids, &id))
        collect_want_row(sample, referenced, id);
}

static void
note_references(Sample *sample, const RowLayout *layout, int leaf)
{
    const IntList *outgoing = &sample->graph->outgoing[layout->position];
    KeyValue value;

    for (int i = 0; i < outgoing->n_items; i++)
    {
        const GraphKey *fk = &sample->graph->fks[outgoing->items[i]];

        if (rowline_get_reference(layout, sample->fields, leaf, fk, &sample->key_buffer,
                                  &value) != KEY_COMPLETE)
            continue;
        if (fk->referenced_key < 0)
            want_referenced(sample, fk->foreign_key->referenced,
                            sample->fields[layout->field_of_key[i]]);
        else
            push_key(sample, sample->keys[fk->referenced_key].keys, fk->referenced_key,
                     &value);
    }
}

bool
collect_row(Sample *sample, int relation, const char *line, size_t length)
{
    const RowLayout *layout = &sample->layouts[relation];
    SampleTable *table = &sample->tables[relation];
    RowId id;

    rowline_split(layout, line, length, sample->fields);
    id = rowline_get_row_id(layout, sample->fields);
    if (!rowstore_add(table->rows, id, line, length))
        return false;
    table->n_rows++;
    sample->n_stored++;
    note_own_keys(sample, layout, rowid_leaf(id));
    note_references(sample, layout, rowid_leaf(id));
    /* where values will become NULL, the row is noted as it will be (rowscan.h) */
    if (sample->graph->ignored_of[relation].n_items == 0)
        sample_note_output(sample, relation, line, length);
    budget_note_row(sample, relation, line, length);
    return true;
}

bool
collect_has_key(const KeySet *keys, const char *key, size_t length)
{
    size_t index = keyset_find(keys, key, length);

    return index != KEYSET_NONE && (keyset_get_flags(keys, index) & KEY_PROVEN_HAVE) != 0;
}

CollectState
collect_find_referenced(const Sample *sample, const GraphKey *fk,
                        const CopyField *referenced_ids, const KeyValue *value)
{
    int referenced = fk->foreign_key->referenced;
    CopyField rest;
    RowId id;

    if (fk->referenced_key >= 0)
        return collect_has_key(sample->keys[fk->referenced_key].keys, value->text,
                               value->length)
                   ? COLLECT_HAS
                   : COLLECT_DANGLES;
    rest = *referenced_ids;
    while (rowline_next_referenced_id(&sample->plan->catalog->relations[referenced],
                                      &rest, &id))
    {
        if (!rowstore_contains(sample->tables[referenced].rows, id))
            return COLLECT_LACKS;
    }
    return rowline_has_all_referenced(referenced_ids) ? COLLECT_HAS : COLLECT_DANGLES;
}
