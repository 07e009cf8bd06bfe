/*
 * The tables of the staging schema.
 *
 * To create a table and to drop it again costs the server half a millisecond and more,
 * four times as much as to fill it with a few rows. So a table is created when it is
 * needed: to be picked into, or because a row of it, or one that refers to it, is
 * staged. A sample that is kept, or whose provenance is asked for, has all of them from
 * the beginning.
 *
 * Many are created with one question; how many depends on the lock slots of the server.
 */
#include "sample/staging/staging_tables.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "model/query_staging.h"
#include "sample/staging/staging_schema.h"

void
staging_tables_need(Staging *staging, const int *relations, int n)
{
    int at_once = staging_schema_count_at_once(staging);
    PQExpBufferData sql;
    int n_new = 0;

    initPQExpBuffer(&sql);
    for (int i = 0; i < n; i++)
    {
        StagedTable *table = &staging->tables[relations[i]];

        if (table->is_created)
            continue;
        /* from here on it may exist, even if a signal ends the wait for the answer */
        table->is_created = true;
        query_staging_create(&sql, &staging->names, staging->catalog, relations[i]);
        if (++n_new % at_once != 0)
            continue;
        db_execute(staging->staging_db, sql.data);
        resetPQExpBuffer(&sql);
        log_progress("creating staging tables: %d", n_new);
    }
    if (sql.len > 0)
        db_execute(staging->staging_db, sql.data);
    termPQExpBuffer(&sql);
}

/* All that can get rows, or that such tables refer to. */
void
staging_tables_need_all(Staging *staging)
{
    const Plan *plan = staging->plan;
    int n = staging->catalog->n_relations;
    bool *is_wanted = mem_alloc_zero((size_t)n, sizeof(*is_wanted));
    int *relations = mem_alloc_zero((size_t)n, sizeof(*relations));
    int n_wanted = 0;

    for (int i = 0; i < n; i++)
        is_wanted[i] =
            plan->tables[i].is_needed || staging->catalog->relations[i].is_configuration;
    for (int i = 0; i < staging->graph->n_links; i++)
    {
        const Link *link = &staging->graph->links[i];

        if (plan->tables[link->referencing].is_needed)
            is_wanted[link->referenced] = true;
    }
    /* tables that ignored foreign keys refer to may be empty */
    for (int i = 0; i < staging->graph->n_ignored; i++)
    {
        const ForeignKey *key = staging->graph->ignored[i].foreign_key;

        if (plan->tables[key->referencing].is_needed)
            is_wanted[key->referenced] = true;
    }
    for (int i = 0; i < n; i++)
    {
        if (is_wanted[i])
            relations[n_wanted++] = i;
    }
    staging_tables_need(staging, relations, n_wanted);
    free(relations);
    free(is_wanted);
}

/* ---- tables that are picked from */

static bool
is_wanted_for_picks(const Sample *sample, int relation)
{
    return !sample->staging->tables[relation].is_created &&
           (sample->plan->tables[relation].n_picks > 0 ||
            (sample->down != NULL && sample->down[relation].n_rows > 0));
}

static int
list_for_picks(const Sample *sample, const Component *component, int *relations, int most)
{
    const FkGraph *graph = sample->graph;
    const Component *end = graph->components + graph->n_components;
    int n = 0;

    for (; component < end; component++)
    {
        for (int i = 0; i < component->relations.n_items; i++)
        {
            int relation = component->relations.items[i];

            if (!is_wanted_for_picks(sample, relation))
                continue;
            if (n == most)
                return n;
            relations[n++] = relation;
        }
    }
    return n;
}

void
staging_tables_need_for_picks(Sample *sample, const Component *component)
{
    Staging *staging = sample->staging;
    int most = staging_schema_count_at_once(staging);
    bool is_any = false;
    int *relations;

    for (int i = 0; i < component->relations.n_items; i++)
        is_any = is_any || is_wanted_for_picks(sample, component->relations.items[i]);
    if (!is_any)
        return;
    if (most < component->relations.n_items)
        most = component->relations.n_items;
    relations = mem_alloc((size_t)most * sizeof(*relations));
    staging_tables_need(staging, relations,
                        list_for_picks(sample, component, relations, most));
    free(relations);
}
