#include "base/csvwhole.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum
{
    LEAST_SIZE = 64 * 1024
};

void
csvwhole_init(CsvSyntax *syntax, const CsvOptions *options)
{
    *syntax = (CsvSyntax){
        .delimiter = options->delimiter != 0 ? options->delimiter : ',',
        .quote = options->quote != 0 ? options->quote : '"',
        .null_text = options->null_text != NULL ? options->null_text : "",
    };
    syntax->null_length = strlen(syntax->null_text);
    syntax->is_special[(unsigned char)syntax->delimiter] = true;
    syntax->is_special[(unsigned char)syntax->quote] = true;
    syntax->is_special['\n'] = true;
    syntax->is_special['\r'] = true;
}

void
csvwhole_free(CsvRow *row)
{
    free(row->fields);
    free(row->data);
    *row = (CsvRow){0};
}

size_t
csvwhole_count_line_feeds(const char *text, size_t length)
{
    const char *end = text + length;
    size_t n_found = 0;

    while (length > 0 && (text = memchr(text, '\n', (size_t)(end - text))) != NULL)
    {
        n_found++;
        text++;
    }
    return n_found;
}

/* ---- the row */

/* There is always room for a NUL besides. */
void
csvwhole_add(CsvRow *row, const char *text, size_t length)
{
    while (row->size - row->n_data < length + 1)
    {
        row->size = row->size > 0 ? 2 * row->size : LEAST_SIZE;
        row->data = mem_resize(row->data, row->size, 1);
    }
    memcpy(row->data + row->n_data, text, length);
    row->n_data += length;
    row->n_field += length;
}

void
csvwhole_end_field(CsvRow *row, bool is_null)
{
    MEM_GROW(row->fields, row->capacity, row->n_fields);
    row->fields[row->n_fields++] = (CsvField){.length = row->n_field, .is_null = is_null};
    row->data[row->n_data++] = '\0';
    row->n_field = 0;
}

/* ---- cutting; each returns where the field ends, or NULL */

/* A quote that is doubled stands for one; the text begins behind the first one. */
static const char *
take_field_in_quotes(const CsvSyntax *syntax, const char *text, const char *end,
                     CsvRow *row, size_t *n_lines)
{
    for (;;)
    {
        const char *quote = memchr(text, syntax->quote, (size_t)(end - text));
        bool is_doubled = quote != NULL && end - quote > 1 && quote[1] == syntax->quote;

        if (quote == NULL)
            return NULL;
        *n_lines += csvwhole_count_line_feeds(text, (size_t)(quote - text));
        csvwhole_add(row, text, (size_t)(quote - text) + (is_doubled ? 1 : 0));
        if (!is_doubled)
        {
            csvwhole_end_field(row, false);
            return quote + 1;
        }
        text = quote + 2;
    }
}

static const char *
take_field_without(const CsvSyntax *syntax, const char *text, const char *end,
                   CsvRow *row)
{
    const char *next = text;
    size_t length;

    while (next < end && !syntax->is_special[(unsigned char)*next])
        next++;
    length = (size_t)(next - text);
    csvwhole_add(row, text, length);
    csvwhole_end_field(row, length == syntax->null_length &&
                                memcmp(text, syntax->null_text, length) == 0);
    return next;
}

/* Behind the line end at this place; NULL: there is none. */
static const char *
skip_line_end(const char *text, const char *end)
{
    if (text < end && *text == '\r')
        text++;
    return text < end && *text == '\n' ? text + 1 : NULL;
}

/* Behind the record. */
static const char *
take_all_fields(const CsvSyntax *syntax, const char *text, const char *end, CsvRow *row,
                size_t *n_lines)
{
    for (;; text++)
    {
        if (text < end && *text == syntax->quote)
            text = take_field_in_quotes(syntax, text + 1, end, row, n_lines);
        else
            text = take_field_without(syntax, text, end, row);
        if (text == NULL || text == end)
            return NULL;
        if (*text != syntax->delimiter)
            return skip_line_end(text, end);
    }
}

size_t
csvwhole_take(const CsvSyntax *syntax, const char *text, size_t length, CsvRow *row,
              size_t *n_lines)
{
    const char *behind = NULL;

    *n_lines = 1;
    if (length > 0 && *text != '\n' && *text != '\r')
        behind = take_all_fields(syntax, text, text + length, row, n_lines);
    if (behind != NULL)
        return (size_t)(behind - text);
    row->n_fields = 0;
    row->n_data = 0;
    row->n_field = 0;
    return 0;
}
