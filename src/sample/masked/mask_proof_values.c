/*
 * Of masked values alone: NULL where it may be, where it was, and no longer than the
 * column; no value that is its own mask, where that cannot be chance. And of all other
 * fields that they are the same bytes: a row or a column in a wrong place is not.
 */
#include "sample/masked/mask_proof_internal.h"

#include <libpq-fe.h>
#include <string.h>

/* Characters; bytes of a sequence that is cut off count as one. */
static size_t
count_letters(MaskValue value, int encoding)
{
    size_t n = 0;

    for (size_t at = 0; at < value.length; n++)
    {
        int length = 1;

        if (((unsigned char)value.text[at] & 0x80) != 0)
            length = PQmblenBounded(value.text + at, encoding);
        at += length > 0 ? (size_t)length : 1;
    }
    return n;
}

/* What varchar(n) has no room for; it cuts blanks at the end that are too many. */
static bool
has_no_room(MaskValue value, int max_length, int encoding)
{
    while (value.length > (size_t)max_length && value.text[value.length - 1] == ' ')
        value.length--;
    return value.length > (size_t)max_length &&
           count_letters(value, encoding) > (size_t)max_length;
}

/* An element of an array literal; false: there is no further one. */
static bool
next_element(const char **next, const char *end, PQExpBuffer element)
{
    const char *c = *next;
    bool is_quoted = false;

    resetPQExpBuffer(element);
    while (c < end && strchr("{},", *c) != NULL)
        c++;
    if (c >= end)
        return false;
    for (; c < end && (is_quoted || strchr("{},", *c) == NULL); c++)
    {
        if (*c == '"')
        {
            is_quoted = !is_quoted;
            continue;
        }
        if (*c == '\\' && c + 1 < end)
            c++;
        appendPQExpBufferChar(element, *c);
    }
    *next = c;
    return true;
}

static bool
has_long_element(MaskBatch *batch, MaskValue value, int max_length, int encoding)
{
    const char *next = value.text;

    while (next_element(&next, value.text + value.length, &batch->scratch))
    {
        const MaskValue element = {.text = batch->scratch.data,
                                   .length = batch->scratch.len};

        if (has_no_room(element, max_length, encoding))
            return true;
    }
    return false;
}

/* Bytes from which on a value is not its own mask by chance. */
enum
{
    MIN_CHANGED_LENGTH = 6
};

static bool
is_unchanged(MaskValue raw, MaskValue masked)
{
    return masked.text != NULL && raw.length == masked.length &&
           raw.length >= MIN_CHANGED_LENGTH &&
           memcmp(raw.text, masked.text, raw.length) == 0;
}

static void
check_changes(MaskBatch *batch, const MaskColumn *column)
{
    const Relation *relation = batch->layout->relation;
    const char *qname = relation->columns[column->column].qname;
    const MaskValue *raw = mask_batch_get_values(batch, MASK_RAW, column->column);
    const MaskValue *masked = mask_batch_get_values(batch, MASK_MASKED, column->column);
    /* the elements of an array can all be NULL */
    bool must_change =
        column->spec != NULL && !column->target.is_array &&
        mask_spec_get_uniqueness(column->spec, &column->target) == MASK_UNIQUE;

    for (size_t i = 0; i < batch->n_rows; i++)
    {
        if (raw[i].text == NULL && masked[i].text != NULL)
            mask_failure_die(NULL, "a NULL in column %s of table %s has a mask", qname,
                             relation->qname);
        if (must_change && raw[i].text != NULL && is_unchanged(raw[i], masked[i]))
            mask_failure_die(NULL, "a value of column %s of table %s is its own mask",
                             qname, relation->qname);
    }
}

static bool
is_same_field(const CopyField *one, const CopyField *other)
{
    return one->is_null == other->is_null && one->length == other->length &&
           memcmp(one->text, other->text, one->length) == 0;
}

void
mask_proof_values_check_others(const MaskBatch *batch, MaskColumn *const *masks)
{
    const RowLayout *layout = batch->layout;

    for (int i = 0; i < batch->n_fields; i++)
    {
        bool is_prefix = i < layout->n_prefix;

        if (!is_prefix && masks[layout->output[i - layout->n_prefix]] != NULL)
            continue;
        for (size_t row = 0; row < batch->n_rows; row++)
        {
            size_t at = row * (size_t)batch->n_fields + (size_t)i;

            if (!is_same_field(&batch->sides[MASK_RAW].fields[at],
                               &batch->sides[MASK_MASKED].fields[at]))
                mask_failure_die(NULL,
                                 "masks have changed a field without a mask in table %s",
                                 layout->relation->qname);
        }
    }
}

void
mask_proof_values_check(MaskBatch *batch, const MaskColumn *column)
{
    const Relation *relation = batch->layout->relation;
    const Column *source = &relation->columns[column->column];
    const MaskValue *raw = mask_batch_get_values(batch, MASK_RAW, column->column);
    const MaskValue *values = mask_batch_get_values(batch, MASK_MASKED, column->column);
    int max_length = column->target.max_length;
    int encoding = mask_server_get_encoding_number(batch->server);

    check_changes(batch, column);
    for (size_t i = 0; i < batch->n_rows; i++)
    {
        /* NOT NULL that is NOT VALID leaves rows with NULL */
        if (values[i].text == NULL && raw[i].text != NULL && source->is_not_null)
            mask_failure_die(NULL, "a masked value of column %s of table %s is NULL",
                             source->qname, relation->qname);
        if (values[i].text == NULL || max_length <= 0 ||
            values[i].length <= (size_t)max_length)
            continue;
        if (column->target.is_array
                ? has_long_element(batch, values[i], max_length, encoding)
                : has_no_room(values[i], max_length, encoding))
            mask_failure_die(NULL,
                             "a masked value of column %s of table %s is longer than %d "
                             "characters",
                             source->qname, relation->qname, max_length);
    }
}
