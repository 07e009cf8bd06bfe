/*
 * Missing keys of many groups of foreign keys (model/key_group.h), asked for at once.
 *
 * To resolve a group costs a round trip, even where nothing is missing, which is what
 * most foreign keys of small tables say when these are staged whole. So with one group
 * the staging connection is asked about the next ones as well, of components that come
 * later. Such an answer is about rows that were staged when it was asked for. It counts
 * if
 *
 *     no row has come to the referencing tables since, and
 *     nothing was missing, or no row has come to the referenced table either,
 *
 * since rows are only added. Otherwise the group is resolved by itself, in its turn, as
 * any other. Each is asked about ahead once at most, and none any more when
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

/* What is known of a group. */
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
    const KeyGroups *groups;
    Answered *answers; /* by group */
    int n_counted;
    int n_in_vain;
};

StagingPending *
staging_pending_new(Sample *sample)
{
    StagingPending *pending = mem_alloc_zero(1, sizeof(*pending));

    pending->sample = sample;
    pending->groups = &sample->staging->groups;
    pending->answers =
        mem_alloc_zero((size_t)pending->groups->n, sizeof(*pending->answers));
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
    for (int i = 0; i < pending->groups->n; i++)
        forget(&pending->answers[i]);
}

void
staging_pending_free(StagingPending *pending)
{
    staging_pending_forget(pending);
    free(pending->answers);
    free(pending);
}

static int
get_referenced(const KeyGroup *group)
{
    return group->fks[0]->foreign_key->referenced;
}

static size_t
count_referencing(const Sample *sample, const KeyGroup *group)
{
    size_t n = 0;

    for (int i = 0; i < group->n; i++)
        n += sample->tables[group->fks[i]->foreign_key->referencing].n_rows;
    return n;
}

static bool
is_small(const Sample *sample, const KeyGroup *group)
{
    return group->fks[0]->foreign_key->period < 0 &&
           staging_missing_is_possible(sample, group, -1) &&
           count_referencing(sample, group) <= SMALL_TABLE &&
           sample->tables[get_referenced(group)].n_rows <= SMALL_TABLE;
}

/* ---- asking */

/* Groups that are asked about together, by number. */
typedef struct Question
{
    int *groups;
    int n;
    int n_fks;
    int most_fks;
} Question;

static void
consider(Question *question, const StagingPending *pending, int number)
{
    const Sample *sample = pending->sample;
    const KeyGroup *group = &pending->groups->items[number];
    int referenced = get_referenced(group);

    /* a table that is still to be picked into is made then */
    if ((question->n > 0 && question->n_fks + group->n > question->most_fks) ||
        pending->answers[number].is_asked || !is_small(sample, group) ||
        (!sample->staging->tables[referenced].is_created &&
         sample->plan->tables[referenced].n_picks > 0))
        return;
    question->groups[question->n++] = number;
    question->n_fks += group->n;
}

/* In the order in which they will be resolved, from the component on. */
static void
add_next(Question *question, const StagingPending *pending, const Component *component)
{
    const FkGraph *graph = pending->sample->graph;
    const Component *end = graph->components + graph->n_components;

    for (; component < end && question->n_fks < question->most_fks; component++)
    {
        for (int i = 0; i < component->relations.n_items; i++)
        {
            const int *first = &pending->groups->first_to[component->relations.items[i]];

            for (int j = first[0]; j < first[1]; j++)
                consider(question, pending, j);
        }
    }
}

/* The tables that they refer to need not have rows yet. */
static void
make_tables(StagingPending *pending, const Question *question)
{
    int *relations = mem_alloc((size_t)question->n * sizeof(*relations));

    for (int i = 0; i < question->n; i++)
        relations[i] = get_referenced(&pending->groups->items[question->groups[i]]);
    staging_tables_need(pending->sample->staging, relations, question->n);
    free(relations);
}

static void
receive_keys(StagingPending *pending, int number)
{
    const Sample *sample = pending->sample;
    const KeyGroup *group = &pending->groups->items[number];
    Answered *answer = &pending->answers[number];
    char *line;
    ssize_t length;

    forget(answer);
    answer->is_asked = true;
    answer->missing = keyset_new();
    answer->n_referencing = count_referencing(sample, group);
    answer->n_referenced = sample->tables[get_referenced(group)].n_rows;
    while ((length = db_copy_row(sample->staging->staging_db, &line)) >= 0)
        keyset_add(answer->missing, line, (size_t)length, KEY_WANTED, NULL);
}

static void
ask_about(StagingPending *pending, const Question *question)
{
    const Staging *staging = pending->sample->staging;
    const KeyGroup *groups = pending->groups->items;
    PQExpBufferData sql;

    initPQExpBuffer(&sql);
    for (int i = 0; i < question->n; i++)
    {
        appendPQExpBufferStr(&sql, i > 0 ? ";\n" : "");
        staging_missing_append(&sql, pending->sample, &groups[question->groups[i]], -1);
    }
    for (int i = 0; i < question->n; i++)
    {
        staging_missing_set_context(staging, &groups[question->groups[i]]);
        if (i == 0)
            db_copy_begin_many(staging->staging_db, sql.data, question->n);
        else
            db_copy_next(staging->staging_db);
        receive_keys(pending, question->groups[i]);
    }
    db_set_context(staging->staging_db, NULL);
    termPQExpBuffer(&sql);
}

/* Two tables of each foreign key have locks meanwhile. */
static void
ask_ahead(StagingPending *pending, const Component *component)
{
    int most = staging_schema_count_at_once(pending->sample->staging);
    Question question = {.groups = mem_alloc((size_t)most * sizeof(*question.groups)),
                         .most_fks = most};

    add_next(&question, pending, component);
    if (question.n > 1)
    {
        make_tables(pending, &question);
        ask_about(pending, &question);
    }
    free(question.groups);
}

/* ---- answers */

/* The keys, if they are still those that are missing. */
static const KeySet *
find_valid(const StagingPending *pending, int number)
{
    const Sample *sample = pending->sample;
    const KeyGroup *group = &pending->groups->items[number];
    const Answered *answer = &pending->answers[number];

    if (answer->missing == NULL ||
        answer->n_referencing != count_referencing(sample, group))
        return NULL;
    return keyset_count(answer->missing) == 0 ||
                   answer->n_referenced == sample->tables[get_referenced(group)].n_rows
               ? answer->missing
               : NULL;
}

const KeySet *
staging_pending_find(StagingPending *pending, const KeyGroup *group,
                     const Component *component)
{
    int number = (int)(group - pending->groups->items);
    const KeySet *found = NULL;

    if (pending->n_in_vain > pending->n_counted + TOLERATED_IN_VAIN)
        return NULL;
    if (!pending->answers[number].is_asked && is_small(pending->sample, group))
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
