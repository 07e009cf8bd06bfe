#include "sample/direct/closure.h"

#include <stdlib.h>

#include "base/bigmem.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "model/query.h"
#include "sample/direct/collect.h"
#include "sample/direct/proof_marks.h"
#include "sample/fetch.h"
#include "sample/reference_closure.h"
#include "sample/row_ids.h"

typedef struct Closure
{
    Sample *sample;
    Session *session;
    const FkGraph *graph;
} Closure;

/* Pending keys that no row has meanwhile move to the front. */
static size_t
compact_pending(SampleKeys *keys)
{
    size_t n = 0;

    for (size_t i = 0; i < keys->n_pending; i++)
    {
        if ((keyset_get_flags(keys->keys, keys->pending[i]) & KEY_HAVE) == 0)
            keys->pending[n++] = keys->pending[i];
    }
    keys->n_pending = n;
    return n;
}

static size_t
compact_pending_ids(SampleTable *table)
{
    size_t n = 0;

    for (size_t i = 0; i < table->n_pending_ids; i++)
    {
        if (!rowstore_contains(table->rows, table->pending_ids[i]))
            table->pending_ids[n++] = table->pending_ids[i];
    }
    table->n_pending_ids = n;
    return n;
}

/*
 * How many rows of the relation are pending. Excluded data is not fetched; the proof
 * names the rows that refer to it.
 */
static size_t
count_pending(const Closure *closure, int relation)
{
    const IntList *keys = &closure->graph->keys_of[relation];
    size_t n = compact_pending_ids(&closure->sample->tables[relation]);

    if (closure->sample->plan->tables[relation].is_data_excluded)
        return 0;
    for (int i = 0; i < keys->n_items; i++)
        n += compact_pending(&closure->sample->keys[keys->items[i]]);
    return n;
}

/* How many keys from the first one fit into one statement. */
static size_t
count_key_batch(const KeySet *keys, const size_t *indexes, size_t n)
{
    size_t bytes = 0;
    size_t batch = 0;

    while (batch < n && batch < FETCH_MAX_KEYS && bytes < FETCH_MAX_BYTES)
    {
        size_t length;

        keyset_get(keys, indexes[batch++], &length);
        bytes += length + 4;
    }
    return batch;
}

static size_t
fetch_pending_keys(Closure *closure, int position)
{
    const ReferencedKey *key = &closure->graph->referenced_keys[position];
    SampleKeys *keys = &closure->sample->keys[position];
    size_t n = compact_pending(keys);
    size_t n_new = 0;
    size_t *indexes = keys->pending;
    PQExpBufferData sql;

    /* rows of a relation that refers to itself add pending keys while these come */
    keys->pending = NULL;
    keys->n_pending = keys->capacity = 0;
    initPQExpBuffer(&sql);
    for (size_t i = 0; i < n;)
    {
        KeyBatch batch = {.set = keys->keys,
                          .indexes = indexes + i,
                          .n = count_key_batch(keys->keys, indexes + i, n - i)};

        resetPQExpBuffer(&sql);
        query_fetch_by_key(&sql, &closure->sample->fetch_layouts[key->relation], key,
                           &batch, &closure->session->encoding);
        n_new += fetch_rows(closure->sample, closure->session, key->relation, sql.data);
        i += batch.n;
    }
    termPQExpBuffer(&sql);
    bigmem_free(indexes);
    return n_new;
}

static size_t
fetch_pending_ids(Closure *closure, int relation)
{
    SampleTable *table = &closure->sample->tables[relation];
    size_t n = compact_pending_ids(table);
    RowId *ids = table->pending_ids;
    size_t n_new;

    table->pending_ids = NULL;
    table->n_pending_ids = table->capacity_pending_ids = 0;
    n_new = fetch_ids(closure->sample, closure->session, relation, ids, n);
    bigmem_free(ids);
    return n_new;
}

static size_t
fetch_pending(Closure *closure, int relation)
{
    const IntList *keys = &closure->graph->keys_of[relation];
    size_t n_new = 0;

    if (count_pending(closure, relation) == 0)
        return 0;
    for (int i = 0; i < keys->n_items; i++)
        n_new += fetch_pending_keys(closure, keys->items[i]);
    n_new += fetch_pending_ids(closure, relation);
    return n_new;
}

/* The recursive query from all that is pending in the component; false: nothing is. */
static bool
build_recursion(Closure *closure, const Component *component, PQExpBuffer sql)
{
    bool is_first = true;

    query_fetch_begin_recursion(sql, QUERY_RECURSION_OUT);
    for (int i = 0; i < component->relations.n_items; i++)
    {
        int relation = component->relations.items[i];
        const RowLayout *layout = &closure->sample->fetch_layouts[relation];
        const IntList *keys = &closure->graph->keys_of[relation];
        SampleTable *table = &closure->sample->tables[relation];

        for (int j = 0; j < keys->n_items; j++)
        {
            const SampleKeys *wanted = &closure->sample->keys[keys->items[j]];
            KeyBatch batch = {.set = wanted->keys,
                              .indexes = wanted->pending,
                              .n = wanted->n_pending};

            if (batch.n == 0)
                continue;
            query_fetch_recursion_from_keys(
                sql, layout, &closure->graph->referenced_keys[keys->items[j]], &batch,
                &closure->session->encoding, is_first);
            is_first = false;
        }
        rowid_sort(table->pending_ids, table->n_pending_ids);
        for (size_t j = 0; j < table->n_pending_ids;)
        {
            size_t batch =
                fetch_count_batch(table->pending_ids + j, table->n_pending_ids - j);

            query_fetch_recursion_from_ids(sql, layout, table->pending_ids + j, batch,
                                           is_first);
            is_first = false;
            j += batch;
        }
    }
    query_fetch_end_recursion(sql, closure->sample->plan, closure->graph, component,
                              QUERY_RECURSION_OUT_END);
    return !is_first;
}

/* Row ids of a relation that the recursive query returns. */
typedef struct FoundIds
{
    RowId *ids;
    size_t n;
    size_t capacity;
} FoundIds;

static void
read_recursion(Closure *closure, Db *db, const char *sql, FoundIds *found)
{
    const Catalog *catalog = closure->sample->plan->catalog;
    char *line;
    ssize_t length;

    db_copy_begin(db, sql);
    while ((length = db_copy_row(db, &line)) >= 0)
    {
        int relation;
        RowId id = row_ids_parse_found(catalog, line, (size_t)length, &relation);
        FoundIds *of_relation = &found[relation];

        if (rowstore_contains(closure->sample->tables[relation].rows, id))
            continue;
        BIGMEM_GROW(of_relation->ids, of_relation->capacity, of_relation->n);
        of_relation->ids[of_relation->n++] = id;
    }
}

/* The connection to read the whole component, all of it locked. */
static Db *
get_component_reader(Closure *closure, const Component *component)
{
    Session *session = closure->session;
    Db *db = session->rows.db;

    for (int i = 0; i < component->relations.n_items; i++)
    {
        int relation = component->relations.items[i];

        if (!closure->sample->plan->tables[relation].is_skipped)
            db = session_get_reader(session,
                                    &closure->graph->catalog->relations[relation]);
    }
    /* an error does not say which of several tables it is about */
    if (component->relations.n_items > 1)
        session->reading = NULL;
    return db;
}

static void
recurse(Closure *closure, const Component *component)
{
    size_t n_relations = (size_t)closure->graph->catalog->n_relations;
    FoundIds *found = mem_alloc_zero(n_relations, sizeof(*found));
    Db *db = get_component_reader(closure, component);
    PQExpBufferData sql;

    initPQExpBuffer(&sql);
    if (build_recursion(closure, component, &sql))
    {
        db_set_context(
            db, "could not follow references between rows of table %s",
            closure->graph->catalog->relations[component->relations.items[0]].qname);
        read_recursion(closure, db, sql.data, found);
        db_set_context(db, NULL);
    }
    termPQExpBuffer(&sql);
    for (size_t i = 0; i < n_relations; i++)
    {
        if (found[i].n > 0 && !closure->sample->plan->tables[i].is_data_excluded)
            fetch_ids(closure->sample, closure->session, (int)i, found[i].ids,
                      found[i].n);
        bigmem_free(found[i].ids);
    }
    free(found);
}

static size_t
fetch_pass(Closure *closure, const Component *component)
{
    size_t n_new = 0;

    for (int i = 0; i < component->relations.n_items; i++)
    {
        int relation = component->relations.items[i];
        double start = clock_seconds();

        n_new += fetch_pending(closure, relation);
        closure->sample->tables[relation].seconds += clock_seconds() - start;
    }
    return n_new;
}

static bool
has_pending(const Closure *closure, const Component *component)
{
    for (int i = 0; i < component->relations.n_items; i++)
    {
        if (count_pending(closure, component->relations.items[i]) > 0)
            return true;
    }
    return false;
}

static void
want_referenced_row(void *context, const Reference *reference, RowId id)
{
    Sample *sample = context;

    collect_want_row(sample, reference->referenced, id);
}

/* Follows the reference from rows that came since the last call. */
static void
find_new_references(Sample *sample, Session *session, int reference)
{
    const Reference *followed = &sample->plan->catalog->references[reference];
    const RowStore *rows = sample->tables[followed->referencing].rows;
    size_t first = sample->references[reference].n_looked_at;
    size_t n = rowstore_count(rows) - first;
    const ReferenceSearch search = {.sample = sample,
                                    .session = session,
                                    .reference = reference,
                                    .found = want_referenced_row,
                                    .context = sample};
    RowId *ids;

    if (n == 0)
        return;
    ids = rowstore_list_ids(rows, first);
    sample->references[reference].n_looked_at += n;
    rowid_sort(ids, n);
    reference_closure_find(&search, ids, n);
    bigmem_free(ids);
}

/* What rows of the component refer to, of those that came since, becomes pending. */
static void
find_references(Sample *sample, Session *session, const Component *component)
{
    for (int i = 0; i < component->relations.n_items; i++)
    {
        int relation = component->relations.items[i];
        const IntList *references = &sample->graph->references_from[relation];

        for (int j = 0; j < references->n_items; j++)
            find_new_references(sample, session, references->items[j]);
    }
}

static void
close_component(Closure *closure, const Component *component,
                ClosureStatistics *statistics)
{
    int pass = 0;

    for (;;)
    {
        size_t n_new;

        collect_flush(closure->sample); /* an error may have kept fetch_rows() from it */
        find_references(closure->sample, closure->session, component);
        if (!has_pending(closure, component))
            break;
        n_new = fetch_pass(closure, component);

        pass++;
        if (component->is_cyclic && pass >= CLOSURE_PASSES_BEFORE_RECURSION &&
            n_new < CLOSURE_SMALL_PASS && !closure->session->avoids_recursion &&
            has_pending(closure, component) &&
            query_fetch_can_recurse(closure->sample->plan, closure->graph, component))
        {
            recurse(closure, component);
            statistics->n_recursive++;
        }
    }
    if (pass > statistics->n_passes)
        statistics->n_passes = pass;
}

static bool
prove_meanwhile(void *context)
{
    return proof_marks_go_on(context, PROOF_MARKS_SLICE);
}

void
closure_run(Sample *sample, Session *session, ClosureStatistics *statistics)
{
    Closure closure = {.sample = sample, .session = session, .graph = sample->graph};

    *statistics = (ClosureStatistics){0};
    db_set_idle_work(session->rows.db, prove_meanwhile, sample);
    for (int i = 0; i < sample->graph->n_components; i++)
    {
        const Component *component = &sample->graph->components[i];

        log_progress("sampling: %d of %d", i + 1, sample->graph->n_components);
        closure_parts_pick(sample, session, component);
        close_component(&closure, component, statistics);
    }
    db_set_idle_work(session->rows.db, NULL, NULL);
    log_progress_clear();
    closure_parts_count_referenced(sample);
}
