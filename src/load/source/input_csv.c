#include <stdlib.h>
#include <string.h>

#include "base/csvreader.h"
#include "base/mem.h"
#include "load/source/input_internal.h"

enum
{
    CHUNK_SIZE = 64 * 1024
};

typedef struct Csv
{
    Input *input;
    CsvReader *reader;
    const char *const *names; /* of the header; the reader's */
    size_t n_names;
    bool has_begun;
    bool is_finished;
    size_t start; /* of the rest of the chunk */
    size_t end;
    char chunk[CHUNK_SIZE];
} Csv;

static bool
take_csv_header(void *context, const CsvRecord *header, Diag *diag)
{
    Csv *csv = context;

    (void)diag;
    csv->names = header->names;
    csv->n_names = header->n_fields;
    return true;
}

/* How many fields a record must have. */
static size_t
get_width(const Csv *csv)
{
    return csv->input->has_projection ? csv->input->projection.n_record_fields
                                      : csv->n_names;
}

static bool
take_csv_record(void *context, const CsvRecord *record, Diag *diag)
{
    const Csv *csv = context;
    Input *input = csv->input;
    Lines *lines;

    (void)diag;
    if (record->is_empty_line && get_width(csv) != 1)
        return true;
    input->record++;
    if (!input->has_projection)
        return true;
    lines = input_get_target(input);
    lines->source_line = record->line;
    projection_add_csv(&input->projection, record, &input->spec.encoding,
                       input_get_number(input), lines);
    return true;
}

static void *
open_csv(Input *input)
{
    const InputSpec *spec = &input->spec;
    Csv *csv = mem_alloc_zero(1, sizeof(Csv));

    csv->input = input;
    csv->reader = csvreader_new_with(bytes_get_name(input->bytes),
                                     &(CsvHandler){.header = take_csv_header,
                                                   .record = take_csv_record,
                                                   .context = csv},
                                     &(CsvOptions){.delimiter = spec->delimiter,
                                                   .quote = spec->quote,
                                                   .null_text = spec->null_text,
                                                   .has_no_header = spec->has_no_header,
                                                   .has_any_width = true,
                                                   .has_any_names = true,
                                                   .keeps_empty_lines = true});
    return csv;
}

/* Feeds the rest of the chunk, but only one line before the header is complete. */
static bool
feed(Csv *csv, Diag *diag)
{
    const char *text = csv->chunk + csv->start;
    size_t length = csv->end - csv->start;

    if (length == 0)
    {
        csv->start = 0;
        if (!input_read_bytes(csv->input, csv->chunk, CHUNK_SIZE, &csv->end, diag))
            return false;
        text = csv->chunk;
        length = csv->end;
    }
    if (length == 0)
    {
        csv->is_finished = true;
        return csvreader_finish(csv->reader, diag);
    }
    if (!csvreader_has_header(csv->reader))
    {
        const char *line_feed = memchr(text, '\n', length);

        if (line_feed != NULL)
            length = (size_t)(line_feed - text) + 1;
    }
    csv->start += length;
    return csvreader_feed(csv->reader, text, length, diag);
}

static InputStatus
next_csv_table(Input *input, InputTable *table, Diag *diag)
{
    Csv *csv = input->state;

    input->is_table_at_end = csv->has_begun || csv->is_finished;
    if (csv->has_begun)
        return INPUT_END;
    csv->has_begun = true;
    while (!csvreader_has_header(csv->reader))
    {
        if (!feed(csv, diag))
            return INPUT_ERROR;
    }
    input->is_table_at_end = csv->is_finished;
    table->columns = csv->names;
    table->n_columns = csv->n_names;
    return INPUT_TABLE;
}

static bool
fill_csv(Input *input, Diag *diag)
{
    Csv *csv = input->state;
    bool is_good = feed(csv, diag);

    input->is_table_at_end = csv->is_finished;
    return is_good;
}

static void
close_csv(void *state)
{
    Csv *csv = state;

    csvreader_free(csv->reader);
    free(csv);
}

const InputReader csv_reader = {open_csv, next_csv_table, fill_csv, close_csv};
