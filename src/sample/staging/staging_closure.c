#include "sample/staging/staging_closure.h"

#include "base/clock.h"
#include "base/die.h"
#include "base/log.h"
#include "base/plural.h"
#include "base/recovery.h"
#include "model/query.h"
#include "sample/budget.h"

typedef struct StagingClosure
{
    Sample *sample;
    Session *session;
    Staging *staging;
    const FkGraph *graph;
    StagingPending *pending;
    ClosureStatistics *statistics;
} StagingClosure;

static size_t
fetch_keys(void *context, const GraphKey *fk, const KeyBatch *keys)
{
    StagingClosure *closure = context;
    const ReferencedKey *key = &closure->graph->referenced_keys[fk->referenced_key];
    PQExpBufferData sql;
    size_t n_new;

    initPQExpBuffer(&sql);
    query_fetch_by_key(&sql, &closure->sample->fetch_layouts[key->relation], key, keys,
                       &closure->session->encoding);
    n_new = staging_insert(closure->sample, key->relation, sql.data);
    termPQExpBuffer(&sql);
    return n_new;
}

/*
 * With PERIOD several keys may refer to one row, which may be staged already: so only row
 * ids are found, as in staging_recursion_run().
 */
static size_t
find_periods(void *context, const GraphKey *fk, const KeyBatch *keys)
{
    StagingClosure *closure = context;
    const FkGraph *graph = closure->graph;
    const ReferencedKey *key = &graph->referenced_keys[fk->referenced_key];
    PQExpBufferData sql;

    initPQExpBuffer(&sql);
    appendPQExpBuffer(&sql, "INSERT INTO %s.reached\n", closure->staging->names.qschema);
    query_fetch_find_keys(&sql, &closure->sample->fetch_layouts[key->relation], key, keys,
                          &closure->session->encoding);
    staging_insert_found(closure->staging,
                         &graph->components[graph->component_of[key->relation]],
                         sql.data);
    termPQExpBuffer(&sql);
    return keys->n;
}

static size_t
resolve_periods(StagingClosure *closure, const KeyGroup *group, int pass)
{
    staging_recursion_prepare(closure->staging);
    if (staging_missing_find(closure->sample, group, pass, find_periods, closure) == 0)
        return 0;
    return staging_recursion_fetch(closure->sample, closure->session,
                                   group->fks[0]->foreign_key->referenced);
}

/* As far as it is known already what is missing, the server is not asked again. */
static size_t
resolve_missing(StagingClosure *closure, const KeyGroup *group, int pass)
{
    const FkGraph *graph = closure->graph;
    int component = graph->component_of[group->fks[0]->foreign_key->referenced];
    const KeySet *missing =
        staging_pending_find(closure->pending, group, &graph->components[component]);

    if (missing == NULL)
        return staging_missing_find(closure->sample, group, pass, fetch_keys, closure);
    return keyset_count(missing) == 0
               ? 0
               : fetch_keys(closure, group->fks[0],
                            &(KeyBatch){.set = missing, .n = keyset_count(missing)});
}

/* Stages the rows that the foreign keys' referencing rows lack; returns how many. */
static size_t
resolve_group(StagingClosure *closure, const KeyGroup *group, int pass)
{
    const ForeignKey *key = group->fks[0]->foreign_key;
    double start = clock_seconds();
    size_t n_new;

    if (!staging_missing_is_possible(closure->sample, group, pass))
        return 0;
    n_new = key->period >= 0 ? resolve_periods(closure, group, pass)
                             : resolve_missing(closure, group, pass);
    closure->sample->tables[key->referenced].seconds += clock_seconds() - start;
    return n_new;
}

static void
begin_pass(StagingClosure *closure, const Component *component, int pass)
{
    for (int i = 0; i < component->relations.n_items; i++)
        staging_set_pass(closure->staging, component->relations.items[i], pass);
}

/*
 * One pass over the foreign keys that refer to the component: those from inside of it, or
 * those from outside; only for rows of pass since, or for all (-1).
 */
static size_t
resolve_pass(StagingClosure *closure, const Component *component, bool is_inside,
             int since)
{
    const KeyGroups *groups = &closure->staging->groups;
    size_t n_new = 0;

    for (int i = 0; i < component->relations.n_items; i++)
    {
        int relation = component->relations.items[i];

        for (int j = groups->first_to[relation]; j < groups->first_to[relation + 1]; j++)
        {
            if (groups->items[j].is_inside == is_inside)
                n_new += resolve_group(closure, &groups->items[j], since);
        }
    }
    return n_new;
}

/* The same for declared references. */
static size_t
reference_pass(StagingClosure *closure, const Component *component, bool is_inside,
               int since)
{
    const FkGraph *graph = closure->graph;
    int own = graph->component_of[component->relations.items[0]];
    size_t n_new = 0;

    for (int i = 0; i < component->relations.n_items; i++)
    {
        int relation = component->relations.items[i];
        const IntList *references = &graph->references_to[relation];
        double start = clock_seconds();

        for (int j = 0; j < references->n_items; j++)
        {
            int from = graph->catalog->references[references->items[j]].referencing;

            if ((graph->component_of[from] == own) == is_inside)
                n_new += staging_references_run(closure->sample, closure->session,
                                                references->items[j], since);
        }
        closure->sample->tables[relation].seconds += clock_seconds() - start;
    }
    return n_new;
}

static size_t
count_component_rows(const StagingClosure *closure, const Component *component)
{
    size_t n = 0;

    for (int i = 0; i < component->relations.n_items; i++)
        n += closure->sample->tables[component->relations.items[i]].n_rows;
    return n;
}

static void
report_pass(const StagingClosure *closure, const Component *component, int pass,
            size_t n_new)
{
    int first = component->relations.items[0];

    log_verbose("%s%s: pass %d, %zu row%s",
                closure->graph->catalog->relations[first].qname,
                component->relations.n_items > 1 ? " and its cycle" : "", pass, n_new,
                plural(n_new));
}

/*
 * Repeats passes over what the last one added. A recursive query follows foreign keys to
 * the end, so that only declared references can go on from what it has added.
 */
static int
close_cycle(StagingClosure *closure, const Component *component, int pass)
{
    size_t n_new = SIZE_MAX;
    int since = -1;

    for (int n_passes = 1;; n_passes++)
    {
        bool is_long =
            n_new < CLOSURE_SMALL_PASS || n_passes > CLOSURE_PASSES_BEFORE_RECURSION;
        bool is_recursive = is_long && !closure->session->avoids_recursion;

        begin_pass(closure, component, ++pass);
        if (is_recursive)
        {
            n_new = staging_recursion_run(closure->sample, closure->session, component,
                                          since);
            closure->statistics->n_recursive++;
        }
        else
            n_new = resolve_pass(closure, component, true, since);
        n_new += is_long ? staging_references_recurse(closure->sample, closure->session,
                                                      component, since)
                         : reference_pass(closure, component, true, since);
        if (n_new > 0)
            report_pass(closure, component, pass, n_new);
        if (n_new == 0 || (is_recursive && closure->graph->catalog->n_references == 0))
            return pass;
        since = pass;
    }
}

static void
run_component(StagingClosure *closure, const Component *component)
{
    int pass = 1;
    size_t n_new;

    closure_parts_pick(closure->sample, closure->session, component);
    begin_pass(closure, component, pass);
    n_new = resolve_pass(closure, component, false, -1);
    n_new += reference_pass(closure, component, false, -1);
    if (n_new > 0)
        report_pass(closure, component, pass, n_new);
    if (component->is_cyclic && count_component_rows(closure, component) > 0)
        pass = close_cycle(closure, component, pass);
    if (pass > closure->statistics->n_passes)
        closure->statistics->n_passes = pass;
}

/* Back to where the component was begun. */
static void
undo_component(StagingClosure *closure, const Component *component)
{
    Staging *staging = closure->staging;

    db_set_context(staging->source_db, NULL);
    db_set_context(staging->staging_db, NULL);
    staging_pending_forget(closure->pending);
    if (!db_recover(staging->source_db) || !db_recover(staging->staging_db))
        die_message(EXIT_CONNECTION, "lost the connection to the server");
    for (int i = 0; i < component->relations.n_items; i++)
    {
        int relation = component->relations.items[i];

        closure->sample->tables[relation].percent_of = -1;
        closure->sample->tables[relation].is_percent_estimated = false;
        staging_empty(closure->sample, relation);
        for (int j = 0; j < closure->graph->references_to[relation].n_items; j++)
            closure->sample
                ->references[closure->graph->references_to[relation].items[j]] =
                (SampleReference){0};
    }
}

/* False when a table could not be read and is skipped, so that it is to be done again. */
static bool
try_component(StagingClosure *closure, const Component *component)
{
    Recovery recovery = {.kind = RECOVERY_TABLE};

    closure->session->reading = NULL;
    if (RECOVERY_TRY(&recovery))
    {
        run_component(closure, component);
        recovery_end(&recovery);
        return true;
    }
    undo_component(closure, component);
    session_recover(closure->session, closure->sample->plan, &recovery.diag);
    return false;
}

static void
complete_component(StagingClosure *closure, const Component *component)
{
    if (!closure->session->continue_on_error)
        run_component(closure, component);
    else
        while (!try_component(closure, component))
            continue;
}

static void
measure(Sample *sample, const Component *component)
{
    for (int i = 0; i < component->relations.n_items; i++)
        budget_measure_staged(sample, component->relations.items[i]);
}

void
staging_closure_run(Sample *sample, Session *session, ClosureStatistics *statistics)
{
    const FkGraph *graph = sample->graph;
    StagingClosure closure = {.sample = sample,
                              .session = session,
                              .staging = sample->staging,
                              .graph = graph,
                              .statistics = statistics};

    *statistics = (ClosureStatistics){0};
    closure.pending = staging_pending_new(sample);
    for (int i = 0; i < graph->n_components; i++)
    {
        log_progress("sampling: %d of %d", i + 1, graph->n_components);
        complete_component(&closure, &graph->components[i]);
        measure(sample, &graph->components[i]);
    }
    staging_pending_free(closure.pending);
    log_progress_clear();
    closure_parts_count_referenced(sample);
}
