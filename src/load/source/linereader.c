#include "load/source/linereader.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum
{
    FIRST_SIZE = 256 * 1024,
    LONGEST = 1024 * 1024 * 1024 /* the server takes no longer line */
};

void
linereader_init(LineReader *reader, Input *input)
{
    *reader = (LineReader){.input = input, .size = FIRST_SIZE, .next_line = 1};
    reader->buffer = mem_alloc(reader->size);
}

void
linereader_free(LineReader *reader)
{
    free(reader->buffer);
}

/* Moves the rest to the beginning of the buffer, and reads. */
static bool
fill(LineReader *reader, Diag *diag)
{
    size_t left = reader->end - reader->start;
    size_t n_read;

    if (left > LONGEST)
        return input_fail(reader->input, reader->next_line, diag,
                          "the line has more than 1 GB");
    memmove(reader->buffer, reader->buffer + reader->start, left);
    reader->start = 0;
    reader->end = left;
    if (left > reader->size / 2)
    {
        reader->buffer = mem_resize(reader->buffer, reader->size, 2);
        reader->size *= 2;
    }
    if (!input_read_bytes(reader->input, reader->buffer + left, reader->size - left,
                          &n_read, diag))
        return false;
    reader->end += n_read;
    reader->is_at_end = n_read == 0;
    return true;
}

static bool
is_behind_backslash(const char *start, const char *line_feed)
{
    const char *first = line_feed;

    while (first > start && first[-1] == '\\')
        first--;
    return (line_feed - first) % 2 == 1;
}

/* The line feed that ends the line, searched from that offset on; or NULL. */
static const char *
find_line_feed(LineReader *reader, size_t from, bool is_escaped)
{
    const char *start = reader->buffer + reader->start;
    const char *end = reader->buffer + reader->end;
    const char *found = start + from;

    while (found < end && (found = memchr(found, '\n', (size_t)(end - found))) != NULL)
    {
        if (!is_escaped || !is_behind_backslash(start, found))
            return found;
        reader->next_line++;
        found++;
    }
    return NULL;
}

LineStatus
linereader_next(LineReader *reader, bool is_escaped, TextLine *line, Diag *diag)
{
    size_t seen = 0;
    const char *line_feed;

    reader->line = reader->next_line;
    while ((line_feed = find_line_feed(reader, seen, is_escaped)) == NULL &&
           !reader->is_at_end)
    {
        seen = reader->end - reader->start;
        if (!fill(reader, diag))
            return LINE_ERROR;
    }
    if (line_feed == NULL && reader->start == reader->end)
        return LINE_END;
    line->text = reader->buffer + reader->start;
    line->has_line_feed = line_feed != NULL;
    line->length = line_feed != NULL ? (size_t)(line_feed - line->text)
                                     : reader->end - reader->start;
    reader->start += line->length + (line_feed != NULL ? 1 : 0);
    reader->next_line++;
    if (memchr(line->text, '\0', line->length) == NULL)
        return LINE_TEXT;
    (void)input_fail(reader->input, reader->line, diag, "NUL byte found in data");
    diag_set_hint(diag, "The file must be text in an encoding other than UTF-16.");
    return LINE_ERROR;
}

/* ---- what is in a line */

/* The next backslash that is not part of a multibyte character, or NULL. */
static const char *
find_backslash(const char *text, const char *end, const CopyEncoding *encoding)
{
    if (encoding->char_length == NULL)
        return text < end ? memchr(text, '\\', (size_t)(end - text)) : NULL;
    while (text < end && *text != '\\')
    {
        int length = 1;

        if ((*text & 0x80) != 0 && end - text > 1)
            length = encoding->char_length(text, encoding->encoding);
        text += length < 1 ? 1 : length;
    }
    return text < end ? text : NULL;
}

LineTrouble
linereader_find_trouble(const TextLine *line, const CopyEncoding *encoding)
{
    const char *end = line->text + line->length;
    const char *next = line->text;
    LineTrouble trouble = TROUBLE_NONE;

    while ((next = find_backslash(next, end, encoding)) != NULL)
    {
        if (next + 1 == end)
            return TROUBLE_CUT;
        if (next[1] == '.')
            return TROUBLE_END_MARKER;
        if (next[1] == '\t' || next[1] == '\n' || next[1] == '\r')
            trouble = TROUBLE_CONTROL;
        next += 2;
    }
    return trouble;
}

void
linereader_append_lettered(PQExpBuffer out, const TextLine *line,
                           const CopyEncoding *encoding)
{
    static const char controls[] = "\t\n\r";
    static const char letters[] = "tnr";
    const char *end = line->text + line->length;
    const char *start = line->text;
    const char *next = start;

    while ((next = find_backslash(next, end, encoding)) != NULL && next + 1 < end)
    {
        const char *control = memchr(controls, next[1], sizeof(letters) - 1);

        next += 2;
        if (control == NULL)
            continue;
        appendBinaryPQExpBuffer(out, start, (size_t)(next - 1 - start));
        appendPQExpBufferChar(out, letters[control - controls]);
        start = next;
    }
    appendBinaryPQExpBuffer(out, start, (size_t)(end - start));
}

bool
linereader_is_blank(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
    {
        if (memchr(" \t\r\n", text[i], 4) == NULL)
            return false;
    }
    return true;
}
