#include "sample/closure_parts.h"

#include "base/clock.h"
#include "sample/down.h"
#include "sample/pick.h"
#include "sample/pick_ahead.h"

void
closure_parts_pick(Sample *sample, Session *session, const Component *component)
{
    pick_ahead(sample, session, component);
    for (int i = 0; i < component->relations.n_items; i++)
    {
        int relation = component->relations.items[i];
        double start = clock_seconds();

        if (!sample->tables[relation].is_picked)
            pick_rows(sample, session, relation);
        down_fetch(sample, session, relation);
        sample->tables[relation].seconds += clock_seconds() - start;
    }
}

void
closure_parts_count_referenced(Sample *sample)
{
    for (int i = 0; i < sample->plan->catalog->n_relations; i++)
    {
        SampleTable *table = &sample->tables[i];

        table->n_referenced = table->n_rows - table->n_picked - table->n_children;
    }
}
