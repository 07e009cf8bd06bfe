#include "sample/outside.h"

#include <stdlib.h>

#include "base/bigmem.h"
#include "base/mem.h"
#include "model/query_down.h"
#include "sample/fetch.h"
#include "sample/row_ids.h"
#include "sample/staging/staging.h"

IdSet *
outside_check(const Plan *plan, Session *session, int relation, RowId *ids, size_t n)
{
    const Relation *source = &plan->catalog->relations[relation];
    Db *db = session_get_user_reader(session, source);
    IdSet *outside = idset_new();
    PQExpBufferData sql;

    initPQExpBuffer(&sql);
    db_set_context(db, "--where-column \"%s\" on table %s",
                   plan->tables[relation].filter->text, source->qname);
    rowid_sort(ids, n);
    for (size_t i = 0; i < n;)
    {
        size_t batch = fetch_count_batch(ids + i, n - i);

        resetPQExpBuffer(&sql);
        query_down_outside_filter(&sql, plan, relation, ids + i, batch);
        row_ids_add(outside, db, source, sql.data);
        i += batch;
    }
    db_set_context(db, NULL);
    termPQExpBuffer(&sql);
    return outside;
}

static IdSet *
check_all_rows(Sample *sample, Session *session, int relation)
{
    const RowStore *rows = sample->tables[relation].rows;
    size_t n = rowstore_count(rows);
    RowId *ids = sample->staging != NULL ? staging_list_row_ids(sample, relation, &n)
                                         : rowstore_list_ids(rows, 0);
    IdSet *outside = outside_check(sample->plan, session, relation, ids, n);

    bigmem_free(ids);
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
            sample->outside[i] = check_all_rows(sample, session, i);
    }
}
