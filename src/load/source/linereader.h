/*
 * Cuts text into lines, of any length, and looks over what COPY's text format has in a
 * line.
 */
#ifndef LOAD_SOURCE_LINEREADER_H
#define LOAD_SOURCE_LINEREADER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/diag.h"
#include "base/strbuf.h"
#include "load/source/input_internal.h"

typedef struct LineReader
{
    Input *input;
    char *buffer;
    size_t size;
    size_t start; /* of what was not taken yet */
    size_t end;
    size_t line; /* number of the line that was taken last, where it begins */
    size_t next_line;
    bool is_at_end;
} LineReader;

/* Lasts until the next line is asked for. */
typedef struct TextLine
{
    const char *text;
    size_t length;      /* without its line feed */
    bool has_line_feed; /* all but the last one have */
} TextLine;

typedef enum LineStatus
{
    LINE_TEXT,
    LINE_END,
    LINE_ERROR
} LineStatus;

void linereader_init(LineReader *reader, Input *input);
void linereader_free(LineReader *reader);

/* With is_escaped, a line feed behind a backslash is part of the line, as for COPY. */
LineStatus linereader_next(LineReader *reader, bool is_escaped, TextLine *line,
                           Diag *diag) __attribute__((warn_unused_result));

/* What there is in a line of COPY text that cannot be passed on as it is. */
typedef enum LineTrouble
{
    TROUBLE_NONE,
    TROUBLE_CONTROL,    /* a tab or line end that is escaped by just a backslash */
    TROUBLE_END_MARKER, /* \. within the line: the server would stop there */
    TROUBLE_CUT         /* a backslash with nothing behind it */
} LineTrouble;

LineTrouble linereader_find_trouble(const TextLine *line, const CopyEncoding *encoding);

/* Appends the line with letters for control characters behind a backslash. */
void linereader_append_lettered(PQExpBuffer out, const TextLine *line,
                                const CopyEncoding *encoding);

/* Nothing but blanks? */
bool linereader_is_blank(const char *text, size_t length);

#endif
