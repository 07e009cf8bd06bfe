/*
 * The row that each row of the sample refers to, by foreign key. The keys of a row were
 * noted in key sets as the row came, so each row of the store is read twice: first as a
 * referenced row, which gives the row of each key, and then as a referencing row. A
 * foreign key with PERIOD may refer to several rows, which are kept as pairs.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "sample/direct/provenance_memory_internal.h"
#include "sample/rowline.h"

/* Notes the row as that of its referenced keys. */
static void
number_own_keys(const ProvenanceMemory *memory, uint32_t **rows_of_keys, int relation,
                RowId id)
{
    Sample *sample = memory->sample;
    const IntList *keys = &memory->graph->keys_of[relation];
    uint32_t row = provenance_memory_rows_find(memory, relation, id);
    KeyValue value;

    for (int i = 0; i < keys->n_items; i++)
    {
        size_t index;

        if (!rowline_get_referenced_key(&sample->layouts[relation], sample->fields,
                                        rowid_leaf(id),
                                        &memory->graph->referenced_keys[keys->items[i]],
                                        &sample->key_buffer, &value))
            continue;
        index = keyset_find(sample->keys[keys->items[i]].keys, value.text, value.length);
        if (index != KEYSET_NONE)
            rows_of_keys[keys->items[i]][index] = row;
    }
}

static uint32_t
find_referenced(const ProvenanceMemory *memory, uint32_t *const *rows_of_keys,
                int relation, int outgoing, RowId id)
{
    Sample *sample = memory->sample;
    const RowLayout *layout = &sample->layouts[relation];
    const GraphKey *fk =
        &memory->graph->fks[memory->graph->outgoing[relation].items[outgoing]];
    KeyValue value;
    size_t index;

    if (rowline_get_reference(layout, sample->fields, rowid_leaf(id), fk,
                              &sample->key_buffer, &value) != KEY_COMPLETE)
        return PROVENANCE_NO_ROW;
    if (fk->referenced_key < 0)
    {
        int referenced = fk->foreign_key->referenced;
        CopyField referenced_ids = sample->fields[layout->field_of_key[outgoing]];
        RowId referenced_row;

        return rowline_next_referenced_id(&memory->graph->catalog->relations[referenced],
                                          &referenced_ids, &referenced_row)
                   ? provenance_memory_rows_find(memory, referenced, referenced_row)
                   : PROVENANCE_NO_ROW;
    }
    index = keyset_find(sample->keys[fk->referenced_key].keys, value.text, value.length);
    return index != KEYSET_NONE ? rows_of_keys[fk->referenced_key][index]
                                : PROVENANCE_NO_ROW;
}

/* Has the foreign key pairs, since a row may refer to several rows? */
static bool
has_pairs(const GraphKey *fk)
{
    return fk->foreign_key->period >= 0 && fk->referenced_key < 0;
}

/* All rows that the row refers to by a foreign key that has pairs. */
static void
add_pairs(ProvenanceMemory *memory, int relation, int outgoing, RowId id)
{
    const RowLayout *layout = &memory->sample->layouts[relation];
    int position = memory->graph->outgoing[relation].items[outgoing];
    const GraphKey *fk = &memory->graph->fks[position];
    int referenced = fk->foreign_key->referenced;
    CopyField referenced_ids = memory->sample->fields[layout->field_of_key[outgoing]];
    int leaf = rowid_leaf(id);
    RowId referenced_row;

    if (leaf < fk->first_leaf || leaf >= fk->first_leaf + fk->n_leaves)
        return;
    while (rowline_next_referenced_id(&memory->graph->catalog->relations[referenced],
                                      &referenced_ids, &referenced_row))
        provenance_memory_pairs_add(&memory->pairs[position],
                                    provenance_memory_rows_find(memory, relation, id),
                                    provenance_memory_rows_find(memory, referenced,
                                                                referenced_row));
}

/* Splits the i-th row of the relation into the sample's fields. */
static RowId
split_row(const ProvenanceMemory *memory, int relation, size_t i)
{
    Sample *sample = memory->sample;
    const RowLayout *layout = &sample->layouts[relation];
    size_t length;
    const char *line = rowstore_get(sample->tables[relation].rows, i, &length);

    rowline_split(layout, line, length, sample->fields);
    return rowstore_get_id(sample->tables[relation].rows, i);
}

static uint32_t **
find_rows_of_keys(const ProvenanceMemory *memory)
{
    const FkGraph *graph = memory->graph;
    uint32_t **rows_of_keys =
        mem_alloc_zero((size_t)graph->n_referenced_keys, sizeof(*rows_of_keys));

    for (int i = 0; i < graph->n_referenced_keys; i++)
    {
        size_t n = keyset_count(memory->sample->keys[i].keys);

        rows_of_keys[i] = mem_alloc(n * sizeof(uint32_t));
        memset(rows_of_keys[i], 0xff, n * sizeof(uint32_t));
    }
    for (int i = 0; i < graph->catalog->n_relations; i++)
    {
        size_t n = rowstore_count(memory->sample->tables[i].rows);

        for (size_t j = 0; graph->keys_of[i].n_items > 0 && j < n; j++)
        {
            RowId id = split_row(memory, i, j);

            number_own_keys(memory, rows_of_keys, i, id);
        }
    }
    return rows_of_keys;
}

static void
find_references_of(ProvenanceMemory *memory, uint32_t *const *rows_of_keys, int relation)
{
    const IntList *outgoing = &memory->graph->outgoing[relation];
    size_t n = rowstore_count(memory->sample->tables[relation].rows);

    if (outgoing->n_items == 0)
        return;
    for (int i = 0; i < outgoing->n_items; i++)
    {
        size_t size =
            (memory->first[relation + 1] - memory->first[relation]) * sizeof(uint32_t);

        memory->referenced[outgoing->items[i]] = mem_alloc(size);
        memset(memory->referenced[outgoing->items[i]], 0xff, size);
    }
    for (size_t i = 0; i < n; i++)
    {
        RowId id = split_row(memory, relation, i);
        uint32_t row =
            provenance_memory_rows_find(memory, relation, id) - memory->first[relation];

        for (int j = 0; j < outgoing->n_items; j++)
        {
            if (has_pairs(&memory->graph->fks[outgoing->items[j]]))
                add_pairs(memory, relation, j, id);
            else
                memory->referenced[outgoing->items[j]][row] =
                    find_referenced(memory, rows_of_keys, relation, j, id);
        }
    }
    for (int i = 0; i < outgoing->n_items; i++)
        provenance_memory_pairs_sort(&memory->pairs[outgoing->items[i]]);
}

void
provenance_memory_references_find(ProvenanceMemory *memory)
{
    uint32_t **rows_of_keys = find_rows_of_keys(memory);

    memory->pairs = mem_alloc_zero((size_t)memory->graph->n_links, sizeof(PairList));
    memory->referenced =
        mem_alloc_zero((size_t)memory->graph->n_fks, sizeof(*memory->referenced));
    for (int i = 0; i < memory->graph->catalog->n_relations; i++)
        find_references_of(memory, rows_of_keys, i);
    for (int i = 0; i < memory->graph->n_referenced_keys; i++)
        free(rows_of_keys[i]);
    free(rows_of_keys);
}
