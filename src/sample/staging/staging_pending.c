/*
 * Missing keys of many foreign keys, asked for at once.
 *
 * To resolve a foreign key costs a round trip, even where nothing is missing, which is
 * what most foreign keys of small tables say when these are staged whole. So with one
 * foreign key the staging connection is asked about the next ones as well, of components
 * that come later. Such an answer is about rows that were staged when it was asked for.
 * It counts if
 *
 *     no row has come to the referencing table since, and
 *     nothing was missing, or no row has come to the referenced table either,
 *
 * since rows are only added. Otherwise the foreign key is resolved by itself, in its
 * turn, as any other. Each is asked about ahead once at most, and none any more when
 * answers have mostly been in vain; so the cost is bounded.
 *
 * Keys are kept here until their turn comes, so only small tables are asked about.
 */
#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "model/query_staging.h"
#include "sample/staging/staging_closure.h"
#include "sample/staging/staging_schema.h"
#include "sample/staging/staging_tables.h"

enum
{
    SMALL_TABLE = 2000,    /* rows */
    TOLERATED_IN_VAIN = 50 /* answers, beyond those that counted */
};

/* What is known of a foreign key. */
typedef struct Answered
{
    bool is_asked;
    KeySet *missing;      /* or NULL: nothing is known */
    size_t n_referencing; /* rows, when it was asked */
    size_t n_referenced;
} Answered;

struct StagingPending
{
    Sample *sample;
    const FkGraph *graph;
    Answered *answers; /* by foreign key of the graph */
    int n_counted;
    int n_in_vain;
};

StagingPending *
staging_pending_new(Sample *sample)
{
    StagingPending *pending = mem_alloc_zero(1, sizeof(*pending));

    pending->sample = sample;
    pending->graph = sample->graph;
    pending->answers =
        mem_alloc_zero((size_t)pending->graph->n_fks, sizeof(*pending->answers));
    return pending;
}

static void
forget(Answered *answer)
{
    keyset_free(answer->missing);
    answer->missing = NULL;
}

void
staging_pending_forget(StagingPending *pending)
{
    for (int i = 0; i < pending->graph->n_fks; i++)
        forget(&pending->answers[i]);
}

void
staging_pending_free(StagingPending *pending)
{
    staging_pending_forget(pending);
    free(pending->answers);
    free(pending);
}

static bool
is_small(const StagingPending *pending, const GraphKey *fk)
{
    const Sample *sample = pending->sample;
    const ForeignKey *key = fk->foreign_key;
    size_t n_referencing = sample->tables[key->referencing].n_rows;

    return key->period < 0 && n_referencing > 0 && n_referencing <= SMALL_TABLE &&
           sample->tables[key->referenced].n_rows <= SMALL_TABLE &&
           !sample->plan->tables[key->referenced].is_data_excluded;
}

/* ---- asking */

/* Foreign keys that are asked about together, by number. */
typedef struct Question
{
    int *fks;
    int n;
    int most;
} Question;

static void
consider_fk(Question *question, const StagingPending *pending, int fk)
{
    const Sample *sample = pending->sample;
    int referenced = pending->graph->fks[fk].foreign_key->referenced;

    /* a table that is still to be picked into is made then */
    if (question->n < question->most && !pending->answers[fk].is_asked &&
        is_small(pending, &pending->graph->fks[fk]) &&
        (sample->staging->tables[referenced].is_created ||
         sample->plan->tables[referenced].n_picks == 0))
        question->fks[question->n++] = fk;
}

/* In the order in which they will be resolved, from the component on. */
static void
add_next(Question *question, const StagingPending *pending, const Component *component)
{
    const FkGraph *graph = pending->graph;
    const Component *end = graph->components + graph->n_components;

    for (; component < end && question->n < question->most; component++)
    {
        for (int i = 0; i < component->relations.n_items; i++)
        {
            const IntList *incoming = &graph->incoming[component->relations.items[i]];

            for (int j = 0; j < incoming->n_items; j++)
                consider_fk(question, pending, incoming->items[j]);
        }
    }
}

/* The tables that they refer to need not have rows yet. */
static void
make_tables(StagingPending *pending, const Question *question)
{
    int *relations = mem_alloc((size_t)question->n * sizeof(*relations));

    for (int i = 0; i < question->n; i++)
        relations[i] = pending->graph->fks[question->fks[i]].foreign_key->referenced;
    staging_tables_need(pending->sample->staging, relations, question->n);
    free(relations);
}

static void
read_missing(StagingPending *pending, int number)
{
    const ForeignKey *key = pending->graph->fks[number].foreign_key;
    Answered *answer = &pending->answers[number];
    char *line;
    ssize_t length;

    forget(answer);
    answer->is_asked = true;
    answer->missing = keyset_new();
    answer->n_referencing = pending->sample->tables[key->referencing].n_rows;
    answer->n_referenced = pending->sample->tables[key->referenced].n_rows;
    while ((length = db_copy_row(pending->sample->staging->staging_db, &line)) >= 0)
        keyset_add(answer->missing, line, (size_t)length, KEY_WANTED, NULL);
}

static void
ask_about(StagingPending *pending, const Question *question)
{
    const Staging *staging = pending->sample->staging;
    PQExpBufferData sql;

    initPQExpBuffer(&sql);
    for (int i = 0; i < question->n; i++)
    {
        appendPQExpBufferStr(&sql, i > 0 ? ";\n" : "");
        query_staging_pending(&sql, &staging->names, staging->graph,
                              &pending->graph->fks[question->fks[i]], -1);
    }
    for (int i = 0; i < question->n; i++)
    {
        const ForeignKey *key = pending->graph->fks[question->fks[i]].foreign_key;

        db_set_context(staging->staging_db,
                       "could not resolve foreign key %s of table %s", key->qname,
                       key->referencing_qname);
        if (i == 0)
            db_copy_begin_many(staging->staging_db, sql.data, question->n);
        else
            db_copy_next(staging->staging_db);
        read_missing(pending, question->fks[i]);
    }
    db_set_context(staging->staging_db, NULL);
    termPQExpBuffer(&sql);
}

/* Two tables of each have locks meanwhile. */
static void
ask_ahead(StagingPending *pending, const Component *component)
{
    int most = staging_schema_count_at_once(pending->sample->staging);
    Question question = {.fks = mem_alloc((size_t)most * sizeof(*question.fks)),
                         .most = most};

    add_next(&question, pending, component);
    if (question.n > 1)
    {
        make_tables(pending, &question);
        ask_about(pending, &question);
    }
    free(question.fks);
}

/* ---- answers */

/* The keys, if they are still those that are missing. */
static const KeySet *
find_valid(StagingPending *pending, int fk)
{
    const ForeignKey *key = pending->graph->fks[fk].foreign_key;
    const Answered *answer = &pending->answers[fk];
    const SampleTable *tables = pending->sample->tables;

    if (answer->missing == NULL ||
        answer->n_referencing != tables[key->referencing].n_rows)
        return NULL;
    return keyset_count(answer->missing) == 0 ||
                   answer->n_referenced == tables[key->referenced].n_rows
               ? answer->missing
               : NULL;
}

const KeySet *
staging_pending_find(StagingPending *pending, const GraphKey *fk,
                     const Component *component)
{
    int number = (int)(fk - pending->graph->fks);
    const KeySet *found = NULL;

    if (pending->n_in_vain > pending->n_counted + TOLERATED_IN_VAIN)
        return NULL;
    if (!pending->answers[number].is_asked && is_small(pending, fk))
        ask_ahead(pending, component);
    if (pending->answers[number].missing == NULL)
        return NULL;
    found = find_valid(pending, number);
    if (found != NULL)
        pending->n_counted++;
    else
    {
        pending->n_in_vain++;
        forget(&pending->answers[number]);
    }
    return found;
}
