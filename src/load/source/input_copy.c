#include <stdlib.h>
#include <string.h>

#include "base/copytext.h"
#include "base/mem.h"
#include "load/source/input_internal.h"
#include "load/source/linereader.h"
#include "load/source/names.h"

typedef struct Copy
{
    LineReader lines;
    NameList names; /* of the header */
    PQExpBufferData lettered;
    bool has_begun;
    bool has_ended;
    bool has_line_end; /* a first line was read: */
    bool is_crlf;
} Copy;

static void *
open_copy(Input *input)
{
    Copy *copy = mem_alloc_zero(1, sizeof(Copy));

    linereader_init(&copy->lines, input);
    initPQExpBuffer(&copy->lettered);
    return copy;
}

/* Carriage returns: one at the end of each line, or nowhere. */
static bool
check_line_end(Input *input, Copy *copy, TextLine *line, Diag *diag)
{
    bool has_return = line->length > 0 && line->text[line->length - 1] == '\r';
    const char *found;
    const char *end;

    if (!copy->has_line_end && line->has_line_feed)
    {
        copy->has_line_end = true;
        copy->is_crlf = has_return;
    }
    if (copy->is_crlf && has_return)
        line->length--;
    else if (copy->is_crlf && line->has_line_feed)
        return input_fail(input, copy->lines.line, diag,
                          "the line ends with LF, but the first one with CR LF");
    end = line->text + line->length;
    for (found = line->text; found < end; found++)
    {
        found = memchr(found, '\r', (size_t)(end - found));
        if (found == NULL)
            return true;
        if (found == line->text || found[-1] != '\\')
            break;
    }
    if (found == end)
        return true;
    (void)input_fail(input, copy->lines.line, diag,
                     "literal carriage return found in "
                     "data");
    diag_set_hint(diag, "In a value it must be written as \\r. Lines must all end with "
                        "LF, or all with CR LF.");
    return false;
}

/* Rows after the end marker would be ignored. */
static bool
check_rest(Input *input, Copy *copy, Diag *diag)
{
    LineStatus status;
    TextLine line;

    while ((status = linereader_next(&copy->lines, false, &line, diag)) == LINE_TEXT)
    {
        if (linereader_is_blank(line.text, line.length))
            continue;
        (void)input_fail(input, copy->lines.line, diag,
                         "there is data after the end-of-copy marker");
        diag_set_hint(diag, "A value that is just \\. must be written as \\\\.");
        return false;
    }
    return status == LINE_END;
}

static bool
check_trouble(Input *input, Copy *copy, TextLine *line, Diag *diag)
{
    switch (linereader_find_trouble(line, &input->spec.encoding))
    {
        case TROUBLE_NONE:
            return true;
        case TROUBLE_CUT:
            return input_fail(input, copy->lines.line, diag,
                              "the line is truncated: it ends with a backslash");
        case TROUBLE_END_MARKER:
            (void)input_fail(input, copy->lines.line, diag,
                             "end-of-copy marker is not alone on its line");
            diag_set_hint(diag, "A backslash in a value must be written twice.");
            return false;
        case TROUBLE_CONTROL:
            break;
    }
    resetPQExpBuffer(&copy->lettered);
    linereader_append_lettered(&copy->lettered, line, &input->spec.encoding);
    line->text = copy->lettered.data;
    line->length = copy->lettered.len;
    return true;
}

static void
skip_copy_bom(const Copy *copy, TextLine *line)
{
    if (copy->lines.line != 1 || line->length < 3 ||
        memcmp(line->text, "\xef\xbb\xbf", 3) != 0)
        return;
    line->text += 3;
    line->length -= 3;
}

/* Reads the next line, or sets has_ended. */
static bool
next_copy_line(Input *input, Copy *copy, TextLine *line, Diag *diag)
{
    bool is_escaped = input->spec.encoding.char_length == NULL;
    LineStatus status = linereader_next(&copy->lines, is_escaped, line, diag);

    copy->has_ended = status == LINE_END;
    if (status != LINE_TEXT)
        return status == LINE_END;
    skip_copy_bom(copy, line);
    if (!check_line_end(input, copy, line, diag))
        return false;
    if (line->length == 2 && memcmp(line->text, "\\.", 2) == 0)
    {
        copy->has_ended = true;
        return check_rest(input, copy, diag);
    }
    return check_trouble(input, copy, line, diag);
}

static bool
read_header(Input *input, Copy *copy, InputTable *table, Diag *diag)
{
    TextLine line = {0};
    CopyLine rest;
    CopyField field;

    if (!next_copy_line(input, copy, &line, diag))
        return false;
    if (copy->has_ended)
        return input_fail(input, copy->lines.line, diag, "the header is missing");
    rest = copytext_line(line.text, line.length);
    while (copytext_next_field(&rest, &field))
    {
        PQExpBufferData name;

        initPQExpBuffer(&name);
        copytext_unescape(&name, &field, &input->spec.encoding);
        names_add(&copy->names, name.data, name.len);
        termPQExpBuffer(&name);
    }
    table->columns = (const char *const *)copy->names.items;
    table->n_columns = copy->names.n_items;
    return true;
}

static InputStatus
next_copy_table(Input *input, InputTable *table, Diag *diag)
{
    Copy *copy = input->state;

    input->is_table_at_end = copy->has_begun;
    if (copy->has_begun)
        return INPUT_END;
    copy->has_begun = true;
    if (input->spec.has_copy_header && !read_header(input, copy, table, diag))
        return INPUT_ERROR;
    return INPUT_TABLE;
}

static bool
fill_copy(Input *input, Diag *diag)
{
    Copy *copy = input->state;
    TextLine line;

    while (!input_is_full(input) && !copy->has_ended)
    {
        if (!next_copy_line(input, copy, &line, diag))
            return false;
        if (copy->has_ended)
            break;
        input->record++;
        if (!input->has_projection)
            continue;
        input->lines->source_line = copy->lines.line;
        projection_add_copy(&input->projection, line.text, line.length,
                            input_get_number(input), input->lines);
    }
    input->is_table_at_end = copy->has_ended;
    return true;
}

static void
close_copy(void *state)
{
    Copy *copy = state;

    linereader_free(&copy->lines);
    names_free(&copy->names);
    termPQExpBuffer(&copy->lettered);
    free(copy);
}

const InputReader copy_reader = {open_copy, next_copy_table, fill_copy, close_copy};
