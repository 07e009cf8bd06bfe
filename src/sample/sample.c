#include "sample/sample.h"

#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/mem.h"
#include "sample/budget.h"

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

/* Are rows of the relation found by locators of ignored keys? */
static bool
is_located(const FkGraph *graph, int relation)
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
           is_located(sample->graph, relation) ||
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
        free(table->pending_ids);
        free(table->last_values);
        free(table->drawn_from);
        free(table->has_value);
    }
    for (int i = 0; i < sample->graph->n_referenced_keys; i++)
    {
        keyset_free(sample->keys[i].keys);
        free(sample->keys[i].pending);
    }
    for (int i = 0; sample->outside != NULL && i < sample->plan->catalog->n_relations;
         i++)
        idset_free(sample->outside[i]);
    free(sample->outside);
    downset_free(sample->down, (size_t)sample->plan->catalog->n_relations);
    free(sample->tables);
    free(sample->keys);
    free(sample->references);
    idset_free(sample->large_objects);
    termPQExpBuffer(&sample->key_buffer);
    termPQExpBuffer(&sample->line_buffer);
    free(sample->is_set_null);
    free(sample->fields);
    spool_free(sample->spool);
    free(sample);
}

static _Noreturn void
die_malformed(const Relation *relation)
{
    die_message(EXIT_SERVER, "a row of %s came in an unexpected form", relation->qname);
}

void
sample_split_line(const RowLayout *layout, const char *line, size_t length,
                  CopyField *fields)
{
    CopyLine rest = copytext_line(line, length);

    for (int i = 0; i < layout->n_fields; i++)
    {
        if (!copytext_next_field(&rest, &fields[i]))
            die_malformed(layout->relation);
    }
}

const char *
sample_skip_prefix(const RowLayout *layout, const char *line, size_t *length)
{
    const char *end = line + *length;

    for (int i = 0; i < layout->n_prefix; i++)
    {
        const char *tab = memchr(line, '\t', (size_t)(end - line));

        if (tab == NULL && (layout->n_output > 0 || i + 1 < layout->n_prefix))
            die_malformed(layout->relation);
        line = tab != NULL ? tab + 1 : end;
    }
    *length = (size_t)(end - line);
    return line;
}

RowId
sample_get_row_id(const RowLayout *layout, const CopyField *fields)
{
    const CopyField *ctid = &fields[layout->has_tableoid ? 1 : 0];
    uint32_t block;
    uint32_t offset;
    int leaf = 0;

    if (layout->has_tableoid)
        leaf = catalog_find_leaf(layout->relation,
                                 (CatalogOid)strtoul(fields[0].text, NULL, 10));
    if (leaf < 0 || !rowid_parse_ctid(ctid->text, ctid->length, &block, &offset))
        die_malformed(layout->relation);
    return rowid_make(leaf, block, offset);
}

KeyState
sample_get_key(const RowLayout *layout, const CopyField *fields, const int *columns,
               int n_columns, bool is_match_full, PQExpBuffer buffer, const char **key,
               size_t *length)
{
    int n_null = 0;

    for (int i = 0; i < n_columns; i++)
        n_null += fields[layout->field_of_column[columns[i]]].is_null ? 1 : 0;
    if (n_null > 0)
        return is_match_full && n_null < n_columns ? KEY_PARTIAL : KEY_NOTHING;
    if (n_columns == 1)
    {
        const CopyField *field = &fields[layout->field_of_column[columns[0]]];

        *key = field->text;
        *length = field->length;
        return KEY_COMPLETE;
    }
    resetPQExpBuffer(buffer);
    for (int i = 0; i < n_columns; i++)
    {
        const CopyField *field = &fields[layout->field_of_column[columns[i]]];

        if (i > 0)
            appendPQExpBufferChar(buffer, '\t');
        appendBinaryPQExpBuffer(buffer, field->text, field->length);
    }
    *key = buffer->data;
    *length = buffer->len;
    return KEY_COMPLETE;
}

static RowId
parse_row_id(const Relation *referenced, const char *text, size_t length)
{
    char *next;
    CatalogOid leaf_oid = (CatalogOid)strtoul(text, &next, 10);
    size_t used = (size_t)(next - text);
    int leaf = catalog_find_leaf(referenced, leaf_oid);
    uint32_t block;
    uint32_t offset;

    if (leaf < 0 || used > length ||
        !rowid_parse_ctid(next, length - used, &block, &offset))
        die_malformed(referenced);
    return rowid_make(leaf, block, offset);
}

static void
skip(CopyField *field, size_t n)
{
    field->text += n;
    field->length -= n;
}

bool
sample_next_referenced_id(const Relation *referenced, CopyField *referenced_ids,
                          RowId *id)
{
    const char *end;
    size_t length;

    if (referenced_ids->is_null)
        return false;
    while (referenced_ids->length > 0 && strchr("+- ", referenced_ids->text[0]) != NULL)
        skip(referenced_ids, 1);
    if (referenced_ids->length == 0)
        return false;
    end = memchr(referenced_ids->text, ' ', referenced_ids->length);
    length = end != NULL ? (size_t)(end - referenced_ids->text) : referenced_ids->length;
    *id = parse_row_id(referenced, referenced_ids->text, length);
    skip(referenced_ids, length);
    return true;
}

bool
sample_has_all_referenced(const CopyField *referenced_ids)
{
    return !referenced_ids->is_null && referenced_ids->length > 0 &&
           referenced_ids->text[0] != '-';
}

/* Asks for the rows that are referred to. */
static void
want_located(Sample *sample, int referenced, CopyField referenced_ids)
{
    RowId id;

    while (sample_next_referenced_id(&sample->plan->catalog->relations[referenced],
                                     &referenced_ids, &id))
        sample_want_row(sample, referenced, id);
}

/* The row has these keys now, whoever asks for them. */
static void
note_own_keys(Sample *sample, const RowLayout *layout, const CopyField *fields, RowId id)
{
    const IntList *keys = &sample->graph->keys_of[layout->position];

    for (int i = 0; i < keys->n_items; i++)
    {
        const ReferencedKey *key = &sample->graph->referenced_keys[keys->items[i]];
        int leaf = rowid_leaf(id);
        const char *text;
        size_t length;

        if (leaf < key->first_leaf || leaf >= key->first_leaf + key->n_leaves)
            continue;
        if (sample_get_key(layout, fields, key->foreign_key->referenced_columns,
                           key->foreign_key->n_columns, false, &sample->key_buffer, &text,
                           &length) == KEY_COMPLETE)
            keyset_add(sample->keys[keys->items[i]].keys, text, length, KEY_HAVE, NULL);
    }
}

static void
want_key(SampleKeys *keys, const char *text, size_t length)
{
    unsigned old_flags;
    size_t index = keyset_add(keys->keys, text, length, KEY_WANTED, &old_flags);

    if (old_flags != 0)
        return;
    MEM_GROW(keys->pending, keys->capacity, keys->n_pending);
    keys->pending[keys->n_pending++] = index;
}

void
sample_want_row(Sample *sample, int relation, RowId id)
{
    SampleTable *table = &sample->tables[relation];

    if (rowstore_contains(table->rows, id) || !idset_add(table->wanted_ids, id))
        return;
    MEM_GROW(table->pending_ids, table->capacity_pending_ids, table->n_pending_ids);
    table->pending_ids[table->n_pending_ids++] = id;
}

static void
note_references(Sample *sample, const RowLayout *layout, const CopyField *fields,
                RowId id)
{
    const IntList *outgoing = &sample->graph->outgoing[layout->position];

    for (int i = 0; i < outgoing->n_items; i++)
    {
        const GraphKey *fk = &sample->graph->fks[outgoing->items[i]];
        const ForeignKey *key = fk->foreign_key;
        int leaf = rowid_leaf(id);
        const char *text;
        size_t length;

        if (leaf < fk->first_leaf || leaf >= fk->first_leaf + fk->n_leaves)
            continue;
        if (fk->referenced_key < 0)
            want_located(sample, key->referenced, fields[layout->field_of_key[i]]);
        else if (sample_get_key(layout, fields, key->referencing_columns, key->n_columns,
                                key->is_match_full, &sample->key_buffer, &text,
                                &length) == KEY_COMPLETE)
            want_key(&sample->keys[fk->referenced_key], text, length);
    }
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
note_values(Sample *sample, const RowLayout *layout, const char *line, size_t length)
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
            layout->relation->columns[column].type == TYPE_OID && !field.is_null)
            idset_add(sample->large_objects, strtoul(field.text, NULL, 10));
    }
}

static void
count_bytes(Sample *sample, int relation, const char *line, size_t length)
{
    sample_skip_prefix(&sample->layouts[relation], line, &length);
    sample->tables[relation].n_bytes += length + 1;
}

static void
note_interesting(Sample *sample, int relation, const char *line, size_t length)
{
    if (sample->tables[relation].has_sequence || sample->large_objects != NULL)
        note_values(sample, &sample->layouts[relation], line, length);
}

void
sample_note_output(Sample *sample, int relation, const char *line, size_t length)
{
    if (sample->tables[relation].is_noted)
        return;
    count_bytes(sample, relation, line, length);
    note_interesting(sample, relation, line, length);
}

void
sample_note_set_null(Sample *sample, int relation, const char *line, size_t length,
                     size_t old_length)
{
    if (sample->tables[relation].is_noted)
        return;
    sample->tables[relation].n_bytes += length;
    sample->tables[relation].n_bytes -= old_length;
    note_interesting(sample, relation, line, length);
}

bool
sample_add_row(Sample *sample, int relation, const char *line, size_t length)
{
    const RowLayout *layout = &sample->layouts[relation];
    SampleTable *table = &sample->tables[relation];
    RowId id;

    sample_split_line(layout, line, length, sample->fields);
    id = sample_get_row_id(layout, sample->fields);
    if (!rowstore_add(table->rows, id, line, length))
        return false;
    table->n_rows++;
    note_own_keys(sample, layout, sample->fields, id);
    note_references(sample, layout, sample->fields, id);
    count_bytes(sample, relation, line, length);
    /* values that will become NULL say nothing, and which those are is not known yet */
    if (sample->graph->ignored_of[relation].n_items == 0)
        note_interesting(sample, relation, line, length);
    budget_note_row(sample, relation, line, length);
    return true;
}
