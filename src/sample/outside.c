#include "sample/outside.h"

#include <stdlib.h>

#include "base/mem.h"
#include "model/query_down.h"
#include "sample/fetch.h"
#include "sample/row_ids.h"
#include "sample/staging/staging.h"

/* The ids of the relation's rows, sorted; the caller frees them. */
static RowId *
list_all_rows(Sample *sample, int relation, size_t *n)
{
    const RowStore *rows = sample->tables[relation].rows;
    RowId *ids;

    if (sample->staging != NULL)
        ids = staging_list_row_ids(sample, relation, n);
    else
    {
        *n = rowstore_count(rows);
        ids = mem_alloc((*n + 1) * sizeof(*ids));
        for (size_t i = 0; i < *n; i++)
            ids[i] = rowstore_get_id(rows, i);
    }
    rowid_sort(ids, *n);
    return ids;
}

static IdSet *
find_outside(Sample *sample, Session *session, int relation)
{
    const Plan *plan = sample->plan;
    const Relation *source = &plan->catalog->relations[relation];
    Db *db = session_get_user_reader(session, source);
    IdSet *outside = idset_new();
    size_t n;
    RowId *ids = list_all_rows(sample, relation, &n);
    PQExpBufferData sql;

    initPQExpBuffer(&sql);
    db_set_context(db, "--where-column \"%s\" on table %s",
                   plan->tables[relation].filter->text, source->qname);
    for (size_t i = 0; i < n;)
    {
        size_t batch = fetch_count_batch(ids + i, n - i);
        RowId *found;
        size_t n_found;

        resetPQExpBuffer(&sql);
        query_down_outside_filter(&sql, plan, relation, ids + i, batch);
        found = row_ids_read(db, source, sql.data, &n_found);
        for (size_t j = 0; j < n_found; j++)
            idset_add(outside, found[j]);
        free(found);
        i += batch;
    }
    db_set_context(db, NULL);
    termPQExpBuffer(&sql);
    free(ids);
    return outside;
}

void
outside_find(Sample *sample, Session *session)
{
    const Plan *plan = sample->plan;

    if (plan->subset == NULL || plan->subset->n_filters == 0)
        return;
    sample->outside =
        mem_alloc_zero((size_t)plan->catalog->n_relations, sizeof(*sample->outside));
    for (int i = 0; i < plan->catalog->n_relations; i++)
    {
        /* picked rows and rows of D satisfy the filter */
        if (plan->tables[i].filter != NULL && sample->tables[i].n_referenced > 0)
            sample->outside[i] = find_outside(sample, session, i);
    }
}
