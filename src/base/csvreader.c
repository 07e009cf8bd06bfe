#include "base/csvreader.h"

#include <assert.h>
#include <csv.h>
#include <stdlib.h>
#include <string.h>

#include "base/csvwhole.h"
#include "base/mem.h"
#include "base/plural.h"

enum
{
    LEAST_ROOM = 64 * 1024,         /* by which libcsv's buffer grows, at least */
    MOST_ROOM = 1024 * 1024 * 1024, /* more is no value of PostgreSQL */
    LONGEST_NULL = 1000,
    N_BOM = 3
};

static const char byte_order_mark[N_BOM] = "\xef\xbb\xbf";

static const char quote_hint[] =
    "A field with a comma, a double quote or a line break is written in double quotes, "
    "and double quotes in it are doubled: \"say \"\"hi\"\"\".";

struct CsvReader
{
    const char *file;
    CsvHandler handler;
    CsvOptions options;
    CsvSyntax syntax;
    struct csv_parser parser;
    Diag *diag;         /* of the current call */
    bool has_failed;    /* with the diag */
    bool has_header;    /* it was read */
    bool is_cr_pending; /* a carriage return ended the line; a line feed must follow */
    bool is_between;    /* the line feed that ended a record was the last byte */
    size_t n_bom;       /* bytes of the byte order mark seen; N_BOM: look no more */

    /* The record that is being read. */
    CsvRow row;
    size_t line;        /* where the next field begins */
    size_t record_line; /* where the record begins */
    char **names;       /* of the columns */
    size_t n_columns;
};

void
csvreader_set_problem(Diag *diag, const char *file, size_t line, const char *problem)
{
    diag_set_message(diag, "%s, line %zu: %s", file, line, problem);
}

/* Makes the call fail; the first problem counts. */
static void
fail(CsvReader *reader, size_t line, const char *problem, const char *hint)
{
    if (reader->has_failed)
        return;
    reader->has_failed = true;
    csvreader_set_problem(reader->diag, reader->file, line, problem);
    if (hint != NULL)
        diag_set_hint(reader->diag, "%s", hint);
}

static void
fail_at_quote(CsvReader *reader, size_t line, const char *before, const char *behind)
{
    char quote = (char)csv_get_quote(&reader->parser);
    char *problem = quote == '"'
                        ? mem_format("%sdouble quote%s", before, behind)
                        : mem_format("%squote character (%c)%s", before, quote, behind);

    fail(reader, line, problem, quote == '"' ? quote_hint : NULL);
    free(problem);
}

/* The line at which the parser stands; it may be within a field. */
static size_t
find_line(const CsvReader *reader)
{
    const struct csv_parser *parser = &reader->parser;

    if (parser->entry_pos == 0)
        return reader->line;
    return reader->line +
           csvwhole_count_line_feeds((const char *)parser->entry_buf, parser->entry_pos);
}

/* ---- the header */

static int
compare_column_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* A name that occurs twice, or NULL. Sorted, since a hostile file can have many. */
static const char *
find_duplicate_column(const char *const *names, size_t n)
{
    const char **sorted = mem_alloc((n + 1) * sizeof(*sorted));
    const char *found = NULL;

    for (size_t i = 0; i < n; i++)
        sorted[i] = names[i];
    qsort(sorted, n, sizeof(*sorted), compare_column_names);
    for (size_t i = 1; i < n && found == NULL; i++)
    {
        if (strcmp(sorted[i - 1], sorted[i]) == 0)
            found = sorted[i];
    }
    free(sorted);
    return found;
}

bool
csvreader_check_names(const char *const *names, size_t n, const char *file, size_t line,
                      Diag *diag)
{
    const char *duplicate = find_duplicate_column(names, n);
    char *problem = NULL;

    for (size_t i = 0; i < n && problem == NULL; i++)
    {
        if (names[i][0] == '\0')
            problem = mem_format("the name of column %zu is empty", i + 1);
    }
    if (problem == NULL && duplicate != NULL)
        problem = mem_format("column \"%s\" is named twice", duplicate);
    if (problem == NULL)
        return true;
    csvreader_set_problem(diag, file, line, problem);
    free(problem);
    return false;
}

static void
check_header(CsvReader *reader, const CsvRecord *record)
{
    if (reader->has_failed ||
        csvreader_check_names(record->names, record->n_fields, reader->file, record->line,
                              reader->diag))
        return;
    diag_set_hint(reader->diag, "The first line names the columns.");
    reader->has_failed = true;
}

static void
end_header(CsvReader *reader, CsvRecord *record)
{
    reader->has_header = true;
    reader->names = mem_alloc(record->n_fields * sizeof(char *));
    for (; reader->n_columns < record->n_fields; reader->n_columns++)
        reader->names[reader->n_columns] =
            mem_copy_string(record->fields[reader->n_columns].text);
    record->names = (const char *const *)reader->names;
    if (!reader->options.has_any_names)
        check_header(reader, record);
    if (!reader->has_failed && reader->handler.header != NULL)
        reader->has_failed =
            !reader->handler.header(reader->handler.context, record, reader->diag);
}

/* ---- records; these are called by libcsv */

static void
check_n_fields(CsvReader *reader, const CsvRecord *record)
{
    char *problem;

    if (reader->options.has_any_width || record->n_fields == reader->n_columns)
        return;
    problem = mem_format("the record has %zu field%s, but the header has %zu",
                         record->n_fields, plural(record->n_fields), reader->n_columns);
    fail(reader, record->line, problem, quote_hint);
    free(problem);
}

static void
end_record(CsvReader *reader, bool is_empty_line)
{
    CsvRow *row = &reader->row;
    CsvRecord record = {.fields = row->fields,
                        .n_fields = row->n_fields,
                        .names = (const char *const *)reader->names,
                        .line = reader->record_line,
                        .is_empty_line = is_empty_line};
    const char *text = row->data;

    for (size_t i = 0; i < row->n_fields; i++)
    {
        row->fields[i].text = text;
        text += row->fields[i].length + 1;
    }
    row->n_fields = 0;
    row->n_data = 0;
    if (!reader->has_header)
    {
        end_header(reader, &record);
        return;
    }
    check_n_fields(reader, &record);
    if (!reader->has_failed)
        reader->has_failed =
            !reader->handler.record(reader->handler.context, &record, reader->diag);
}

/* libcsv ends a line at a lone carriage return as well, which could cut a value. */
static void
check_pending_cr(CsvReader *reader)
{
    if (reader->is_cr_pending)
        fail(reader, reader->line, "a carriage return is not followed by a line feed",
             "Lines end with LF or CRLF; a field with a carriage return is written in "
             "double quotes.");
}

/*
 * Is it the text that means NULL, without quotes? libcsv does not report whether there
 * were any, but leaves the closing one behind the text; and take_field() sees to it that
 * none of an earlier field is there.
 */
static bool
is_null_text(const CsvReader *reader, const char *text, size_t length)
{
    return length == reader->syntax.null_length &&
           text[length] != (char)reader->parser.quote_char &&
           memcmp(text, reader->syntax.null_text, length) == 0;
}

static void
take_field(void *text, size_t length, void *context)
{
    CsvReader *reader = context;
    size_t null_length = reader->syntax.null_length;
    bool is_null = text == NULL;

    reader->is_between = false;
    check_pending_cr(reader);
    if (reader->has_failed)
        return;
    if (reader->row.n_fields == 0)
        reader->record_line = reader->line;
    if (null_length > 0)
        is_null = text != NULL && is_null_text(reader, text, length);
    csvwhole_add(&reader->row, text != NULL ? text : "", length);
    csvwhole_end_field(&reader->row, is_null);
    if (length > 0)
        reader->line += csvwhole_count_line_feeds(text, length);
    /* last, since it may be one of these line feeds */
    if (text != NULL && null_length > 0)
        ((char *)text)[null_length] = '\0';
}

/* Is it not only the second character that ends a record? */
static bool
is_empty_line(const CsvReader *reader, int end)
{
    return reader->options.keeps_empty_lines && reader->has_header &&
           (end == '\r' || (end == '\n' && !reader->is_cr_pending));
}

/* Takes what ended a record or an empty line, or -1 at the end of the file. */
static void
take_record_end(int end, void *context)
{
    CsvReader *reader = context;

    if (end != '\n')
        check_pending_cr(reader);
    if (reader->has_failed)
        return;
    if (reader->row.n_fields > 0)
        end_record(reader, false);
    else if (is_empty_line(reader, end))
    {
        take_field(NULL, 0, reader);
        end_record(reader, true);
    }
    if (end == '\n')
        reader->line++;
    reader->is_cr_pending = end == '\r';
    reader->is_between = end == '\n';
}

/* ---- feeding */

static int
is_no_blank(unsigned char c)
{
    (void)c;
    return 0;
}

/* The first part is looked at before it is written; see is_null_text(). */
static void *
resize_buffer(void *buffer, size_t size)
{
    return buffer == NULL ? mem_alloc_zero(size, 1) : mem_resize(buffer, size, 1);
}

CsvReader *
csvreader_new_with(const char *file, const CsvHandler *handler, const CsvOptions *options)
{
    CsvReader *reader = mem_alloc_zero(1, sizeof(CsvReader));

    reader->file = file;
    reader->handler = *handler;
    reader->options = *options;
    csvwhole_init(&reader->syntax, options);
    assert(reader->syntax.null_length <= LONGEST_NULL);
    reader->has_header = options->has_no_header;
    reader->line = 1;
    csv_init(&reader->parser,
             CSV_STRICT | CSV_STRICT_FINI | CSV_EMPTY_IS_NULL | CSV_REPALL_NL);
    csv_set_space_func(&reader->parser, is_no_blank);
    csv_set_realloc_func(&reader->parser, resize_buffer);
    if (options->delimiter != 0)
        csv_set_delim(&reader->parser, (unsigned char)options->delimiter);
    if (options->quote != 0)
        csv_set_quote(&reader->parser, (unsigned char)options->quote);
    return reader;
}

CsvReader *
csvreader_new(const char *file, const CsvHandler *handler)
{
    return csvreader_new_with(file, handler, &(CsvOptions){0});
}

bool
csvreader_has_header(const CsvReader *reader)
{
    return reader->has_header;
}

/* Gives bytes without a NUL to libcsv. */
static void
parse_csv(CsvReader *reader, const char *text, size_t length)
{
    size_t room = csv_get_buffer_size(&reader->parser);

    if (length == 0 || reader->has_failed)
        return;
    reader->is_between = false;
    if (reader->parser.entry_pos > MOST_ROOM || reader->row.n_data > MOST_ROOM)
    {
        fail(reader, reader->row.n_fields > 0 ? reader->record_line : reader->line,
             "the record that begins here has more than 1 GB",
             "Is a closing quote missing?");
        return;
    }
    /* So it doubles. */
    csv_set_blk_size(&reader->parser, room > LEAST_ROOM ? room : LEAST_ROOM);
    if (csv_parse(&reader->parser, text, length, take_field, take_record_end, reader) ==
        length)
        return;
    if (reader->parser.quoted)
        fail_at_quote(reader, find_line(reader), "text behind a closing ", "");
    else
        fail_at_quote(reader, find_line(reader), "a ",
                      " in a field that does not begin with one");
}

/* Takes records that are whole; returns how many bytes these have. */
static size_t
take_whole_records(CsvReader *reader, const char *text, size_t length)
{
    size_t n_lines;
    size_t used = 0;
    size_t n;

    while (!reader->has_failed &&
           (n = csvwhole_take(&reader->syntax, text + used, length - used, &reader->row,
                              &n_lines)) > 0)
    {
        reader->record_line = reader->line;
        reader->line += n_lines;
        used += n;
        end_record(reader, false);
    }
    return used;
}

/* Leaves one line to libcsv where a record is not whole, and so on until it ends one. */
static void
parse(CsvReader *reader, const char *text, size_t length)
{
    const char *end = text + length;

    while (text < end && !reader->has_failed)
    {
        const char *line_feed;
        size_t n;

        if (reader->is_between && reader->has_header)
            text += take_whole_records(reader, text, (size_t)(end - text));
        line_feed = memchr(text, '\n', (size_t)(end - text));
        n = line_feed != NULL ? (size_t)(line_feed - text) + 1 : (size_t)(end - text);
        parse_csv(reader, text, n);
        text += n;
    }
}

/* Skips what there is of a byte order mark, and returns how many bytes that were. */
static size_t
skip_byte_order_mark(CsvReader *reader, const char *chunk, size_t length)
{
    size_t seen = reader->n_bom;
    size_t used = 0;

    while (used < length && reader->n_bom < N_BOM &&
           chunk[used] == byte_order_mark[reader->n_bom])
    {
        reader->n_bom++;
        used++;
    }
    if (used == length || reader->n_bom == N_BOM)
        return used;
    /* It is none; what came in earlier chunks is part of the first field. */
    reader->n_bom = N_BOM;
    parse_csv(reader, byte_order_mark, seen);
    return 0;
}

bool
csvreader_feed(CsvReader *reader, const char *chunk, size_t length, Diag *diag)
{
    size_t start = 0;
    const char *nul;

    reader->diag = diag;
    if (reader->n_bom < N_BOM)
        start = skip_byte_order_mark(reader, chunk, length);
    nul = memchr(chunk + start, '\0', length - start);
    parse(reader, chunk + start,
          nul != NULL ? (size_t)(nul - chunk) - start : length - start);
    if (nul != NULL)
        fail(reader, find_line(reader), "a NUL byte",
             "The file must be text in the encoding of the command line, not UTF-16.");
    return !reader->has_failed;
}

bool
csvreader_finish(CsvReader *reader, Diag *diag)
{
    size_t line;

    reader->diag = diag;
    if (reader->n_bom < N_BOM)
    {
        size_t seen = reader->n_bom;

        reader->n_bom = N_BOM;
        parse_csv(reader, byte_order_mark, seen);
    }
    check_pending_cr(reader);
    line = reader->line;
    if (!reader->has_failed &&
        csv_fini(&reader->parser, take_field, take_record_end, reader) != 0)
        fail_at_quote(reader, line, "the ", " that begins a field here is not closed");
    if (!reader->has_header)
        fail(reader, reader->line, "there is no header",
             "The first line names the columns.");
    return !reader->has_failed;
}

void
csvreader_free(CsvReader *reader)
{
    if (reader == NULL)
        return;
    csv_free(&reader->parser);
    for (size_t i = 0; i < reader->n_columns; i++)
        free(reader->names[i]);
    free(reader->names);
    csvwhole_free(&reader->row);
    free(reader);
}
