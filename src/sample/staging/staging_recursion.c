#include "sample/staging/staging_recursion.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "model/query.h"
#include "model/query_staging.h"
#include "sample/fetch.h"
#include "sample/staging/staging_closure.h"

typedef struct Draining
{
    Sample *sample;
    Session *session;
    const Component *component;
} Draining;

void
stage_prepare_reached(Stage *stage)
{
    PQExpBufferData sql;

    initPQExpBuffer(&sql);
    if (stage->has_reached)
        appendPQExpBuffer(&sql, "TRUNCATE %s.reached", stage->names.qschema);
    else
        query_stage_create_reached(&sql, &stage->names);
    db_execute(stage->keeper, sql.data);
    stage->has_reached = true;
    termPQExpBuffer(&sql);
}

/*
 * Follows the chains from the rows with these keys; what is staged already is met again.
 */
static size_t
follow(void *context, const Edge *edge, const KeySet *keys, const size_t *indexes,
       size_t n)
{
    Draining *draining = context;
    Stage *stage = draining->sample->stage;
    const FkGraph *graph = draining->sample->graph;
    const ReferencedKey *key = &graph->referenced_keys[edge->referenced_key];
    char *begin = mem_format("INSERT INTO %s.reached\n", stage->names.qschema);
    PQExpBufferData sql;

    initPQExpBuffer(&sql);
    query_drain_begin(&sql, begin);
    query_drain_keys(&sql, &draining->sample->fetch_layouts[key->relation], key, keys,
                     indexes, n, &draining->session->encoding, true);
    query_drain_end(&sql, draining->sample->plan, graph, draining->component, "");
    stage_insert_reached(stage, draining->component, sql.data);
    termPQExpBuffer(&sql);
    free(begin);
    return n;
}

size_t
stage_fetch_reached(Sample *sample, Session *session, int relation)
{
    PQExpBufferData sql;
    size_t n_new;

    initPQExpBuffer(&sql);
    query_stage_reached(&sql, &sample->stage->names, relation);
    n_new = fetch_found(sample, session, relation, sample->stage->keeper, sql.data);
    termPQExpBuffer(&sql);
    return n_new;
}

size_t
stage_drain(Sample *sample, Session *session, const Component *component, int pass)
{
    const FkGraph *graph = sample->graph;
    int own = graph->component_of[component->relations.items[0]];
    Draining draining = {.sample = sample, .session = session, .component = component};
    size_t n_asked = 0;
    size_t n_new = 0;

    stage_prepare_reached(sample->stage);
    for (int i = 0; i < component->relations.n_items; i++)
    {
        const IntList *outgoing = &graph->outgoing[component->relations.items[i]];

        for (int j = 0; j < outgoing->n_items; j++)
        {
            const Edge *edge = &graph->edges[outgoing->items[j]];

            if (graph->component_of[edge->foreign_key->referenced] == own &&
                !sample->plan->tables[edge->foreign_key->referenced].is_data_excluded)
                n_asked +=
                    stage_find_missing(sample->stage, edge, pass, follow, &draining);
        }
    }
    for (int i = 0; n_asked > 0 && i < component->relations.n_items; i++)
    {
        if (!sample->plan->tables[component->relations.items[i]].is_data_excluded)
            n_new += stage_fetch_reached(sample, session, component->relations.items[i]);
    }
    return n_new;
}
