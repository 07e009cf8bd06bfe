/*
 * The text format of COPY, taken apart field by field, and its values quoted for SQL.
 * https://www.postgresql.org/docs/current/sql-copy.html
 *
 * In some client-only encodings (SJIS, BIG5, GBK, ...) the second byte of a character can
 * look like a backslash. A CopyEncoding has how to step over such characters; with all
 * other encodings bytes are looked at one by one. Tabs, newlines and quotes never occur
 * inside a character in any encoding of PostgreSQL.
 *
 * Quoted values are for sessions with standard_conforming_strings = on.
 *
 * Pure: no server, no output. Text is appended to buffers that the caller owns; whether
 * memory ran out is for the caller to see (PQExpBufferBroken()).
 */
#ifndef MODEL_COPYTEXT_H
#define MODEL_COPYTEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/copyencoding.h"
#include "base/strbuf.h"

/* Does a client encoding of this name (as the server reports it) need char_length? */
bool copytext_needs_char_length(const char *encoding_name);

/* Is the text the same in all encodings? */
bool copytext_is_ascii(const char *text);

/* One field as COPY wrote it: still escaped, not zero-terminated. */
typedef struct CopyField
{
    const char *text; /* in the line */
    size_t length;    /* bytes */
    bool is_null;     /* it is \N; text is those two bytes */
    bool has_escapes; /* there is a backslash in it; copytext_split() alone says so */
} CopyField;

/* What is left of a line. */
typedef struct CopyLine
{
    const char *rest; /* NULL after the last field */
    size_t length;
} CopyLine;

/*
 * Begins at the first field of a line that stays the caller's; a newline at its end is
 * left out. Nothing is allocated.
 */
CopyLine copytext_line(const char *text, size_t length);

/*
 * Takes the next field, or returns false after the last one. A line without a tab is one
 * field, even if it is empty: a row without any column looks just like an empty string.
 */
bool copytext_next_field(CopyLine *line, CopyField *field);

/*
 * All fields of a line without its newline, n at most; returns how many there are. It is
 * faster than one after the other where fields are short.
 */
size_t copytext_split(const char *text, size_t length, CopyField *fields, size_t n);

/* Appends the value of a field that is not NULL, its escapes resolved. */
void copytext_unescape(PQExpBuffer out, const CopyField *field,
                       const CopyEncoding *encoding);

/*
 * Appends the field's value as an element of an array literal that is itself inside of an
 * SQL string literal: in double quotes, unless it is an integer or NULL. The caller
 * writes what is around elements: '{  ,  }'.
 */
void copytext_append_element(PQExpBuffer out, const CopyField *field,
                             const CopyEncoding *encoding);

/* Appends a value as COPY writes it in a field. */
void copytext_append_escaped(PQExpBuffer out, const char *text, size_t length,
                             const CopyEncoding *encoding);

/* Appends the field's value as an SQL string literal, or NULL. */
void copytext_append_literal(PQExpBuffer out, const CopyField *field,
                             const CopyEncoding *encoding);

/* Appends an SQL string literal of a text that is not escaped, as in a PGresult. */
void copytext_append_string(PQExpBuffer out, const char *text, size_t length);

/*
 * Appends text for the rest of a comment line: newlines and other control characters
 * become \n, \x1b and so on, so that nothing in the text can end the comment.
 */
void copytext_append_comment(PQExpBuffer out, const char *text);

#endif
