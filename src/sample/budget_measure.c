/*
 * The bytes of rows that cannot be added up one by one as they come (budget.h).
 */
#include "sample/budget.h"

#include <stdlib.h>

#include "model/query_staging.h"
#include "sample/direct/set_null.h"
#include "sample/rowline.h"
#include "sample/staging/staging.h"

static bool
has_ignored_keys(const Sample *sample, int relation)
{
    return sample->graph->ignored_of[relation].n_items > 0;
}

static uint64_t
measure_kept(Sample *sample, int relation)
{
    const RowStore *rows = sample->tables[relation].rows;
    uint64_t n_bytes = 0;

    for (size_t i = 0; i < rowstore_count(rows); i++)
    {
        size_t length;
        const char *line = rowstore_get(rows, i, &length);

        line = set_null_apply(sample, relation, line, &length);
        n_bytes += rowline_count_output(&sample->layouts[relation], line, length);
    }
    return n_bytes;
}

/* The query of the rows decides what becomes NULL, so the rows have to be read. */
static uint64_t
measure_sent(Sample *sample, int relation)
{
    Db *db = staging_scan_begin(sample, relation, false);
    uint64_t n_bytes = 0;
    char *line;
    ssize_t length;

    while ((length = db_copy_row(db, &line)) >= 0)
        n_bytes += rowline_count_output(&sample->layouts[relation], line, (size_t)length);
    db_set_context(db, NULL);
    return n_bytes;
}

void
budget_measure_set_null(Sample *sample)
{
    if (sample->budget == NULL || sample->budget->max_size == 0)
        return;
    for (int i = 0; i < sample->graph->catalog->n_relations; i++)
    {
        if (!has_ignored_keys(sample, i) || sample->tables[i].n_rows == 0)
            continue;
        sample->n_bytes +=
            sample->staging != NULL ? measure_sent(sample, i) : measure_kept(sample, i);
        budget_check(sample);
    }
}

void
budget_measure_staged(Sample *sample, int relation)
{
    Staging *staging = sample->staging;
    PQExpBufferData sql;
    char *answer;

    if (sample->budget == NULL || sample->budget->max_size == 0 ||
        sample->tables[relation].n_rows == 0 || has_ignored_keys(sample, relation))
        return;
    initPQExpBuffer(&sql);
    query_staging_size(&sql, &staging->names, &sample->layouts[relation],
                       db_encoding(staging->staging_db));
    answer = db_query_value(staging->staging_db, sql.data);
    sample->n_bytes += strtoull(answer, NULL, 10);
    free(answer);
    termPQExpBuffer(&sql);
    budget_check(sample);
}
