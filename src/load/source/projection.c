#include "load/source/projection.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/plural.h"

enum
{
    MAX_DIGITS = 20
};

void
projection_set(Projection *projection, size_t n_record_fields, const int *fields,
               const char *const *constants, size_t n_fields)
{
    projection_free(projection);
    projection->n_record_fields = n_record_fields;
    projection->n_fields = n_fields;
    projection->is_whole = n_fields == n_record_fields;
    projection->fields = mem_alloc_zero(n_fields + 1, sizeof(int));
    projection->constants = mem_alloc_zero(n_fields + 1, sizeof(char *));
    projection->scratch = mem_alloc_zero(n_record_fields + 1, sizeof(CopyField));
    for (size_t i = 0; i < n_fields; i++)
    {
        projection->fields[i] = fields[i];
        if (fields[i] < 0)
            projection->constants[i] = mem_copy_string(constants[i]);
        if (fields[i] != (int)i)
            projection->is_whole = false;
    }
}

void
projection_free(Projection *projection)
{
    for (size_t i = 0; i < projection->n_fields; i++)
        free(projection->constants[i]);
    free(projection->constants);
    free(projection->fields);
    free(projection->scratch);
    *projection = (Projection){0};
}

static void
end_line(uint64_t record, Lines *lines)
{
    char digits[MAX_DIGITS + 1];
    char *start = digits + MAX_DIGITS;
    uint64_t number = record;

    *start = '\n';
    do
        *--start = (char)('0' + number % 10);
    while ((number /= 10) > 0);
    appendBinaryPQExpBuffer(&lines->text, start,
                            (size_t)(digits + MAX_DIGITS + 1 - start));
    lines_end_line(lines, record);
}

static void
reject_width(const Projection *projection, size_t n_found, char *raw, uint64_t record,
             Lines *lines)
{
    char *reason =
        mem_format("it has %zu field%s, but there %s %zu column%s", n_found,
                   plural(n_found),
                   plural_choose(projection->n_record_fields, "is", "are"),
                   projection->n_record_fields, plural(projection->n_record_fields));

    lines_add_reject(lines, record, raw, reason);
}

/* ---- CSV */

static void
append_csv_field(PQExpBuffer out, const CsvField *field, const CopyEncoding *encoding)
{
    if (field->is_null)
        appendBinaryPQExpBuffer(out, "\\N", 2);
    else
        copytext_append_escaped(out, field->text, field->length, encoding);
}

static char *
copy_csv(const CsvRecord *csv, const CopyEncoding *encoding)
{
    PQExpBufferData raw;

    initPQExpBuffer(&raw);
    for (size_t i = 0; i < csv->n_fields; i++)
    {
        if (i > 0)
            appendPQExpBufferChar(&raw, '\t');
        append_csv_field(&raw, &csv->fields[i], encoding);
    }
    return raw.data;
}

void
projection_add_csv(const Projection *projection, const CsvRecord *csv,
                   const CopyEncoding *encoding, uint64_t record, Lines *lines)
{
    if (csv->n_fields != projection->n_record_fields)
    {
        reject_width(projection, csv->n_fields, copy_csv(csv, encoding), record, lines);
        return;
    }
    for (size_t i = 0; i < projection->n_fields; i++)
    {
        if (projection->fields[i] < 0)
            appendPQExpBufferStr(&lines->text, projection->constants[i]);
        else
            append_csv_field(&lines->text, &csv->fields[projection->fields[i]], encoding);
        appendPQExpBufferChar(&lines->text, '\t');
    }
    end_line(record, lines);
}

/* ---- COPY text */

/* Splits the line into the scratch; returns how many fields it has, maybe more. */
static size_t
split(const Projection *projection, const char *text, size_t length)
{
    CopyLine rest = {.rest = text, .length = length};
    CopyField field;
    size_t n_found = 0;

    if (length == 0 && projection->n_record_fields == 0)
        return 0;
    while (copytext_next_field(&rest, &field))
    {
        if (n_found < projection->n_record_fields)
            projection->scratch[n_found] = field;
        n_found++;
    }
    return n_found;
}

void
projection_add_copy(const Projection *projection, const char *text, size_t length,
                    uint64_t record, Lines *lines)
{
    size_t n_found = split(projection, text, length);

    if (n_found != projection->n_record_fields)
    {
        reject_width(projection, n_found, mem_copy_part(text, length), record, lines);
        return;
    }
    if (projection->is_whole && projection->n_fields > 0)
    {
        appendBinaryPQExpBuffer(&lines->text, text, length);
        appendPQExpBufferChar(&lines->text, '\t');
        end_line(record, lines);
        return;
    }
    for (size_t i = 0; i < projection->n_fields; i++)
    {
        const CopyField *field =
            &projection->scratch[projection->fields[i] < 0 ? 0 : projection->fields[i]];

        if (projection->fields[i] < 0)
            appendPQExpBufferStr(&lines->text, projection->constants[i]);
        else
            appendBinaryPQExpBuffer(&lines->text, field->text, field->length);
        appendPQExpBufferChar(&lines->text, '\t');
    }
    end_line(record, lines);
}
