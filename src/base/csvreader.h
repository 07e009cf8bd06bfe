/*
 * Reads CSV whose first line names the columns, in chunks of any size. Strict RFC 4180:
 * commas, double quotes that are doubled within a quoted field, LF or CRLF, blanks are
 * part of a field. Besides that a byte order mark of UTF-8 in front is skipped, and so
 * are empty lines. Options change some of that.
 *
 *     CsvReader *reader = csvreader_new("FILE", &(CsvHandler){...});
 *
 *     while (is_good && there is a chunk)
 *         is_good = csvreader_feed(reader, chunk, length, &diag);
 *     is_good = is_good && csvreader_finish(reader, &diag);
 *     csvreader_free(reader);
 *
 * Nothing can be fed any more after a false. Memory is that of the longest record.
 */
#ifndef BASE_CSVREADER_H
#define BASE_CSVREADER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/diag.h"

typedef struct CsvReader CsvReader;

typedef struct CsvField
{
    const char *text; /* ends with a NUL besides; "" if is_null */
    size_t length;    /* bytes */
    bool is_null;     /* empty (or the text that means NULL) and not in quotes */
} CsvField;

/* Lasts until the handler returns; the names last as long as the reader. */
typedef struct CsvRecord
{
    const CsvField *fields; /* as many as there are columns, unless has_any_width */
    size_t n_fields;
    const char *const *names; /* of the columns */
    size_t line;              /* of the file, where the record begins; from 1 */
    bool is_empty_line;       /* see keeps_empty_lines: one field, which is empty */
} CsvRecord;

/*
 * Who gets what is read. Each may return false with diag, which then is the result of the
 * call that fed the chunk; csvreader_set_problem() makes a message with the place.
 */
typedef struct CsvHandler
{
    /* Called once, before the records: the names of the columns, all different. */
    bool (*header)(void *context, const CsvRecord *header, Diag *diag); /* or NULL */
    bool (*record)(void *context, const CsvRecord *record, Diag *diag);
    void *context;
} CsvHandler;

/* {0} is the CSV described above. */
typedef struct CsvOptions
{
    char delimiter;         /* 0: comma */
    char quote;             /* 0: double quote */
    const char *null_text;  /* not in quotes it is NULL, and an empty field is none then;
                              NULL or empty: the empty field; at most 1000 bytes */
    bool has_no_header;     /* all lines are records; has_any_width goes with it */
    bool has_any_width;     /* a wrong number of fields is the handler's affair */
    bool has_any_names;     /* and so are columns with no name, or the same one */
    bool keeps_empty_lines; /* behind the header, where one column may be all */
} CsvOptions;

/* The name of the file is for messages; it must outlive the reader. */
CsvReader *csvreader_new(const char *file, const CsvHandler *handler);

/* The options are copied, but their null_text must outlive the reader. */
CsvReader *csvreader_new_with(const char *file, const CsvHandler *handler,
                              const CsvOptions *options);

/* False with file, line and problem in diag. */
bool csvreader_feed(CsvReader *reader, const char *chunk, size_t length, Diag *diag)
    __attribute__((warn_unused_result));

/* Has the header been read? */
bool csvreader_has_header(const CsvReader *reader);

/* At the end of the file. A file without a header is an error. */
bool csvreader_finish(CsvReader *reader, Diag *diag) __attribute__((warn_unused_result));

void csvreader_free(CsvReader *reader);

/* False with file, line and problem in diag if a name is empty or occurs twice. */
bool csvreader_check_names(const char *const *names, size_t n, const char *file,
                           size_t line, Diag *diag) __attribute__((warn_unused_result));

/* Sets the message to "FILE, line N: problem". */
void csvreader_set_problem(Diag *diag, const char *file, size_t line,
                           const char *problem);

#endif
