/*
 * The rows of one relation of the finished sample in the order of the dump, in either
 * mode: from the row store, or from the staging table. Columns of ignored foreign keys
 * are NULL where the referenced row is not in the sample.
 *
 * The order is that of the source (leaf, then ctid), so that both modes write the same
 * bytes; or that of the key, which only the server knows, because of types and
 * collations. In direct mode it returns the row ids in that order.
 *
 * Once a relation is masked (sample->masked), its rows are the masked ones, in the order
 * in which they were masked.
 */
#ifndef SAMPLE_ROWSCAN_H
#define SAMPLE_ROWSCAN_H

#include "sample/masked/masked_rows.h"
#include "sample/sample.h"
#include "sample/session.h"

typedef struct RowScan
{
    Sample *sample;
    int relation;
    size_t n_read;
    Db *db;              /* in staging mode: that the rows come from */
    MaskedReader masked; /* or these, which have been masked */
    bool is_raw;
} RowScan;

/*
 * Begins with the first row: in the order of the key if is_ordered and there is one, else
 * in the order of the source. In staging mode only one scan runs at a time, and it must
 * be read to its end.
 */
RowScan rowscan_begin(Sample *sample, Session *session, int relation, bool is_ordered);

/*
 * The same, of the rows as they are in the source, before the sample is masked; what they
 * hold does not count as output.
 */
RowScan rowscan_begin_raw(Sample *sample, Session *session, int relation,
                          bool is_ordered);

/* The next line by sample->layouts, valid until the next call. NULL: no more. */
const char *rowscan_next(RowScan *scan, size_t *length);

#endif
