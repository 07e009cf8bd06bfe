/*
 * Following declared references in staging mode: the staging connection returns the ids
 * of staged rows, the user's connection the ids of the rows that they refer to
 * (reference_closure.h), and the staging connection which of these are not staged yet.
 */
#include "sample/staging/staging_closure.h"

#include <limits.h>
#include <stdlib.h>

#include "base/mem.h"
#include "model/idset.h"
#include "model/query_reference.h"
#include "sample/fetch.h"
#include "sample/reference_closure.h"
#include "sample/row_ids.h"
#include "sample/staging/staging.h"

typedef struct ReachedRow
{
    int relation;
    RowId id;
} ReachedRow;

typedef struct Walk
{
    Sample *sample;
    Session *session;
    bool is_copying; /* ids to the table "reached" */
    size_t n_copied;
    PQExpBufferData line;
    IdSet **seen;     /* by relation: ids that were reached; NULL: no chains */
    ReachedRow *rows; /* all of them */
    size_t n_rows;
    size_t capacity;
} Walk;

static void
begin_walk(Walk *walk, Sample *sample, Session *session)
{
    *walk = (Walk){.sample = sample, .session = session};
    initPQExpBuffer(&walk->line);
    staging_recursion_prepare(sample->staging);
}

/* False: the row was reached before. */
static bool
note_reached(Walk *walk, int relation, RowId id)
{
    if (walk->seen[relation] == NULL)
        walk->seen[relation] = idset_new();
    if (!idset_add(walk->seen[relation], id))
        return false;
    MEM_GROW(walk->rows, walk->capacity, walk->n_rows);
    walk->rows[walk->n_rows++] = (ReachedRow){.relation = relation, .id = id};
    return true;
}

/* Ids from the user's connection are copied into the table "reached". */
static void
note_found(void *context, const Reference *reference, RowId id)
{
    Walk *walk = context;
    const Staging *staging = walk->sample->staging;
    const Relation *referenced = &staging->catalog->relations[reference->referenced];

    if (walk->seen != NULL && !note_reached(walk, reference->referenced, id))
        return;
    if (!walk->is_copying)
    {
        char *sql = mem_format("COPY %s.reached FROM STDIN", staging->names.qschema);

        db_copy_in_begin(staging->staging_db, sql);
        walk->is_copying = true;
        free(sql);
    }
    resetPQExpBuffer(&walk->line);
    appendPQExpBuffer(&walk->line, "%d\t", reference->referenced);
    row_ids_append(&walk->line, referenced, id);
    appendPQExpBufferChar(&walk->line, '\n');
    db_copy_in(staging->staging_db, walk->line.data, walk->line.len);
    walk->n_copied++;
}

/* From the rows with these ids, which get sorted. */
static void
follow_ids(Walk *walk, int reference, RowId *ids, size_t n)
{
    const ReferenceSearch search = {.sample = walk->sample,
                                    .session = walk->session,
                                    .reference = reference,
                                    .found = note_found,
                                    .context = walk};

    rowid_sort(ids, n);
    reference_closure_find(&search, ids, n);
    if (walk->is_copying)
        db_copy_in_end(walk->sample->staging->staging_db);
    walk->is_copying = false;
}

/* The next ids of the cursor; their number. */
static size_t
fetch_batch(const Staging *staging, const Relation *referencing, RowId *ids)
{
    char *sql = mem_format("FETCH %d FROM places", FETCH_MAX_KEYS);
    PGresult *result = db_query(staging->staging_db, sql);
    int n = PQntuples(result);

    for (int i = 0; i < n; i++)
        ids[i] =
            row_ids_make(referencing, PQgetvalue(result, i, 0), PQgetvalue(result, i, 1),
                         (size_t)PQgetlength(result, i, 1));
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

/* From the staged rows of the pass. */
static void
follow_staged(Walk *walk, int reference, int pass)
{
    Staging *staging = walk->sample->staging;
    int relation = staging->catalog->references[reference].referencing;
    PQExpBufferData sql;
    RowId *ids;
    size_t n;

    if (walk->sample->tables[relation].n_rows == 0 ||
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
        follow_ids(walk, reference, ids, n);
    free(ids);
    db_execute(staging->staging_db, "CLOSE places");
    termPQExpBuffer(&sql);
}

size_t
staging_references_run(Sample *sample, Session *session, int reference, int pass)
{
    size_t n_new = 0;
    Walk walk;

    begin_walk(&walk, sample, session);
    follow_staged(&walk, reference, pass);
    if (walk.n_copied > 0)
        n_new = staging_recursion_fetch(
            sample, session, sample->plan->catalog->references[reference].referenced);
    termPQExpBuffer(&walk.line);
    return n_new;
}

/* ---- chains */

/*
 * From the reached rows between first and end. Their references count when they are
 * staged, in the next pass.
 */
static void
follow_reached(Walk *walk, int reference, size_t first, size_t end)
{
    SampleReference *counts = &walk->sample->references[reference];
    const SampleReference saved = *counts;
    int relation = walk->sample->plan->catalog->references[reference].referencing;
    RowId *ids = mem_alloc((end - first + 1) * sizeof(*ids));
    size_t n = 0;

    for (size_t i = first; i < end; i++)
    {
        if (walk->rows[i].relation == relation)
            ids[n++] = walk->rows[i].id;
    }
    if (n > 0)
        follow_ids(walk, reference, ids, n);
    free(ids);
    *counts = saved;
}

static void
follow_chains(Walk *walk, const int *references, int n)
{
    size_t end;

    for (size_t first = 0; first < walk->n_rows; first = end)
    {
        end = walk->n_rows;
        for (int i = 0; i < n; i++)
            follow_reached(walk, references[i], first, end);
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
free_walk(Walk *walk, int n_relations)
{
    for (int i = 0; i < n_relations; i++)
        idset_free(walk->seen[i]);
    free(walk->seen);
    free(walk->rows);
    termPQExpBuffer(&walk->line);
}

size_t
staging_references_recurse(Sample *sample, Session *session, const Component *component,
                           int pass)
{
    const Catalog *catalog = sample->plan->catalog;
    int *references = mem_alloc((size_t)catalog->n_references * sizeof(*references));
    int n = list_inside(sample->graph, component, references);
    size_t n_new = 0;
    Walk walk;

    if (n > 0)
    {
        begin_walk(&walk, sample, session);
        walk.seen = mem_alloc_zero((size_t)catalog->n_relations, sizeof(*walk.seen));
        for (int i = 0; i < n; i++)
            follow_staged(&walk, references[i], pass);
        follow_chains(&walk, references, n);
        for (int i = 0; i < catalog->n_relations; i++)
        {
            if (walk.seen[i] != NULL)
                n_new += staging_recursion_fetch(sample, session, i);
        }
        free_walk(&walk, catalog->n_relations);
    }
    free(references);
    return n_new;
}
