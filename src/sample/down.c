#include "sample/down.h"

#include <stdlib.h>
#include <string.h>

#include "base/bigmem.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/plural.h"
#include "model/fk_order.h"
#include "sample/budget.h"
#include "sample/child_index.h"
#include "sample/down_explore.h"
#include "sample/fetch.h"
#include "sample/root.h"
#include "sample/row_ids.h"
#include "sample/staging/staging.h"

/* ---- links */

static bool
is_link_followed(const Down *down, const Link *link)
{
    const Plan *plan = down->sample->plan;

    return plan->caps[link->number] != 0 && !plan->tables[link->referencing].is_skipped &&
           !plan->tables[link->referenced].is_skipped;
}

static int
get_child_component(const Down *down, const Link *link)
{
    return down->graph->component_of[link->referencing];
}

/* Do children and parents reach each other? */
static bool
is_inside_component(const Down *down, const Link *link)
{
    return get_child_component(down, link) == down->graph->component_of[link->referenced];
}

static DownLink
make_link(const Down *down, const Link *link)
{
    const ForeignKey *key = link->fk != NULL ? link->fk->foreign_key : NULL;

    return (DownLink){.link = link,
                      .is_inside = is_inside_component(down, link),
                      .is_scanned =
                          key == NULL || down->indexes[link->number] == CHILD_INDEX_NONE,
                      .is_single = key == NULL || key->period >= 0};
}

static void
mark_cycle(const Down *down, const Link *link)
{
    for (int i = 0; i < 2; i++)
    {
        DownSet *set = &down->sample->down[i == 0 ? link->referencing : link->referenced];

        set->can_find_itself = true;
        set->lists_known = !down->is_limited;
    }
}

/* Sorts the links by component. */
static void
choose_links(Down *down)
{
    const FkGraph *graph = down->graph;
    int n_components = graph->n_components;
    int *next = mem_alloc_zero((size_t)n_components + 1, sizeof(*next));

    down->links = mem_alloc(((size_t)graph->n_links + 1) * sizeof(*down->links));
    down->first_links = mem_alloc_zero((size_t)n_components + 1, sizeof(int));
    for (int i = 0; i < graph->n_links; i++)
    {
        const Link *link = &graph->links[i];

        if (!is_link_followed(down, link))
            continue;
        down->first_links[get_child_component(down, link) + 1]++;
        if (is_inside_component(down, link))
            mark_cycle(down, link);
    }
    for (int i = 0; i < n_components; i++)
        next[i + 1] = down->first_links[i + 1] += down->first_links[i];
    for (int i = 0; i < graph->n_links; i++)
    {
        const Link *link = &graph->links[i];

        if (is_link_followed(down, link))
            down->links[next[get_child_component(down, link)]++] = make_link(down, link);
    }
    free(next);
}

/* ---- D */

static void
report_generations(const Sample *sample)
{
    size_t n_found = 1;

    for (int depth = 1; n_found > 0; depth++)
    {
        n_found = 0;
        for (int i = 0; i < sample->plan->catalog->n_relations; i++)
        {
            for (size_t j = 0; j < sample->down[i].n_rows; j++)
                n_found += sample->down[i].rows[j].depth == depth ? 1 : 0;
        }
        if (n_found > 0)
            log_verbose("generation %d: %zu %s", depth, n_found,
                        plural_choose((int64_t)n_found, "child", "children"));
    }
}

/* Of an attempt that skipped a table, too. */
static void
prepare_sets(Sample *sample)
{
    size_t n_relations = (size_t)sample->plan->catalog->n_relations;
    size_t n_links = (size_t)sample->graph->n_links;

    downset_free(sample->down, n_relations);
    downpairs_free(sample->down_pairs, n_links);
    sample->down = downset_new(n_relations);
    sample->down_pairs = mem_alloc_zero(n_links, sizeof(*sample->down_pairs));
}

static void
find_roots(Sample *sample, Session *session)
{
    root_find_all(sample, session);
    sample->n_down = 0;
    for (int i = 0; i < sample->plan->catalog->n_relations; i++)
        sample->n_down += idset_count(sample->down[i].ids);
    budget_check(sample);
}

void
down_run(Sample *sample, Session *session)
{
    const Subset *subset = sample->plan->subset;
    Down down = {.sample = sample,
                 .session = session,
                 .graph = sample->graph,
                 .exceeded = down_explore_settle};

    if (subset == NULL)
        return;
    prepare_sets(sample);
    down.is_limited = subset->depth != SUBSET_ANY_DEPTH;
    down.order = fk_order_build(down.graph);
    down.indexes = child_index_load(session->snapshot_db, down.graph);
    choose_links(&down);
    find_roots(sample, session);
    for (int i = down.graph->n_components - 1; i >= 0; i--)
    {
        down.component = i;
        down_explore(&down);
    }
    log_progress_clear();
    report_generations(sample);
    free(down.links);
    free(down.first_links);
    free(down.indexes);
}

/* ---- taking D into the sample */

/* Those of the rows that are roots, or that are not; and that were not picked. */
static RowId *
list_down_rows(const DownSet *set, bool is_root, const IdSet *picked, size_t *n)
{
    RowId *ids = bigmem_alloc((set->n_rows + 1) * sizeof(*ids));

    *n = 0;
    for (size_t i = 0; i < set->n_rows; i++)
    {
        const DownRow *row = &set->rows[i];

        if ((row->fk == DOWN_ROOT) == is_root &&
            (picked == NULL || !idset_contains(picked, row->id)))
            ids[(*n)++] = row->id;
    }
    return ids;
}

static void
fetch_rows_of(Sample *sample, Session *session, int relation, bool is_root,
              const IdSet *picked)
{
    size_t n;
    RowId *ids = list_down_rows(&sample->down[relation], is_root, picked, &n);

    fetch_ids(sample, session, relation, ids, n);
    bigmem_free(ids);
}

static IdSet *
list_staged(Sample *sample, int relation)
{
    IdSet *staged = idset_new();
    size_t n;
    RowId *ids = staging_list_row_ids(sample, relation, &n);

    for (size_t i = 0; i < n; i++)
        idset_add(staged, ids[i]);
    bigmem_free(ids);
    return staged;
}

void
down_fetch(Sample *sample, Session *session, int relation)
{
    SampleTable *table = &sample->tables[relation];
    IdSet *picked = NULL;

    if (sample->down == NULL || sample->down[relation].n_rows == 0)
        return;
    /* a row must not be staged twice */
    if (sample->staging != NULL && table->n_rows > 0)
        picked = list_staged(sample, relation);
    fetch_rows_of(sample, session, relation, true, picked);
    table->n_picked = table->n_rows;
    /* pass 0 is for picked rows */
    if (sample->staging != NULL)
        staging_set_pass(sample->staging, relation, 1);
    fetch_rows_of(sample, session, relation, false, picked);
    table->n_children = table->n_rows - table->n_picked;
    idset_free(picked);
}
