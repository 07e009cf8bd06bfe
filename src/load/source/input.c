#include "load/source/input.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "load/source/format.h"
#include "load/source/input_internal.h"

enum
{
    LONGEST_NULL = 1000 /* csvreader takes no more */
};

/* ---- for the readers */

bool
input_is_full(const Input *input)
{
    return lines_are_full(input->lines, input->max_rows, input->max_bytes);
}

uint64_t
input_get_number(const Input *input)
{
    return input->base + input->record;
}

Lines *
input_get_target(Input *input)
{
    return input_is_full(input) ? &input->pending : input->lines;
}

bool
input_read_bytes(Input *input, char *to, size_t room, size_t *n_read, Diag *diag)
{
    input->is_unreadable = !bytes_read(input->bytes, to, room, n_read, diag);
    return !input->is_unreadable;
}

bool
input_fail(const Input *input, size_t line, Diag *diag, const char *format, ...)
{
    va_list args;
    char *problem;

    va_start(args, format);
    problem = mem_vformat(format, args);
    va_end(args);
    diag_set_message(diag, "%s, line %zu: %s", bytes_get_name(input->bytes), line,
                     problem);
    free(problem);
    return false;
}

/* ---- opening */

static bool
check_spec(const InputSpec *spec, Diag *diag)
{
    char quote = spec->quote != 0 ? spec->quote : '"';
    char delimiter = spec->delimiter != 0 ? spec->delimiter : ',';
    const char *null_text = spec->null_text != NULL ? spec->null_text : "";

    if (quote == delimiter)
        diag_set_message(diag, "delimiter and quote of CSV are both \"%c\"", quote);
    else if (memchr("\r\n", quote, 2) != NULL || memchr("\r\n", delimiter, 2) != NULL)
        diag_set_message(diag, "delimiter and quote of CSV cannot be newline or "
                               "carriage return");
    else if (strlen(null_text) > LONGEST_NULL)
        diag_set_message(diag, "the text for NULL has more than %d bytes", LONGEST_NULL);
    else if (strpbrk(null_text, "\r\n") != NULL || strchr(null_text, quote) != NULL ||
             strchr(null_text, delimiter) != NULL)
        diag_set_message(diag, "the text for NULL has a delimiter, quote or line end");
    else
        return true;
    return false;
}

static bool
choose_format(Input *input, Diag *diag)
{
    size_t length;
    const char *start = bytes_peek(input->bytes, &length);
    InputFormat by_contents =
        format_of_contents(bytes_get_name(input->bytes), start, length, diag);
    size_t stem_length;

    if (by_contents == INPUT_AUTO)
        return false;
    input->format = input->spec.format;
    if (input->format == INPUT_AUTO)
        input->format = format_of_name(bytes_get_name(input->bytes), &stem_length);
    if (input->format == INPUT_AUTO)
        input->format = by_contents;
    if (input->format != INPUT_DUMP || by_contents == INPUT_DUMP)
        return true;
    diag_set_message(diag, "%s is not a dump", bytes_get_name(input->bytes));
    diag_set_hint(diag, "It does not begin like a plain-text dump of pg-sample or "
                        "pg_dump.");
    return false;
}

static const InputReader *
choose_reader(InputFormat format)
{
    switch (format)
    {
        case INPUT_DUMP:
            return &dump_reader;
        case INPUT_COPY:
            return &copy_reader;
        case INPUT_JSON:
        case INPUT_JSONL:
            return &json_reader;
        default:
            return &csv_reader;
    }
}

Input *
input_open(const InputSpec *spec, Diag *diag)
{
    Input *input = mem_alloc_zero(1, sizeof(Input));

    input->spec = *spec;
    lines_init(&input->pending);
    if (check_spec(spec, diag) &&
        (input->bytes = bytes_open(spec->path, &spec->object, spec->is_hashed, diag)) !=
            NULL &&
        choose_format(input, diag))
    {
        input->reader = choose_reader(input->format);
        bytes_set_most(input->bytes, spec->most_bytes);
        input->state = input->reader->open(input);
        return input;
    }
    input_close(input);
    return NULL;
}

void
input_close(Input *input)
{
    if (input == NULL)
        return;
    if (input->reader != NULL)
        input->reader->close(input->state);
    bytes_close(input->bytes);
    projection_free(&input->projection);
    lines_free(&input->pending);
    for (size_t i = 0; i < input->n_sequences; i++)
        free(input->sequence_names[i]);
    free(input->sequences);
    free(input->sequence_names);
    free(input->client_encoding);
    free(input->origin);
    free(input->mark);
    free(input);
}

/* ---- reading */

InputStatus
input_next_table(Input *input, InputTable *table, Diag *diag)
{
    *table = (InputTable){0};
    input->has_projection = false;
    input->members = NULL;
    input->record = 0;
    lines_reset(&input->pending);
    return input->reader->next_table(input, table, diag);
}

void
input_project(Input *input, size_t n_record_fields, const int *fields,
              const char *const *constants, size_t n_fields, uint64_t base)
{
    projection_set(&input->projection, n_record_fields, fields, constants, n_fields);
    input->base = base;
    input->has_projection = true;
}

void
input_project_members(Input *input, const JsonMembers *members, uint64_t base)
{
    input->members = members;
    input->base = base;
}

uint64_t
input_count_records(const Input *input)
{
    return input->n_records;
}

void
input_number_after(Input *input, uint64_t record)
{
    input->record = record;
}

InputStatus
input_read(Input *input, Lines *lines, size_t max_rows, size_t max_bytes, Diag *diag)
{
    size_t n_before = lines->n_lines + lines->n_rejects;

    input->lines = lines;
    input->max_rows = max_rows;
    input->max_bytes = max_bytes;
    lines_move(&input->pending, lines, max_rows, max_bytes);
    while (!input_is_full(input) && !input->is_table_at_end)
    {
        if (!input->reader->fill(input, diag))
            return INPUT_ERROR;
    }
    return lines->n_lines + lines->n_rejects > n_before ? INPUT_ROWS : INPUT_END;
}

/* ---- asking */

InputFormat
input_get_format(const Input *input)
{
    return input->format;
}

const InputSequence *
input_get_sequences(const Input *input, size_t *n)
{
    *n = input->n_sequences;
    return input->sequences;
}

const char *
input_get_encoding(const Input *input)
{
    return input->client_encoding;
}

uint64_t
input_count_bytes(const Input *input)
{
    return bytes_count(input->bytes);
}

bool
input_finish_hash(Input *input, BytesHash *hash, Diag *diag)
{
    input->is_unreadable = !bytes_finish_hash(input->bytes, hash, diag);
    return !input->is_unreadable;
}

bool
input_is_unreadable(const Input *input)
{
    return input->is_unreadable;
}
