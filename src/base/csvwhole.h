/*
 * Records of CSV that lie in one piece of text, for csvreader.c: most of a file. They are
 * cut by searching for the bytes that mean something, in a fifth of the time of a parser
 * that takes one byte after the other. What is not whole, or not as it should be, is left
 * to the parser, which knows all cases and messages.
 *
 * Pure: no server, no output.
 */
#ifndef BASE_CSVWHOLE_H
#define BASE_CSVWHOLE_H

#include "base/csvreader.h"

/* A record that is being read. */
typedef struct CsvRow
{
    CsvField *fields; /* without text */
    size_t n_fields;
    size_t capacity;
    char *data; /* of the fields, each with a NUL behind it */
    size_t n_data;
    size_t n_field; /* bytes of the field that is next */
    size_t size;
} CsvRow;

typedef struct CsvSyntax
{
    char delimiter;
    char quote;
    const char *null_text; /* of null_length bytes */
    size_t null_length;
    bool is_special[256]; /* bytes that end a field without quotes */
} CsvSyntax;

void csvwhole_init(CsvSyntax *syntax, const CsvOptions *options);

/* Adds a part of the field that is next in the row, and ends that field. */
void csvwhole_add(CsvRow *row, const char *text, size_t length);
void csvwhole_end_field(CsvRow *row, bool is_null);

/*
 * Takes a record that begins the text, with its line end, into the row, which is empty.
 * Returns how many bytes it has, and how many lines; 0, and the row is empty, if it is to
 * be left to a parser, as an empty line is.
 */
size_t csvwhole_take(const CsvSyntax *syntax, const char *text, size_t length,
                     CsvRow *row, size_t *n_lines);

size_t csvwhole_count_line_feeds(const char *text, size_t length);

void csvwhole_free(CsvRow *row);

#endif
