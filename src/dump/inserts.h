/* Rows as INSERT statements instead of COPY blocks (--inserts). */
#ifndef DUMP_INSERTS_H
#define DUMP_INSERTS_H

#include "dump/sink.h"
#include "sample/rowscan.h"

/*
 * Writes all rows of the scan, so many to a statement, which ends with that text. Columns
 * that are marked in is_set_null (NULL: none) are written as NULL.
 */
void inserts_write(Sink *sink, RowScan *scan, int rows_per_insert, const char *end,
                   const bool *is_set_null, const CopyEncoding *encoding);

/* Appends the begin of such a statement, up to VALUES and the end of the line. */
void inserts_append_begin(PQExpBuffer sql, const RowLayout *layout);

/* Appends a row as "(1, 'a')"; the line has only the columns of the dump. */
void inserts_append_row(PQExpBuffer sql, const RowLayout *layout, const char *line,
                        size_t length, const bool *is_set_null,
                        const CopyEncoding *encoding);

#endif
