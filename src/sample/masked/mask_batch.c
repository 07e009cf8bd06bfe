#include "sample/masked/mask_batch.h"

#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/mem.h"
#include "sample/masked/mask_canonical.h"
#include "sample/rowline.h"

enum
{
    MAX_BATCH_BYTES = 4 * 1024 * 1024 /* of raw lines */
};

static int
count_most_columns(const Catalog *catalog)
{
    int n = 0;

    for (int i = 0; i < catalog->n_relations; i++)
    {
        if (catalog->relations[i].n_columns > n)
            n = catalog->relations[i].n_columns;
    }
    return n;
}

MaskBatch *
mask_batch_new(const Sample *sample, const MaskPlan *plan, MaskServer *server,
               MaskSeed seed)
{
    MaskBatch *batch = mem_alloc_zero(1, sizeof(*batch));
    size_t n_columns = (size_t)count_most_columns(plan->catalog);

    batch->sample = sample;
    batch->plan = plan;
    batch->server = server;
    batch->seed = seed;
    for (int i = 0; i < MASK_SIDES; i++)
    {
        MaskLines *lines = &batch->sides[i];

        initPQExpBuffer(&lines->text);
        lines->starts = mem_alloc_zero(MASK_BATCH_ROWS + 1, sizeof(*lines->starts));
        lines->values = mem_alloc_zero(n_columns, sizeof(*lines->values));
        lines->canonical = mem_alloc_zero(n_columns, sizeof(*lines->canonical));
        lines->tuples = mem_alloc_zero(n_columns, sizeof(*lines->tuples));
    }
    batch->leaves = mem_alloc_zero(MASK_BATCH_ROWS, sizeof(*batch->leaves));
    batch->forms = mem_alloc_zero(n_columns, sizeof(*batch->forms));
    batch->has_form = mem_alloc_zero(n_columns, sizeof(*batch->has_form));
    batch->arena = arena_new();
    initPQExpBuffer(&batch->scratch);
    return batch;
}

void
mask_batch_free(MaskBatch *batch)
{
    if (batch == NULL)
        return;
    for (int i = 0; i < MASK_SIDES; i++)
    {
        MaskLines *lines = &batch->sides[i];

        termPQExpBuffer(&lines->text);
        free(lines->starts);
        free(lines->fields);
        free(lines->values);
        free(lines->canonical);
        free(lines->tuples);
    }
    free(batch->leaves);
    free(batch->forms);
    free(batch->has_form);
    arena_free(batch->arena);
    termPQExpBuffer(&batch->scratch);
    free(batch);
}

/* The mask of a class compares what it masks in the form of the plan. */
static void
choose_forms(MaskBatch *batch, int relation)
{
    const Relation *source = batch->layout->relation;

    for (int i = 0; i < source->n_columns; i++)
    {
        const MaskColumn *masked = batch->plan->column_of[relation] != NULL
                                       ? batch->plan->column_of[relation][i]
                                       : NULL;

        batch->has_form[i] = masked != NULL ||
                             mask_canonical_choose(&source->columns[i], &batch->forms[i]);
        if (masked != NULL)
            batch->forms[i] = masked->canonical;
    }
}

void
mask_batch_begin(MaskBatch *batch, int relation)
{
    mask_batch_clear(batch);
    batch->layout = &batch->sample->layouts[relation];
    batch->n_fields = batch->layout->n_prefix + batch->layout->n_output;
    choose_forms(batch, relation);
}

void
mask_batch_clear(MaskBatch *batch)
{
    for (int i = 0; i < MASK_SIDES && batch->layout != NULL; i++)
    {
        MaskLines *lines = &batch->sides[i];
        size_t n = (size_t)batch->layout->relation->n_columns;

        resetPQExpBuffer(&lines->text);
        lines->n = 0;
        memset(lines->values, 0, n * sizeof(*lines->values));
        memset(lines->canonical, 0, n * sizeof(*lines->canonical));
        memset(lines->tuples, 0, n * sizeof(*lines->tuples));
    }
    batch->n_rows = 0;
    arena_clear(batch->arena);
}

bool
mask_batch_add(MaskBatch *batch, const char *line, size_t length)
{
    MaskLines *raw = &batch->sides[MASK_RAW];

    appendBinaryPQExpBuffer(&raw->text, line, length);
    raw->starts[++raw->n] = raw->text.len;
    batch->n_rows++;
    return batch->n_rows == MASK_BATCH_ROWS || raw->text.len > MAX_BATCH_BYTES;
}

const char *
mask_batch_get_line(const MaskBatch *batch, MaskSide side, size_t row, size_t *length)
{
    const MaskLines *lines = &batch->sides[side];

    *length = lines->starts[row + 1] - lines->starts[row];
    return lines->text.data + lines->starts[row];
}

/* Sums up over all fields, since a field too many would shift values between columns. */
static void
split_line(const MaskBatch *batch, MaskLines *lines, size_t row)
{
    size_t n = copytext_split(lines->text.data + lines->starts[row],
                              lines->starts[row + 1] - lines->starts[row],
                              &lines->fields[row * (size_t)batch->n_fields],
                              (size_t)batch->n_fields);

    /* a line without columns still has an empty field */
    if (n != (size_t)batch->n_fields &&
        (batch->layout->n_output > 0 || n != (size_t)batch->n_fields + 1))
        die_message(EXIT_INCONSISTENT,
                    "a row of table %s does not have the columns of the table after "
                    "masks",
                    batch->layout->relation->qname);
}

/* A relation without partitions is its only leaf. */
static void
find_batch_leaves(MaskBatch *batch, const MaskLines *lines)
{
    for (size_t i = 0; batch->layout->has_tableoid && i < batch->n_rows; i++)
        batch->leaves[i] =
            rowid_leaf(rowline_get_row_id(batch->layout,
                                          &lines->fields[i * (size_t)batch->n_fields]));
    if (!batch->layout->has_tableoid)
        memset(batch->leaves, 0, batch->n_rows * sizeof(*batch->leaves));
}

void
mask_batch_split(MaskBatch *batch, MaskSide side)
{
    MaskLines *lines = &batch->sides[side];
    size_t n = batch->n_rows * (size_t)batch->n_fields;

    if (lines->n != batch->n_rows)
        die_message(EXIT_INCONSISTENT, "masks have lost rows of table %s",
                    batch->layout->relation->qname);
    if (n > lines->n_allocated)
    {
        lines->n_allocated = MASK_BATCH_ROWS * (size_t)batch->n_fields;
        lines->fields =
            mem_resize(lines->fields, lines->n_allocated, sizeof(*lines->fields));
    }
    for (size_t i = 0; i < batch->n_rows; i++)
        split_line(batch, lines, i);
    if (side == MASK_RAW)
        find_batch_leaves(batch, lines);
}

QueryRows
mask_batch_get_rows(MaskBatch *batch, MaskSide side)
{
    size_t *rows = ARENA_ARRAY(batch->arena, batch->n_rows + 1, size_t);

    for (size_t i = 0; i < batch->n_rows; i++)
        rows[i] = i;
    return (QueryRows){.layout = batch->layout,
                       .fields = batch->sides[side].fields,
                       .n_fields = batch->n_fields,
                       .rows = rows,
                       .n_rows = batch->n_rows,
                       .encoding = mask_server_get_encoding(batch->server)};
}

static MaskValue
make_value(MaskBatch *batch, const CopyField *field)
{
    if (field->is_null)
        return (MaskValue){0};
    if (!field->has_escapes)
        return (MaskValue){.text = field->text, .length = field->length};
    resetPQExpBuffer(&batch->scratch);
    copytext_unescape(&batch->scratch, field, mask_server_get_encoding(batch->server));
    return (MaskValue){.text = arena_copy_string(batch->arena, batch->scratch.data),
                       .length = batch->scratch.len};
}

const MaskValue *
mask_batch_get_values(MaskBatch *batch, MaskSide side, int column)
{
    MaskLines *lines = &batch->sides[side];
    MaskValue *values = lines->values[column];

    if (values != NULL)
        return values;
    values = ARENA_ARRAY(batch->arena, batch->n_rows + 1, MaskValue);
    for (size_t i = 0; i < batch->n_rows; i++)
        values[i] = make_value(batch, mask_batch_get_field(batch, side, i, column));
    lines->values[column] = values;
    return values;
}

/* Those that are not lower already go to the server. */
static void
lower_values(MaskBatch *batch, MaskValue *values)
{
    MaskValue **open = mem_alloc(batch->n_rows * sizeof(*open));
    size_t n_open = 0;

    for (size_t i = 0; i < batch->n_rows; i++)
    {
        if (values[i].text != NULL && !mask_canonical_is_lower(values[i]))
            open[n_open++] = &values[i];
    }
    if (n_open > 0)
        mask_server_lower(batch->server, open, n_open, batch->arena);
    free(open);
}

const MaskValue *
mask_batch_get_canonical(MaskBatch *batch, MaskSide side, int column)
{
    MaskLines *lines = &batch->sides[side];
    MaskCanonical form = batch->forms[column];
    const MaskValue *values = mask_batch_get_values(batch, side, column);
    MaskValue *canonical = lines->canonical[column];

    if (!batch->has_form[column] || form == MASK_CANONICAL_AS_IS)
        return values;
    if (canonical != NULL)
        return canonical;
    canonical = ARENA_ARRAY(batch->arena, batch->n_rows + 1, MaskValue);
    for (size_t i = 0; i < batch->n_rows; i++)
        canonical[i] = mask_canonical_make(form, values[i], batch->arena);
    if (form == MASK_CANONICAL_LOWERED)
        lower_values(batch, canonical);
    lines->canonical[column] = canonical;
    return canonical;
}
