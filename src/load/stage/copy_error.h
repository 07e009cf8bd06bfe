/*
 * What the server says about a line that COPY ... FROM STDIN did not take: "COPY
 * item_staging_a1b2c3d4_20250930_143022, line 3, column a: "x"", in any language.
 *
 * Pure: no server, no output.
 */
#ifndef LOAD_STAGE_COPY_ERROR_H
#define LOAD_STAGE_COPY_ERROR_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Finds the number of the line, from 1 to n_lines, behind the end of the table's name
 * (the tail). False if there is none, or if it cannot be right.
 */
bool copy_error_find_line(const char *context, const char *tail, size_t n_lines,
                          size_t *line);

/* The same of a table of the user's, whose name other lines of the context may have. */
bool copy_error_find_line_of(const char *context, const char *table, size_t n_lines,
                             size_t *line);

/* Which of the columns it names behind the number, or -1. Names are raw. */
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
