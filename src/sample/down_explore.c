#include "sample/down_explore.h"

#include <stdlib.h>

#include "base/bigmem.h"
#include "base/log.h"
#include "base/plural.h"

/* ---- parents */

static const DownSet *
get_parents(const Down *down, const DownLink *of)
{
    return &down->sample->down[of->link->referenced];
}

/* Are the parents those that are known, but whose generation is not? */
static bool
asks_known(const Down *down, const DownLink *of)
{
    return of->is_inside && !down->is_limited;
}

static size_t
count_parents(const Down *down, const DownLink *of)
{
    const DownSet *set = get_parents(down, of);

    return asks_known(down, of) ? set->n_known : set->n_rows;
}

static bool
has_unasked(const Down *down, const DownLink *of)
{
    return of->n_asked < count_parents(down, of);
}

/* Is the row in the partition that the foreign key refers to? */
static bool
is_referenced(const Down *down, const DownLink *of, RowId parent)
{
    const ForeignKey *key = of->link->fk != NULL ? of->link->fk->foreign_key : NULL;
    int leaf = rowid_leaf(parent);
    int first;
    int n;

    if (key == NULL || key->referenced_partition == 0)
        return true;
    catalog_get_leaf_range(down->graph->catalog,
                           &down->graph->catalog->relations[key->referenced],
                           key->referenced_partition, &first, &n);
    return leaf >= first && leaf < first + n;
}

/* Can the row have children? */
static bool
is_parent(const Down *down, const DownLink *of, const DownRow *row)
{
    return (!down->is_limited || row->depth < down->sample->plan->subset->depth) &&
           is_referenced(down, of, row->id);
}

/* Those that were not asked for yet, sorted; from now on they were. */
static DownParents
take_parents(const Down *down, DownLink *of)
{
    const DownSet *set = get_parents(down, of);
    size_t n = count_parents(down, of);
    DownParents parents = {.of = of};

    parents.ids = bigmem_alloc((n - of->n_asked + 1) * sizeof(*parents.ids));
    for (size_t i = of->n_asked; i < n; i++)
    {
        if (asks_known(down, of))
        {
            if (is_referenced(down, of, set->known[i]))
                parents.ids[parents.n++] = set->known[i];
        }
        else if (is_parent(down, of, &set->rows[i]))
            parents.ids[parents.n++] = set->rows[i].id;
    }
    rowid_sort(parents.ids, parents.n);
    of->n_asked = n;
    return parents;
}

/* ---- asking for children */

static void
report_children(const Down *down, const DownParents *parents, int n_links, size_t n_new)
{
    const Link *link = parents[0].of->link;
    size_t n = 0;

    if (n_new == 0)
        return;
    for (int i = 0; i < n_links; i++)
        n += parents[i].n;
    log_progress("%s: %zu child%s of %zu row%s",
                 n_links == 1 && link->fk != NULL
                     ? link->fk->foreign_key->referencing_qname
                     : down->graph->catalog->relations[link->referencing].qname,
                 n_new, plural_choose(n_new, "", "ren"), n, plural(n));
}

static void
ask_server(Down *down, DownLink **links, int n_links)
{
    DownParents parents[DOWN_MAX_LINKS_OF_SCAN] = {0};

    for (int i = 0; i < n_links; i++)
    {
        parents[i] = take_parents(down, links[i]);
        links[i]->n_scans += parents[i].n > 0 ? 1 : 0;
    }
    report_children(down, parents, n_links, down_children_read(down, parents, n_links));
    for (int i = 0; i < n_links; i++)
        bigmem_free(parents[i].ids);
}

/* From the pairs of the link, which are those of all rows. */
static void
look_up(Down *down, DownLink *of)
{
    DownParents parents = take_parents(down, of);
    DownPairs *pairs = &down->sample->down_pairs[of->link->number];

    for (size_t i = 0; i < parents.n; i++)
    {
        for (const DownPair *pair = downpairs_find(pairs, parents.ids[i]); pair != NULL;
             pair = downpairs_next(pairs, pair))
            (void)down_children_add(down, of, pair->parent, pair->child);
    }
    bigmem_free(parents.ids);
}

/* Without reading a whole table. False: there is nothing to ask for. */
static bool
ask_quickly(Down *down)
{
    bool has_asked = false;

    for (int i = down->first_links[down->component];
         i < down->first_links[down->component + 1]; i++)
    {
        DownLink *of = &down->links[i];

        if ((of->is_scanned && !of->is_projected) || !has_unasked(down, of))
            continue;
        if (of->is_projected)
            look_up(down, of);
        else
            ask_server(down, &of, 1);
        has_asked = true;
    }
    return has_asked;
}

/* Links that need a scan of one table, and can share it. Returns how many. */
static int
choose_scan(Down *down, DownLink **links)
{
    int n = 0;

    for (int i = down->first_links[down->component];
         i < down->first_links[down->component + 1] && n < DOWN_MAX_LINKS_OF_SCAN; i++)
    {
        DownLink *of = &down->links[i];

        if (!of->is_scanned || of->is_projected || !has_unasked(down, of))
            continue;
        if (n > 0 && (of->is_single || links[0]->is_single ||
                      of->link->referencing != links[0]->link->referencing))
            continue;
        links[n++] = of;
    }
    return n;
}

/* The server evaluates a declared reference for each row, so that it is not repeated. */
static bool
is_projection_due(const DownLink *of)
{
    return of->is_inside && of->link->fk != NULL &&
           of->n_scans >= DOWN_SCANS_BEFORE_PROJECTION;
}

/* Reads all pairs of the link. */
static void
project(Down *down, DownLink *of)
{
    const DownParents everything = {.of = of};
    DownPairs *pairs = &down->sample->down_pairs[of->link->number];

    downpairs_clear(pairs);
    (void)down_children_read(down, &everything, 1);
    of->is_projected = true;
    log_verbose("foreign key %s of table %s has no index: read %zu pairs of rows",
                of->link->fk->foreign_key->qname,
                of->link->fk->foreign_key->referencing_qname, pairs->n_pairs);
}

/* Reads a table, once for all links that need it. False: there is nothing to ask for. */
static bool
ask_by_scan(Down *down)
{
    DownLink *links[DOWN_MAX_LINKS_OF_SCAN];
    int n_links = choose_scan(down, links);
    bool has_projected = false;

    for (int i = 0; i < n_links; i++)
    {
        if (!is_projection_due(links[i]))
            continue;
        project(down, links[i]);
        has_projected = true;
    }
    if (n_links > 0 && !has_projected)
        ask_server(down, links, n_links);
    return n_links > 0;
}

static void
ask_for_all(Down *down)
{
    do
    {
        while (ask_quickly(down))
            continue;
    } while (ask_by_scan(down));
}

/* ---- generations */

/* The next generation that has rows which are not settled; -1: none. */
static int
get_next_depth(const Down *down, const Component *component)
{
    int next = -1;

    for (int i = 0; i < component->relations.n_items; i++)
    {
        int depth = downset_get_depth(&down->sample->down[component->relations.items[i]]);

        if (depth >= 0 && (next < 0 || depth < next))
            next = depth;
    }
    return next;
}

static void
settle(Down *down, const Component *component, int depth)
{
    for (int i = 0; i < component->relations.n_items; i++)
        downset_settle(&down->sample->down[component->relations.items[i]], depth,
                       down->order->ranks);
}

/* Children of the rows that were settled last. */
static void
count_children(Down *down, const DownLink *of)
{
    const DownSet *set = get_parents(down, of);
    DownSet *children = &down->sample->down[of->link->referencing];
    DownPairs *pairs = &down->sample->down_pairs[of->link->number];

    for (size_t i = set->first_new; i < set->n_rows; i++)
    {
        const DownRow *row = &set->rows[i];
        DownRow child = {.fk = of->link->number, .parent = row->id};

        if (!is_parent(down, of, row))
            continue;
        child.depth = row->depth + 1;
        for (const DownPair *pair = downpairs_find(pairs, row->id); pair != NULL;
             pair = downpairs_next(pairs, pair))
        {
            child.id = pair->child;
            (void)downset_add(children, &child);
        }
    }
}

static bool
has_inside_links(const Down *down)
{
    for (int i = down->first_links[down->component];
         i < down->first_links[down->component + 1]; i++)
    {
        if (down->links[i].is_inside)
            return true;
    }
    return false;
}

/* Rows of a generation lead to those of the next one. */
static void
settle_generations(Down *down, const Component *component)
{
    while ((down->depth = get_next_depth(down, component)) >= 0)
    {
        settle(down, component, down->depth);
        if (down->is_limited)
        {
            ask_for_all(down);
            continue;
        }
        for (int i = down->first_links[down->component];
             i < down->first_links[down->component + 1]; i++)
        {
            if (down->links[i].is_inside)
                count_children(down, &down->links[i]);
        }
    }
}

void
down_explore_settle(Down *down)
{
    const Component *component = &down->graph->components[down->component];

    if (!has_inside_links(down) || down->is_limited)
        settle(down, component, -1);
    else
        settle_generations(down, component);
}

void
down_explore(Down *down)
{
    const Component *component = &down->graph->components[down->component];

    ask_for_all(down);
    if (has_inside_links(down))
        settle_generations(down, component);
    else
        settle(down, component, -1);
    for (int i = down->first_links[down->component];
         i < down->first_links[down->component + 1]; i++)
        downpairs_clear(&down->sample->down_pairs[down->links[i].link->number]);
    for (int i = 0; i < component->relations.n_items; i++)
        downset_complete(&down->sample->down[component->relations.items[i]]);
}
