#include "sample/masked/mask_row.h"

#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/mem.h"
#include "mask/mask_kind.h"
#include "model/query_masked.h"

/* The masked values of one column, by row. */
typedef struct MaskedColumn
{
    const MaskColumn *column;
    PQExpBufferData text;
    MaskOutput outputs[MASK_BATCH_ROWS];
    bool looks_at_others; /* values of the row that are masked before it */
} MaskedColumn;

struct MaskRow
{
    const MaskPlan *plan;
    MaskedColumn **columns; /* of a relation, in the order in which they are masked */
    int n_columns;
    int capacity;
    MaskInput inputs[MASK_BATCH_ROWS]; /* scratch */
    MaskReplacement *others;           /* scratch */
    MaskedColumn **places;             /* by field of the line, or NULL: as it is */
    int n_places;
};

MaskRow *
mask_row_new(const MaskPlan *plan)
{
    MaskRow *row = mem_alloc_zero(1, sizeof(*row));

    row->plan = plan;
    return row;
}

void
mask_row_free(MaskRow *row)
{
    if (row == NULL)
        return;
    for (int i = 0; i < row->capacity; i++)
    {
        termPQExpBuffer(&row->columns[i]->text);
        free(row->columns[i]);
    }
    free(row->columns);
    free(row->others);
    free(row->places);
    free(row);
}

static bool
looks_at_others(const MaskColumn *column)
{
    return column->spec == NULL || strcmp(column->spec->kind->name, "scrub") == 0 ||
           strcmp(column->spec->kind->name, "json") == 0;
}

bool
mask_row_keeps_text(const MaskColumn *column)
{
    return looks_at_others(column) || column->spec->sql != NULL;
}

bool
mask_row_is_function(const MaskColumn *column)
{
    return column->by < 0 && !looks_at_others(column) && column->spec->sql == NULL;
}

static void
add_masked_column(MaskRow *row, const MaskColumn *column)
{
    if (row->n_columns == row->capacity)
    {
        size_t n = (size_t)++row->capacity;

        row->columns = mem_resize(row->columns, n, sizeof(MaskedColumn *));
        row->columns[n - 1] = mem_alloc_zero(1, sizeof(MaskedColumn));
        initPQExpBuffer(&row->columns[n - 1]->text);
        row->others = mem_resize(row->others, n, sizeof(*row->others));
    }
    row->columns[row->n_columns]->column = column;
    row->columns[row->n_columns++]->looks_at_others = looks_at_others(column);
}

static void
choose_columns(MaskRow *row, const MaskBatch *batch)
{
    const RowLayout *layout = batch->layout;
    MaskColumn *const *columns = row->plan->column_of[layout->position];

    row->n_columns = 0;
    for (int pass = 0; pass < 2; pass++)
    {
        for (int i = 0; i < layout->n_output; i++)
        {
            const MaskColumn *column = columns[layout->output[i]];

            if (column != NULL && looks_at_others(column) == (pass == 1))
                add_masked_column(row, column);
        }
    }
    if (batch->n_fields > row->n_places)
        row->places =
            mem_resize(row->places, (size_t)batch->n_fields, sizeof(*row->places));
    row->n_places = batch->n_fields > row->n_places ? batch->n_fields : row->n_places;
    memset(row->places, 0, (size_t)batch->n_fields * sizeof(*row->places));
    for (int i = 0; i < row->n_columns; i++)
        row->places[layout->field_of_column[row->columns[i]->column->column]] =
            row->columns[i];
}

/* ---- values */

static _Noreturn void
die_refused(const MaskBatch *batch, const MaskColumn *column, const char *problem)
{
    const Relation *relation = batch->layout->relation;

    die_hint(EXIT_INCONSISTENT,
             "Use another mask, or leave such rows out by a condition in --limit.",
             "masks: a value of column %s of table %s cannot be masked by \"%s\": %s",
             relation->columns[column->column].qname, relation->qname, column->rule,
             problem);
}

static MaskValue
get_masked_value(const MaskedColumn *masked, size_t i)
{
    size_t start = i > 0 ? masked->outputs[i - 1].end : 0;

    if (masked->outputs[i].is_null)
        return (MaskValue){0};
    return (MaskValue){.text = masked->text.data + start,
                       .length = masked->outputs[i].end - start};
}

/* What has been masked of the row so far. */
static size_t
list_others(MaskRow *row, MaskBatch *batch, int n_columns, size_t i)
{
    size_t n = 0;

    for (int j = 0; j < n_columns; j++)
    {
        const MaskedColumn *other = row->columns[j];
        MaskValue raw = mask_batch_get_values(batch, MASK_RAW, other->column->column)[i];
        MaskValue masked = get_masked_value(other, i);

        if (!other->looks_at_others && raw.text != NULL && masked.text != NULL)
            row->others[n++] = (MaskReplacement){.raw = raw, .masked = masked};
    }
    return n;
}

/* Those that are not NULL; returns how many. */
static size_t
list_inputs(MaskRow *row, MaskBatch *batch, const MaskColumn *column)
{
    const MaskValue *values = mask_batch_get_values(batch, MASK_RAW, column->column);
    const MaskValue *canonical =
        mask_batch_get_canonical(batch, MASK_RAW, column->column);
    const MaskValue *by =
        column->by >= 0 ? mask_batch_get_canonical(batch, MASK_RAW, column->by) : NULL;
    size_t n = 0;

    for (size_t i = 0; i < batch->n_rows; i++)
    {
        if (values[i].text != NULL)
            row->inputs[n++] = (MaskInput){.value = values[i],
                                           .canonical = canonical[i],
                                           .by = by != NULL ? by[i] : (MaskValue){0}};
    }
    return n;
}

/* From those of values that are not NULL to those of rows. */
static void
spread_outputs(MaskOutput *outputs, size_t n, const MaskValue *values, size_t n_rows)
{
    for (size_t i = n_rows; i-- > n;)
    {
        if (values[i].text != NULL)
            outputs[i] = outputs[--n];
        else
            outputs[i] =
                (MaskOutput){.end = n > 0 ? outputs[n - 1].end : 0, .is_null = true};
    }
}

/* One by one, with what is masked of the same row. */
static bool
apply_with_others(MaskRow *row, MaskBatch *batch, int position, const char **problem)
{
    MaskedColumn *masked = row->columns[position];
    const MaskValue *values =
        mask_batch_get_values(batch, MASK_RAW, masked->column->column);
    MaskInput *input = row->inputs;

    for (size_t i = 0; i < batch->n_rows; i++)
    {
        MaskResult result = MASK_NULL;

        if (values[i].text != NULL)
        {
            input->others = row->others;
            input->n_others = list_others(row, batch, position, i);
            result =
                masker_apply(masked->column->masker, input++, &masked->text, problem);
        }
        if (result == MASK_REFUSED)
            return false;
        masked->outputs[i] =
            (MaskOutput){.end = masked->text.len, .is_null = result == MASK_NULL};
    }
    return true;
}

static void
mask_column(MaskRow *row, MaskBatch *batch, int position)
{
    MaskedColumn *masked = row->columns[position];
    const MaskColumn *column = masked->column;
    const char *problem = "";
    size_t n = list_inputs(row, batch, column);

    resetPQExpBuffer(&masked->text);
    if (masked->looks_at_others
            ? !apply_with_others(row, batch, position, &problem)
            : !masker_apply_all(column->masker, row->inputs, n, &masked->text,
                                masked->outputs, &problem))
        die_refused(batch, column, problem);
    if (!masked->looks_at_others)
        spread_outputs(masked->outputs, n,
                       mask_batch_get_values(batch, MASK_RAW, column->column),
                       batch->n_rows);
}

/* sql(EXPRESSION): the server computes it for all rows; NULL stays NULL. */
static void
compute_column(MaskBatch *batch, MaskedColumn *masked)
{
    const MaskColumn *column = masked->column;
    const MaskValue *values = mask_batch_get_values(batch, MASK_RAW, column->column);
    QueryRows rows = mask_batch_get_rows(batch, MASK_RAW);
    PGresult *result = mask_server_compute(batch->server, column, &rows);

    resetPQExpBuffer(&masked->text);
    if ((size_t)PQntuples(result) != batch->n_rows)
        die_message(EXIT_SERVER, "mask \"%s\" returned another number of values",
                    column->rule);
    for (size_t i = 0; i < batch->n_rows; i++)
    {
        bool is_null = values[i].text == NULL || PQgetisnull(result, (int)i, 0) != 0;

        if (!is_null)
            appendBinaryPQExpBuffer(&masked->text, PQgetvalue(result, (int)i, 0),
                                    (size_t)PQgetlength(result, (int)i, 0));
        masked->outputs[i] = (MaskOutput){.end = masked->text.len, .is_null = is_null};
    }
    PQclear(result);
}

/* ---- lines */

static void
append_masked_line(MaskRow *row, MaskBatch *batch, size_t i)
{
    MaskLines *lines = &batch->sides[MASK_MASKED];
    const CopyField *fields = &batch->sides[MASK_RAW].fields[i * (size_t)batch->n_fields];
    size_t length;
    const char *next = mask_batch_get_line(batch, MASK_RAW, i, &length);
    const char *end = next + length;

    for (int j = 0; j < batch->n_fields; j++)
    {
        MaskValue value;

        if (row->places[j] == NULL)
            continue;
        appendBinaryPQExpBuffer(&lines->text, next, (size_t)(fields[j].text - next));
        value = get_masked_value(row->places[j], i);
        if (value.text == NULL)
            appendPQExpBufferStr(&lines->text, "\\N");
        else
            copytext_append_escaped(&lines->text, value.text, value.length,
                                    mask_server_get_encoding(batch->server));
        next = fields[j].text + fields[j].length;
    }
    appendBinaryPQExpBuffer(&lines->text, next, (size_t)(end - next));
    lines->starts[++lines->n] = lines->text.len;
}

void
mask_row_apply(MaskRow *row, MaskBatch *batch)
{
    choose_columns(row, batch);
    for (int i = 0; i < row->n_columns; i++)
    {
        const MaskSpec *spec = row->columns[i]->column->spec;

        if (spec != NULL && spec->sql != NULL)
            compute_column(batch, row->columns[i]);
        else
            mask_column(row, batch, i);
    }
    for (size_t i = 0; i < batch->n_rows; i++)
        append_masked_line(row, batch, i);
}
