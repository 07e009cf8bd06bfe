#include "sample/staging/staging_references.h"

#include <limits.h>
#include <stdlib.h>

#include "base/mem.h"
#include "model/idset.h"
#include "model/query_reference.h"
#include "sample/fetch.h"
#include "sample/reference_closure.h"
#include "sample/staging/staging.h"
#include "sample/staging/staging_recursion.h"

typedef struct FoundPlace
{
    int relation;
    RowId id;
} FoundPlace;

typedef struct Reaching
{
    Sample *sample;
    Session *session;
    bool is_copying; /* places to the keeper */
    size_t n_copied;
    PQExpBufferData line;
    IdSet **seen;       /* by relation: places that were met; NULL: no chains */
    FoundPlace *places; /* all of them */
    size_t n_places;
    size_t capacity;
} Reaching;

static void
begin_reaching(Reaching *reaching, Sample *sample, Session *session)
{
    *reaching = (Reaching){.sample = sample, .session = session};
    initPQExpBuffer(&reaching->line);
    staging_recursion_prepare(sample->staging);
}

/* Is the place to be followed further, and met for the first time? */
static bool
note_place(Reaching *reaching, int relation, RowId id)
{
    if (reaching->seen[relation] == NULL)
        reaching->seen[relation] = idset_new();
    if (!idset_add(reaching->seen[relation], id))
        return false;
    MEM_GROW(reaching->places, reaching->capacity, reaching->n_places);
    reaching->places[reaching->n_places++] = (FoundPlace){.relation = relation, .id = id};
    return true;
}

/* The keeper takes down what the user's connection tells. */
static void
note_found(void *context, const Reference *reference, RowId id)
{
    Reaching *reaching = context;
    const Staging *staging = reaching->sample->staging;
    const Relation *referenced = &staging->catalog->relations[reference->referenced];

    if (reaching->seen != NULL && !note_place(reaching, reference->referenced, id))
        return;
    if (!reaching->is_copying)
    {
        char *sql = mem_format("COPY %s.reached FROM STDIN", staging->names.qschema);

        db_copy_in_begin(staging->staging_db, sql);
        reaching->is_copying = true;
        free(sql);
    }
    resetPQExpBuffer(&reaching->line);
    appendPQExpBuffer(&reaching->line, "%d\t%u\t(%u,%u)\n", reference->referenced,
                      referenced->leaves[rowid_leaf(id)].oid, rowid_block(id),
                      rowid_offset(id));
    db_copy_in(staging->staging_db, reaching->line.data, reaching->line.len);
    reaching->n_copied++;
}

/* From the places, which get sorted. */
static void
follow(Reaching *reaching, int reference, RowId *ids, size_t n)
{
    fetch_sort_ids(ids, n);
    reference_closure_find(reaching->sample, reaching->session, reference, ids, n,
                           note_found, reaching);
    if (reaching->is_copying)
        db_copy_in_end(reaching->sample->staging->staging_db);
    reaching->is_copying = false;
}

/* The next places of the cursor; their number. */
static size_t
fetch_batch(const Staging *staging, const Relation *referencing, RowId *ids)
{
    char *sql = mem_format("FETCH %d FROM places", FETCH_MAX_KEYS);
    PGresult *result = db_query(staging->staging_db, sql);
    int n = PQntuples(result);

    for (int i = 0; i < n; i++)
        ids[i] = fetch_make_row_id(referencing, PQgetvalue(result, i, 0),
                                   PQgetvalue(result, i, 1));
    PQclear(result);
    free(sql);
    return (size_t)n;
}

static bool
is_inside(const FkGraph *graph, int reference)
{
    const Reference *followed = &graph->catalog->references[reference];

    return graph->component_of[followed->referencing] ==
           graph->component_of[followed->referenced];
}

/* From the rows of the pass that are staged. */
static void
follow_staged(Reaching *reaching, int reference, int pass)
{
    Staging *staging = reaching->sample->staging;
    int relation = staging->catalog->references[reference].referencing;
    PQExpBufferData sql;
    RowId *ids;
    size_t n;

    if (reaching->sample->tables[relation].n_rows == 0 ||
        staging->tables[relation].last_pass < pass)
        return;
    initPQExpBuffer(&sql);
    query_reference_declare(&sql, &staging->names, relation, pass,
                            is_inside(staging->graph, reference)
                                ? staging->tables[relation].pass
                                : INT_MAX);
    db_execute(staging->staging_db, sql.data);
    ids = mem_alloc(FETCH_MAX_KEYS * sizeof(*ids));
    while ((n = fetch_batch(staging, &staging->catalog->relations[relation], ids)) > 0)
        follow(reaching, reference, ids, n);
    free(ids);
    db_execute(staging->staging_db, "CLOSE places");
    termPQExpBuffer(&sql);
}

size_t
staging_references_run(Sample *sample, Session *session, int reference, int pass)
{
    size_t n_new = 0;
    Reaching reaching;

    begin_reaching(&reaching, sample, session);
    follow_staged(&reaching, reference, pass);
    if (reaching.n_copied > 0)
        n_new = staging_recursion_fetch(
            sample, session, sample->plan->catalog->references[reference].referenced);
    termPQExpBuffer(&reaching.line);
    return n_new;
}

/* ---- chains */

/*
 * From the places between first and end. They are counted when they are staged, in the
 * next pass.
 */
static void
follow_places(Reaching *reaching, int reference, size_t first, size_t end)
{
    SampleReference *counts = &reaching->sample->references[reference];
    const SampleReference saved = *counts;
    int relation = reaching->sample->plan->catalog->references[reference].referencing;
    RowId *ids = mem_alloc((end - first + 1) * sizeof(*ids));
    size_t n = 0;

    for (size_t i = first; i < end; i++)
    {
        if (reaching->places[i].relation == relation)
            ids[n++] = reaching->places[i].id;
    }
    if (n > 0)
        follow(reaching, reference, ids, n);
    free(ids);
    *counts = saved;
}

static void
follow_chains(Reaching *reaching, const int *references, int n)
{
    size_t end;

    for (size_t first = 0; first < reaching->n_places; first = end)
    {
        end = reaching->n_places;
        for (int i = 0; i < n; i++)
            follow_places(reaching, references[i], first, end);
    }
}

/* The references that stay in the component; their number. */
static int
list_inside(const FkGraph *graph, const Component *component, int *references)
{
    int n = 0;

    for (int i = 0; i < component->relations.n_items; i++)
    {
        const IntList *to = &graph->references_to[component->relations.items[i]];

        for (int j = 0; j < to->n_items; j++)
        {
            if (is_inside(graph, to->items[j]))
                references[n++] = to->items[j];
        }
    }
    return n;
}

static void
free_places(Reaching *reaching, int n_relations)
{
    for (int i = 0; i < n_relations; i++)
        idset_free(reaching->seen[i]);
    free(reaching->seen);
    free(reaching->places);
    termPQExpBuffer(&reaching->line);
}

size_t
staging_references_recurse(Sample *sample, Session *session, const Component *component,
                           int pass)
{
    const Catalog *catalog = sample->plan->catalog;
    int *references = mem_alloc((size_t)catalog->n_references * sizeof(*references));
    int n = list_inside(sample->graph, component, references);
    size_t n_new = 0;
    Reaching reaching;

    if (n > 0)
    {
        begin_reaching(&reaching, sample, session);
        reaching.seen =
            mem_alloc_zero((size_t)catalog->n_relations, sizeof(*reaching.seen));
        for (int i = 0; i < n; i++)
            follow_staged(&reaching, references[i], pass);
        follow_chains(&reaching, references, n);
        for (int i = 0; i < catalog->n_relations; i++)
        {
            if (reaching.seen[i] != NULL)
                n_new += staging_recursion_fetch(sample, session, i);
        }
        free_places(&reaching, catalog->n_relations);
    }
    free(references);
    return n_new;
}
