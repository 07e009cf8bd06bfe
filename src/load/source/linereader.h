/*
 * Splits text into lines of up to 1 GB, and finds what cannot be passed on as it is in a
 * line of COPY's text format. The buffer doubles only while a line is longer than half of
 * it, so each byte is moved a constant number of times.
 *
 * COPY allows a backslash before a tab or a line end instead of \t or \n. Such lines are
 * rewritten with letters, so that every line is one record on its way to the server, and
 * the server's line numbers are those of the records.
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
    size_t start; /* of the bytes that were not returned yet */
    size_t end;
    size_t line; /* number of the first line of the text returned last */
    size_t next_line;
    bool is_at_end;
} LineReader;

/* Valid until the next call. */
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

/* With is_escaped, a line feed after a backslash is part of the line, as in COPY. */
LineStatus linereader_next(LineReader *reader, bool is_escaped, TextLine *line,
                           Diag *diag) __attribute__((warn_unused_result));

/* What in a line of COPY text cannot be passed on as it is. */
typedef enum LineTrouble
{
    TROUBLE_NONE,
    TROUBLE_CONTROL,    /* a tab or line end after a backslash */
    TROUBLE_END_MARKER, /* \. within the line: the server would stop there */
    TROUBLE_CUT         /* a backslash at the end */
} LineTrouble;

LineTrouble linereader_find_trouble(const TextLine *line, const CopyEncoding *encoding);

/* Appends the line with letters instead of control characters after a backslash. */
void linereader_append_lettered(PQExpBuffer out, const TextLine *line,
                                const CopyEncoding *encoding);

/* Does it consist of blanks only? */
bool linereader_is_blank(const char *text, size_t length);

#endif
