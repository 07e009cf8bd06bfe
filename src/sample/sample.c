#include "sample/sample.h"

#include <stdlib.h>
#include <string.h>

#include "base/bigmem.h"
#include "base/mem.h"
#include "model/mask_plan.h"
#include "sample/direct/proof_marks.h"
#include "sample/rowline.h"

enum
{
    TYPE_OID = 26
};

static void
find_sequences(Sample *sample)
{
    const Catalog *catalog = sample->plan->catalog;

    for (int i = 0; i < catalog->n_sequences; i++)
    {
        const Sequence *sequence = &catalog->sequences[i];
        SampleTable *table;
        size_t n_columns;

        if (sequence->relation < 0)
            continue;
        table = &sample->tables[sequence->relation];
        n_columns = (size_t)catalog->relations[sequence->relation].n_columns;
        if (table->drawn_from == NULL)
        {
            table->drawn_from = mem_alloc_zero(n_columns, sizeof(*table->drawn_from));
            table->last_values = mem_alloc_zero(n_columns, sizeof(*table->last_values));
            table->has_value = mem_alloc_zero(n_columns, sizeof(*table->has_value));
        }
        table->drawn_from[sequence->column] = sequence;
        table->has_sequence = true;
    }
}

/* Are rows of the relation found by the ids that ignored foreign keys refer to? */
static bool
is_found_by_id(const FkGraph *graph, int relation)
{
    for (int i = 0; i < graph->n_ignored; i++)
    {
        const GraphKey *fk = &graph->ignored[i];

        if (fk->foreign_key->referenced == relation && fk->referenced_key < 0)
            return true;
    }
    return false;
}

/* Can rows of the relation come more than once: from several queries, or from a join? */
static bool
has_duplicates(const Sample *sample, int relation)
{
    const Plan *plan = sample->plan;

    return sample->layouts[relation].joins[0] != '\0' ||
           sample->graph->incoming[relation].n_items > 0 ||
           is_found_by_id(sample->graph, relation) ||
           sample->graph->references_to[relation].n_items > 0 ||
           plan->tables[relation].n_picks > 1 || plan->subset != NULL;
}

static void
prepare_tables(Sample *sample)
{
    const Catalog *catalog = sample->plan->catalog;
    int n_fields = 0;

    sample->tables = mem_alloc_zero((size_t)catalog->n_relations, sizeof(SampleTable));
    for (int i = 0; i < catalog->n_relations; i++)
    {
        const IntList *incoming = &sample->graph->incoming[i];
        SampleTable *table = &sample->tables[i];

        table->rows = rowstore_new(sample->spool, has_duplicates(sample, i));
        table->percent_of = -1;
        if (sample->graph->references_to[i].n_items > 0)
            table->wanted_ids = idset_new();
        for (int j = 0; j < incoming->n_items; j++)
        {
            if (sample->graph->fks[incoming->items[j]].referenced_key < 0 &&
                table->wanted_ids == NULL)
                table->wanted_ids = idset_new();
        }
        if (catalog->relations[i].n_columns + sample->layouts[i].n_prefix > n_fields)
            n_fields = catalog->relations[i].n_columns + sample->layouts[i].n_prefix;
    }
    sample->fields = mem_alloc_zero((size_t)n_fields, sizeof(CopyField));
    sample->is_set_null = mem_alloc_zero((size_t)n_fields, sizeof(*sample->is_set_null));
}

Sample *
sample_new(const Plan *plan, const FkGraph *graph, const RowLayout *layouts,
           size_t memory_limit, bool has_large_objects)
{
    Sample *sample = mem_alloc_zero(1, sizeof(*sample));

    sample->plan = plan;
    sample->graph = graph;
    sample->layouts = layouts;
    sample->fetch_layouts = layouts;
    sample->picking = -1;
    sample->spool = spool_new(memory_limit);
    prepare_tables(sample);
    find_sequences(sample);
    sample->keys = mem_alloc_zero((size_t)graph->n_referenced_keys, sizeof(SampleKeys));
    for (int i = 0; i < graph->n_referenced_keys; i++)
        sample->keys[i].keys = keyset_new();
    sample->references =
        mem_alloc_zero((size_t)plan->catalog->n_references, sizeof(SampleReference));
    sample->large_objects = has_large_objects ? idset_new() : NULL;
    initPQExpBuffer(&sample->key_buffer);
    initPQExpBuffer(&sample->line_buffer);
    return sample;
}

void
sample_free(Sample *sample)
{
    if (sample == NULL)
        return;
    for (int i = 0; i < sample->plan->catalog->n_relations; i++)
    {
        SampleTable *table = &sample->tables[i];

        rowstore_free(table->rows);
        idset_free(table->wanted_ids);
        bigmem_free(table->pending_ids);
        free(table->pick_counts);
        free(table->last_values);
        free(table->drawn_from);
        free(table->has_value);
    }
    for (int i = 0; i < sample->graph->n_referenced_keys; i++)
    {
        keyset_free(sample->keys[i].keys);
        bigmem_free(sample->keys[i].pending);
    }
    for (int i = 0; sample->outside != NULL && i < sample->plan->catalog->n_relations;
         i++)
        idset_free(sample->outside[i]);
    free(sample->outside);
    downset_free(sample->down, (size_t)sample->plan->catalog->n_relations);
    downpairs_free(sample->down_pairs, (size_t)sample->graph->n_links);
    free(sample->tables);
    free(sample->keys);
    free(sample->references);
    idset_free(sample->large_objects);
    keyqueue_free(sample->queue);
    proof_marks_free(sample->marks);
    termPQExpBuffer(&sample->key_buffer);
    termPQExpBuffer(&sample->line_buffer);
    free(sample->is_set_null);
    free(sample->fields);
    spool_free(sample->spool);
    free(sample);
}

static void
note_sequence_value(SampleTable *table, int column, const CopyField *field)
{
    const Sequence *sequence = table->drawn_from[column];
    char *end;
    long long value;

    if (field->is_null || field->length == 0)
        return;
    value = strtoll(field->text, &end, 10);
    if (end != field->text + field->length)
        return; /* text, or a fraction: nothing that the sequence gave */
    if (value < sequence->minimum || value > sequence->maximum)
        return;
    if (!table->has_value[column] ||
        (sequence->is_descending ? value < table->last_values[column]
                                 : value > table->last_values[column]))
        table->last_values[column] = value;
    table->has_value[column] = true;
}

/* Looks at every output column, not only at keys. */
static void
note_output_values(Sample *sample, const RowLayout *layout, const char *line,
                   size_t length)
{
    SampleTable *table = &sample->tables[layout->position];
    CopyLine rest = copytext_line(line, length);
    CopyField field;
    int i = 0;

    while (copytext_next_field(&rest, &field))
    {
        int output = i++ - layout->n_prefix;
        int column;

        if (output < 0 || output >= layout->n_output)
            continue;
        column = layout->output[output];
        if (table->has_sequence && table->drawn_from[column] != NULL)
            note_sequence_value(table, column, &field);
        if (sample->large_objects != NULL &&
            layout->relation->columns[column].type == TYPE_OID && !field.is_null &&
            /* what a mask makes of a number is NULL, or no number of the source's */
            !mask_plan_has_column(sample->plan->masks, layout->position, column))
            idset_add(sample->large_objects, strtoul(field.text, NULL, 10));
    }
}

void
sample_forget_output(Sample *sample, int relation)
{
    SampleTable *table = &sample->tables[relation];
    size_t n = (size_t)sample->plan->catalog->relations[relation].n_columns;

    table->n_bytes = 0;
    table->is_noted = false;
    if (table->has_sequence)
        memset(table->has_value, 0, n * sizeof(*table->has_value));
}

void
sample_note_output(Sample *sample, int relation, const char *line, size_t length)
{
    const RowLayout *layout = &sample->layouts[relation];
    SampleTable *table = &sample->tables[relation];

    if (table->is_noted)
        return;
    table->n_bytes += rowline_count_output(layout, line, length);
    if (table->has_sequence || sample->large_objects != NULL)
        note_output_values(sample, layout, line, length);
}
