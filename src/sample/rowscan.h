/*
 * The rows of one relation of the finished sample in the order of the dump, wherever they
 * are: collected here, or on the server when staging. Columns of ignored foreign keys are
 * NULL where their row is missing.
 */
#ifndef SAMPLE_ROWSCAN_H
#define SAMPLE_ROWSCAN_H

#include "sample/sample.h"
#include "sample/session.h"

typedef struct RowScan
{
    Sample *sample;
    int relation;
    size_t n_read;
    Db *db; /* that the rows come from, or NULL */
} RowScan;

/*
 * Begins with the first row: in the order of the key if is_ordered and there is one, else
 * in the order of the source. While rows come from the server, one scan runs at a time,
 * and goes to its end.
 */
RowScan rowscan_begin(Sample *sample, Session *session, int relation, bool is_ordered);

/* The next line, as sample->layouts tells; valid until the next call. NULL: no more. */
const char *rowscan_next(RowScan *scan, size_t *length);

#endif
