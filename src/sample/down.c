#include "sample/down.h"

#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/plural.h"
#include "model/fk_order.h"
#include "model/query_down.h"
#include "sample/budget.h"
#include "sample/child_index.h"
#include "sample/fetch.h"
#include "sample/root.h"
#include "sample/row_ids.h"
#include "sample/staging/staging.h"

typedef struct Down
{
    Sample *sample;
    Session *session;
    const FkGraph *graph;
    const FkOrder *order; /* of links: the first to bring a row counts */
    const Link **links;   /* that are followed, by the component of the children */
    int *first_links;     /* by component: in links; one more at the end */
    ChildIndex *indexes;  /* by foreign key */
} Down;

/* ---- links */

static const char *
get_table_name(const FkGraph *graph, const Link *link)
{
    return link->fk != NULL ? link->fk->foreign_key->referencing_qname
                            : graph->catalog->relations[link->referencing].qname;
}

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
            down->sample->down[link->referencing].can_find_itself = true;
    }
    for (int i = 0; i < n_components; i++)
        next[i + 1] = down->first_links[i + 1] += down->first_links[i];
    for (int i = 0; i < graph->n_links; i++)
    {
        const Link *link = &graph->links[i];

        if (is_link_followed(down, link))
            down->links[next[get_child_component(down, link)]++] = link;
    }
    free(next);
}

/* ---- children */

/* Where the next tab is; length: there is none. */
static size_t
find_tab(const char *line, size_t from, size_t length)
{
    while (from < length && line[from] != '\t')
        from++;
    return from;
}

/* Reads "tableoid ctid tableoid ctid" of parent and child. */
static void
parse_child(const Down *down, const Link *link, const char *line, size_t length,
            DownRow *row)
{
    const Relation *relations = down->graph->catalog->relations;
    size_t tab = find_tab(line, find_tab(line, 0, length) + 1, length);

    if (tab >= length)
        die_message(EXIT_SERVER, "unexpected format of a child in table %s",
                    relations[link->referencing].qname);
    row->parent = row_ids_parse(&relations[link->referenced], line, tab);
    row->id =
        row_ids_parse(&relations[link->referencing], line + tab + 1, length - tab - 1);
}

/* The connection for the statement, with both tables locked. */
static Db *
get_link_reader(const Down *down, const Link *link)
{
    const Relation *relations = down->graph->catalog->relations;

    if (link->reference != NULL ||
        down->sample->plan->tables[link->referencing].filter != NULL)
    {
        session_get_user_reader(down->session, &relations[link->referenced]);
        return session_get_user_reader(down->session, &relations[link->referencing]);
    }
    session_get_reader(down->session, &relations[link->referenced]);
    return session_get_reader(down->session, &relations[link->referencing]);
}

static void
set_link_context(const Down *down, Db *db, const Link *link)
{
    const Rule *filter = down->sample->plan->tables[link->referencing].filter;
    const char *name = get_table_name(down->graph, link);

    if (link->reference != NULL)
        db_set_context(db, "reference \"%s\"", link->reference->text);
    else if (filter != NULL)
        db_set_context(db, "--where-column \"%s\" on table %s", filter->text, name);
    else
        db_set_context(db, "could not read children by foreign key %s of table %s",
                       link->fk->foreign_key->qname, name);
}

/* Does an index give the children of a row in the order in which they are taken? */
static bool
is_index_order(const Down *down, const Link *link)
{
    PickOrder order = down->sample->plan->order;

    return link->fk != NULL && down->indexes[link->number] == CHILD_INDEX_ORDERED &&
           order != PICK_RANDOM && order != PICK_STABLE;
}

/* How many generations the parent is below the roots. */
static int
get_parent_depth(const Down *down, const Link *link, RowId parent, int depth)
{
    const DownRow *row;

    if (depth >= 0)
        return depth;
    row = downset_get(&down->sample->down[link->referenced], parent);
    return row != NULL ? row->depth : 0; /* it is there: the query was for these rows */
}

/* depth: of all parents, or -1 */
static size_t
read_children(Down *down, const Link *link, int depth, const RowId *parents, size_t n)
{
    const QueryDown query = {.plan = down->sample->plan,
                             .graph = down->graph,
                             .link = link,
                             .cap = down->sample->plan->caps[link->number],
                             .is_index_order = is_index_order(down, link)};
    DownSet *set = &down->sample->down[link->referencing];
    Db *db = get_link_reader(down, link);
    DownRow row = {.fk = link->number};
    PQExpBufferData sql;
    size_t n_new = 0;
    char *line;
    ssize_t length;

    initPQExpBuffer(&sql);
    query_down(&sql, &query, parents, n);
    set_link_context(down, db, link);
    db_copy_begin(db, sql.data);
    while ((length = db_copy_row(db, &line)) >= 0)
    {
        parse_child(down, link, line, (size_t)length, &row);
        row.depth = get_parent_depth(down, link, row.parent, depth) + 1;
        if (!downset_add(set, &row))
            continue;
        n_new++;
        down->sample->n_down++;
        budget_check(down->sample);
    }
    db_set_context(db, NULL);
    termPQExpBuffer(&sql);
    return n_new;
}

static bool
is_referenced(const Down *down, const ForeignKey *key, RowId parent)
{
    int leaf = rowid_leaf(parent);
    int first;
    int n;

    catalog_get_leaf_range(down->graph->catalog,
                           &down->graph->catalog->relations[key->referenced],
                           key->referenced_partition, &first, &n);
    return leaf >= first && leaf < first + n;
}

/* Can the row have children? */
static bool
is_parent(const Down *down, const Link *link, const DownRow *row)
{
    const ForeignKey *key = link->fk != NULL ? link->fk->foreign_key : NULL;
    int depth = down->sample->plan->subset->depth;

    return (depth == SUBSET_ANY_DEPTH || row->depth < depth) &&
           (key == NULL || key->referenced_partition == 0 ||
            is_referenced(down, key, row->id));
}

/* Those of the relation that the link refers to, from the first-th on; sorted. */
static RowId *
list_parents(const Down *down, const Link *link, size_t first, size_t *n)
{
    const DownSet *set = &down->sample->down[link->referenced];
    RowId *ids = mem_alloc((set->n_rows - first + 1) * sizeof(*ids));

    *n = 0;
    for (size_t i = first; i < set->n_rows; i++)
    {
        if (is_parent(down, link, &set->rows[i]))
            ids[(*n)++] = set->rows[i].id;
    }
    rowid_sort(ids, *n);
    return ids;
}

static void
find_children(Down *down, const Link *link, int depth, size_t first)
{
    size_t n_new = 0;
    size_t n;
    RowId *parents = list_parents(down, link, first, &n);

    for (size_t i = 0; i < n; i += FETCH_MAX_KEYS)
        n_new += read_children(down, link, depth, parents + i,
                               n - i < FETCH_MAX_KEYS ? n - i : FETCH_MAX_KEYS);
    free(parents);
    if (n_new > 0)
        log_progress("%s: %zu child%s of %zu row%s", get_table_name(down->graph, link),
                     n_new, plural_choose(n_new, "", "ren"), n, plural(n));
}

/* ---- components */

/* Children of complete relations. */
static void
find_from_outside(Down *down, int component)
{
    for (int i = down->first_links[component]; i < down->first_links[component + 1]; i++)
    {
        if (!is_inside_component(down, down->links[i]))
            find_children(down, down->links[i], -1, 0);
    }
}

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

/* Generation by generation. */
static void
find_inside(Down *down, int number)
{
    const Component *component = &down->graph->components[number];
    int depth;

    while ((depth = get_next_depth(down, component)) >= 0)
    {
        settle(down, component, depth);
        for (int i = down->first_links[number]; i < down->first_links[number + 1]; i++)
        {
            const Link *link = down->links[i];

            if (is_inside_component(down, link))
                find_children(down, link, depth,
                              down->sample->down[link->referenced].first_new);
        }
    }
}

static void
complete_relations(Down *down, int number)
{
    const Component *component = &down->graph->components[number];
    bool is_cyclic = false;

    find_from_outside(down, number);
    for (int i = down->first_links[number]; i < down->first_links[number + 1]; i++)
        is_cyclic = is_cyclic || is_inside_component(down, down->links[i]);
    if (is_cyclic)
        find_inside(down, number);
    else
        settle(down, component, -1);
    for (int i = 0; i < component->relations.n_items; i++)
        downset_complete(&down->sample->down[component->relations.items[i]]);
}

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

void
down_run(Sample *sample, Session *session)
{
    const Plan *plan = sample->plan;
    size_t n_relations = (size_t)plan->catalog->n_relations;
    Down down = {.sample = sample, .session = session, .graph = sample->graph};

    if (plan->subset == NULL)
        return;
    downset_free(sample->down, n_relations); /* of an attempt that skipped a table */
    sample->down = downset_new(n_relations);
    root_find_all(sample, session);
    sample->n_down = 0;
    for (size_t i = 0; i < n_relations; i++)
        sample->n_down += idset_count(sample->down[i].ids);
    budget_check(sample);
    down.order = fk_order_build(down.graph);
    choose_links(&down);
    down.indexes = child_index_load(session->snapshot_db, down.graph);
    for (int i = down.graph->n_components - 1; i >= 0; i--)
        complete_relations(&down, i);
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
    RowId *ids = mem_alloc((set->n_rows + 1) * sizeof(*ids));

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
    free(ids);
}

static IdSet *
list_staged(Sample *sample, int relation)
{
    IdSet *staged = idset_new();
    size_t n;
    RowId *ids = staging_list_row_ids(sample, relation, &n);

    for (size_t i = 0; i < n; i++)
        idset_add(staged, ids[i]);
    free(ids);
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
