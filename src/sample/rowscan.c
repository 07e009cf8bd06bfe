#include "sample/rowscan.h"

#include <stdlib.h>

#include "base/bigmem.h"
#include "base/die.h"
#include "base/plural.h"
#include "model/query.h"
#include "sample/direct/set_null.h"
#include "sample/row_ids.h"
#include "sample/staging/staging.h"

enum
{
    MAX_ORDERED_BY_ROW_ID =
        200000 /* rows: for more the ids of the whole table are read */
};

/* The server returns the row ids in the order of the key. */
static void
order_by_key(Sample *sample, Session *session, int relation)
{
    const RowLayout *layout = &sample->layouts[relation];
    RowStore *rows = sample->tables[relation].rows;
    size_t n = rowstore_count(rows);
    PQExpBufferData sql;
    RowId *ids;
    size_t n_ids;

    if (layout->relation->n_key == 0 || n < 2)
        return;
    initPQExpBuffer(&sql);
    if (n > MAX_ORDERED_BY_ROW_ID)
        query_fetch_key_order(&sql, layout);
    else
    {
        ids = rowstore_list_ids(rows, 0);
        query_fetch_key_order_of(&sql, layout, ids, n);
        bigmem_free(ids);
    }
    ids = row_ids_read(session_get_reader(session, layout->relation), layout->relation,
                       sql.data, &n_ids);
    termPQExpBuffer(&sql);
    if (rowstore_reorder(rows, ids, n_ids) != n)
        die_message(EXIT_INCONSISTENT,
                    "rows of table %s have changed within the snapshot",
                    layout->relation->qname);
    bigmem_free(ids);
}

static RowScan
begin_rowscan(Sample *sample, Session *session, int relation, bool is_ordered)
{
    SampleTable *table = &sample->tables[relation];
    RowScan scan = {.sample = sample, .relation = relation};

    if (sample->staging != NULL)
    {
        scan.db = staging_scan_begin(sample, relation, is_ordered);
        return scan;
    }
    if (!table->is_in_order)
    {
        rowstore_sort(table->rows);
        if (is_ordered)
            order_by_key(sample, session, relation);
        table->is_in_order = true;
    }
    return scan;
}

RowScan
rowscan_begin(Sample *sample, Session *session, int relation, bool is_ordered)
{
    if (!masked_rows_has(sample->masked, relation))
        return begin_rowscan(sample, session, relation, is_ordered);
    return (RowScan){.sample = sample,
                     .relation = relation,
                     .masked = masked_rows_read(sample->masked, relation)};
}

RowScan
rowscan_begin_raw(Sample *sample, Session *session, int relation, bool is_ordered)
{
    RowScan scan = begin_rowscan(sample, session, relation, is_ordered);

    scan.is_raw = true;
    return scan;
}

static const char *
next_staged(RowScan *scan, size_t *length)
{
    const Sample *sample = scan->sample;
    char *line;
    ssize_t n = db_copy_row(scan->db, &line);

    if (n >= 0)
    {
        scan->n_read++;
        *length = (size_t)n;
        if (!scan->is_raw)
            sample_note_output(scan->sample, scan->relation, line, *length);
        return line;
    }
    if (scan->n_read != sample->tables[scan->relation].n_rows)
        die_message(EXIT_INCONSISTENT,
                    "the staging table of %s has %zu row%s, but %zu %s sampled",
                    sample->layouts[scan->relation].relation->qname, scan->n_read,
                    plural(scan->n_read), sample->tables[scan->relation].n_rows,
                    plural_choose(sample->tables[scan->relation].n_rows, "was", "were"));
    db_set_context(scan->db, NULL);
    if (!scan->is_raw)
        sample->tables[scan->relation].is_noted = true;
    return NULL;
}

static const char *
next_kept(RowScan *scan, size_t *length)
{
    Sample *sample = scan->sample;
    SampleTable *table = &sample->tables[scan->relation];
    const char *line;

    if (scan->n_read == rowstore_count(table->rows))
    {
        table->is_noted = table->is_noted || !scan->is_raw;
        return NULL;
    }
    line = rowstore_get(table->rows, scan->n_read++, length);
    if (sample->graph->ignored_of[scan->relation].n_items == 0)
        return line;
    line = set_null_apply(sample, scan->relation, line, length);
    if (!scan->is_raw)
        sample_note_output(sample, scan->relation, line, *length);
    return line;
}

static const char *
next_masked(RowScan *scan, size_t *length)
{
    const char *line = masked_rows_next(&scan->masked, length);

    if (line != NULL)
        sample_note_output(scan->sample, scan->relation, line, *length);
    else
        scan->sample->tables[scan->relation].is_noted = true;
    return line;
}

const char *
rowscan_next(RowScan *scan, size_t *length)
{
    if (scan->masked.rows != NULL)
        return next_masked(scan, length);
    return scan->db != NULL ? next_staged(scan, length) : next_kept(scan, length);
}
