#include "sample/pick_ahead.h"

#include "base/clock.h"
#include "sample/fetch.h"
#include "sample/pick.h"
#include "sample/pick_rule.h"
#include "sample/staging/staging_schema.h"
#include "sample/staging/staging_tables.h"

enum
{
    MAX_STATEMENTS = 100 /* sent at once; ten thousand tables take 100 round trips then */
};

/* The statements that are sent together: one for each pick. */
typedef struct Ahead
{
    PQExpBufferData sql;
    int relations[MAX_STATEMENTS]; /* by statement */
    int n;
} Ahead;

static bool
can_pick(const Sample *sample, int relation)
{
    const SampleTable *table = &sample->tables[relation];

    if (sample->staging != NULL && sample->staging->tables[relation].is_source_empty)
        return false;
    return !table->is_picked && !table->is_picked_alone &&
           pick_is_plain(sample, relation);
}

/* False when there is no room. */
static bool
add_relation(Ahead *ahead, const Sample *sample, int relation, int most)
{
    int n_picks = sample->plan->tables[relation].n_picks;

    if (ahead->n + n_picks > most)
        return false;
    for (int i = 0; i < n_picks; i++)
    {
        if (ahead->n > 0)
            appendPQExpBufferStr(&ahead->sql, ";\n");
        pick_append_plain(&ahead->sql, sample, relation, i);
        ahead->relations[ahead->n++] = relation;
    }
    return true;
}

/* Of the component and those behind it. */
static void
add_components(Ahead *ahead, const Sample *sample, const Component *component, int most)
{
    const FkGraph *graph = sample->graph;
    const Component *end = graph->components + graph->n_components;

    for (; component < end; component++)
    {
        for (int i = 0; i < component->relations.n_items; i++)
        {
            int relation = component->relations.items[i];

            if (can_pick(sample, relation) &&
                !add_relation(ahead, sample, relation, most))
                return;
        }
    }
}

static bool
has_any(const Sample *sample, const Component *component)
{
    for (int i = 0; i < component->relations.n_items; i++)
    {
        if (can_pick(sample, component->relations.items[i]))
            return true;
    }
    return false;
}

static void
settle_picked(Sample *sample, const Ahead *ahead)
{
    for (int i = 0; i < ahead->n; i++)
    {
        SampleTable *table = &sample->tables[ahead->relations[i]];

        if (!table->is_picked)
            pick_settle(sample, ahead->relations[i]);
        table->is_picked = true;
    }
}

/* Not known is which of the tables it is about. */
static void
leave_alone(Sample *sample, const Ahead *ahead)
{
    for (int i = 0; i < ahead->n; i++)
        sample->tables[ahead->relations[i]].is_picked_alone = true;
}

/* In staging mode each table takes several lock slots. */
static int
count_at_once(const Sample *sample)
{
    int n = sample->staging != NULL ? staging_schema_count_at_once(sample->staging)
                                    : MAX_STATEMENTS;

    return n < MAX_STATEMENTS ? n : MAX_STATEMENTS;
}

static void
stage_ahead(Sample *sample, const Ahead *ahead)
{
    double start = clock_seconds();

    /* a relation with many picks may be the first one without a table */
    staging_tables_need(sample->staging, ahead->relations, ahead->n);
    if (staging_insert_many(sample, ahead->relations, ahead->n, ahead->sql.data))
        settle_picked(sample, ahead);
    else
        leave_alone(sample, ahead);
    sample->tables[ahead->relations[0]].seconds += clock_seconds() - start;
}

/*
 * Makes the tables that rows are picked into; where the source has none there is
 * nothing.
 */
static void
make_tables_for_picks(Sample *sample, const Component *component)
{
    staging_tables_need_for_picks(sample, component);
    for (int i = 0; i < component->relations.n_items; i++)
    {
        int relation = component->relations.items[i];

        if (sample->staging->tables[relation].is_source_empty &&
            pick_is_plain(sample, relation))
            sample->tables[relation].is_picked = true;
    }
}

static bool
can_count(const Sample *sample, int relation)
{
    const SampleTable *table = &sample->tables[relation];

    return !table->is_picked && table->pick_counts == NULL &&
           pick_rule_is_countable(sample->plan, relation);
}

/* Finds relations of the component that can be counted, after n others; returns n. */
static int
add_countable(const Sample *sample, const Component *component, int *relations, int n)
{
    for (int i = 0; i < component->relations.n_items && n < MAX_STATEMENTS; i++)
    {
        if (can_count(sample, component->relations.items[i]))
            relations[n++] = component->relations.items[i];
    }
    return n;
}

/* Turns percentages of the component and those behind it into numbers of rows. */
static void
count_ahead(Sample *sample, Session *session, const Component *component)
{
    const Component *end = sample->graph->components + sample->graph->n_components;
    int relations[MAX_STATEMENTS];
    int n = add_countable(sample, component, relations, 0);

    if (n == 0)
        return;
    while (++component < end)
        n = add_countable(sample, component, relations, n);
    pick_rule_count_ahead(sample, session, relations, n);
}

void
pick_ahead(Sample *sample, Session *session, const Component *component)
{
    Ahead ahead = {.n = 0};

    if (sample->staging != NULL)
        make_tables_for_picks(sample, component);
    if (sample->budget != NULL || session->is_chunked)
        return;
    if (sample->staging == NULL)
        count_ahead(sample, session, component);
    if (!has_any(sample, component))
        return;
    initPQExpBuffer(&ahead.sql);
    add_components(&ahead, sample, component, count_at_once(sample));
    if (ahead.n > 0 && sample->staging != NULL)
        stage_ahead(sample, &ahead);
    else if (ahead.n > 0)
    {
        fetch_rows_of_many(sample, session, ahead.relations, ahead.n, ahead.sql.data);
        settle_picked(sample, &ahead);
    }
    termPQExpBuffer(&ahead.sql);
}
