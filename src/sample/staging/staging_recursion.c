/*
 * Long chains of a cyclic component in staging mode: a pass for each step of the chain
 * would cost two round trips and a transaction. Instead the source connection runs a
 * recursive query over the source, from the keys that are missing, which inserts the ids
 * of all rows that it reaches into the table "reached"; then the staging connection
 * selects those that are not staged yet, and they are fetched by id. The recursive query
 * cannot see what is staged, so it returns such rows as well.
 */
#include "sample/staging/staging_closure.h"

#include <stdlib.h>

#include "base/mem.h"
#include "model/query.h"
#include "model/query_staging.h"
#include "sample/fetch.h"
#include "sample/staging/staging_tables.h"

typedef struct Recursion
{
    Sample *sample;
    Session *session;
    const Component *component;
} Recursion;

void
staging_recursion_prepare(Staging *staging)
{
    PQExpBufferData sql;

    initPQExpBuffer(&sql);
    if (staging->has_found_table)
        appendPQExpBuffer(&sql, "TRUNCATE %s.reached", staging->names.qschema);
    else
        query_staging_create_found(&sql, &staging->names);
    db_execute(staging->staging_db, sql.data);
    staging->has_found_table = true;
    termPQExpBuffer(&sql);
}

/*
 * From the rows with these keys; rows that are staged already are reached again.
 */
static size_t
recurse_from_keys(void *context, const GraphKey *fk, const KeyBatch *keys)
{
    Recursion *recursion = context;
    Staging *staging = recursion->sample->staging;
    const FkGraph *graph = recursion->sample->graph;
    const ReferencedKey *key = &graph->referenced_keys[fk->referenced_key];
    char *begin = mem_format("INSERT INTO %s.reached\n", staging->names.qschema);
    PQExpBufferData sql;

    initPQExpBuffer(&sql);
    query_fetch_begin_recursion(&sql, begin);
    query_fetch_recursion_from_keys(&sql,
                                    &recursion->sample->fetch_layouts[key->relation], key,
                                    keys, &recursion->session->encoding, true);
    query_fetch_end_recursion(&sql, recursion->sample->plan, graph, recursion->component,
                              "");
    staging_insert_found(staging, recursion->component, sql.data);
    termPQExpBuffer(&sql);
    free(begin);
    return keys->n;
}

size_t
staging_recursion_fetch(Sample *sample, Session *session, int relation)
{
    PQExpBufferData sql;
    size_t n_new;

    staging_tables_need(sample->staging, &relation, 1);
    initPQExpBuffer(&sql);
    query_staging_found(&sql, &sample->staging->names, relation);
    n_new = fetch_found(sample, session, relation, sample->staging->staging_db, sql.data);
    termPQExpBuffer(&sql);
    return n_new;
}

/* From the rows of the relation that rows of the pass refer to within the component. */
static size_t
recurse_to(Recursion *recursion, int relation, int pass)
{
    const KeyGroups *groups = &recursion->sample->staging->groups;
    size_t n_asked = 0;

    for (int i = groups->first_to[relation]; i < groups->first_to[relation + 1]; i++)
    {
        const KeyGroup *group = &groups->items[i];

        if (group->is_inside &&
            staging_missing_is_possible(recursion->sample, group, pass))
            n_asked += staging_missing_find(recursion->sample, group, pass,
                                            recurse_from_keys, recursion);
    }
    return n_asked;
}

size_t
staging_recursion_run(Sample *sample, Session *session, const Component *component,
                      int pass)
{
    Recursion recursion = {.sample = sample, .session = session, .component = component};
    size_t n_asked = 0;
    size_t n_new = 0;

    staging_recursion_prepare(sample->staging);
    for (int i = 0; i < component->relations.n_items; i++)
        n_asked += recurse_to(&recursion, component->relations.items[i], pass);
    for (int i = 0; n_asked > 0 && i < component->relations.n_items; i++)
    {
        if (!sample->plan->tables[component->relations.items[i]].is_data_excluded)
            n_new +=
                staging_recursion_fetch(sample, session, component->relations.items[i]);
    }
    return n_new;
}
