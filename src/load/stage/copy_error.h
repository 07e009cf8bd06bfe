/*
 * Finds the line that an error of COPY ... FROM STDIN is about, in its context: "COPY
 * item_staging_a1b2c3d4_20250930_143022, line 3, column a: "x"". The text is in the
 * language of the server, and values and names can contain anything; so only the end of
 * the table's name, which occurs in no other name, and the number after it are used.
 *
 * Pure: no server, no output.
 */
#ifndef LOAD_STAGE_COPY_ERROR_H
#define LOAD_STAGE_COPY_ERROR_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The number of the line, from 1 to n_lines, after the end of the table's name (the
 * tail). False if there is none, or if it is out of range.
 */
bool copy_error_find_line(const char *context, const char *tail, size_t n_lines,
                          size_t *line);

/* The same for a table of the user, whose name can occur elsewhere in the context. */
bool copy_error_find_line_of(const char *context, const char *table, size_t n_lines,
                             size_t *line);

/* Which of the columns is named after the number, or -1. Names are raw. */
int copy_error_find_column(const char *context, const char *tail,
                           const char *const *names, int n_names);

typedef enum CopyErrorKind
{
    COPY_ERROR_DATA,     /* of a line */
    COPY_ERROR_LIKELY,   /* of a line, if the context names one */
    COPY_ERROR_NOT_DATA, /* of the server, the session or the statement */
} CopyErrorKind;

/* sqlstate may be NULL. */
CopyErrorKind copy_error_classify(const char *sqlstate);

#endif
