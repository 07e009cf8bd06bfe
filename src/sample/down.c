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
    const Link **links; /* that are followed, by name: the first to bring a row counts */
    int n_links;
    ChildIndex *indexes; /* by foreign key */
    int depth;           /* of the rows that are looked for */
} Down;

/* ---- links */

static const char *
get_table_name(const FkGraph *graph, const Link *link)
{
    return link->fk != NULL ? link->fk->foreign_key->referencing_qname
                            : graph->catalog->relations[link->referencing].qname;
}

static void
choose_links(Down *down)
{
    const Plan *plan = down->sample->plan;
    const FkOrder *order = fk_order_build(down->graph);

    down->links = mem_alloc((size_t)order->n_links * sizeof(*down->links));
    for (int i = 0; i < order->n_links; i++)
    {
        const Link *link = &down->graph->links[order->by_rank[i]];

        if (plan->caps[link->number] != 0 &&
            !plan->tables[link->referencing].is_skipped &&
            !plan->tables[link->referenced].is_skipped)
            down->links[down->n_links++] = link;
    }
}

/* ---- one generation */

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

static size_t
read_children(Down *down, const Link *link, const RowId *parents, size_t n)
{
    const QueryDown query = {.plan = down->sample->plan,
                             .graph = down->graph,
                             .link = link,
                             .cap = down->sample->plan->caps[link->number],
                             .is_index_order = is_index_order(down, link)};
    DownSet *set = &down->sample->down[link->referencing];
    Db *db = get_link_reader(down, link);
    DownRow row = {.fk = link->number, .depth = down->depth};
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

/* The last generation of the relation that the link refers to; sorted. */
static RowId *
list_parents(const Down *down, const Link *link, const size_t *ends, size_t *n)
{
    const DownSet *set = &down->sample->down[link->referenced];
    const ForeignKey *key = link->fk != NULL ? link->fk->foreign_key : NULL;
    size_t end = ends[link->referenced];
    RowId *ids = mem_alloc((end - set->first_new + 1) * sizeof(*ids));

    *n = 0;
    for (size_t i = set->first_new; i < end; i++)
    {
        if (key == NULL || key->referenced_partition == 0 ||
            is_referenced(down, key, set->rows[i].id))
            ids[(*n)++] = set->rows[i].id;
    }
    rowid_sort(ids, *n);
    return ids;
}

static size_t
mark_link(Down *down, const Link *link, const size_t *ends)
{
    size_t n_new = 0;
    size_t n;
    RowId *parents = list_parents(down, link, ends, &n);

    for (size_t i = 0; i < n; i += FETCH_MAX_KEYS)
        n_new += read_children(down, link, parents + i,
                               n - i < FETCH_MAX_KEYS ? n - i : FETCH_MAX_KEYS);
    free(parents);
    if (n_new > 0)
        log_progress("%s: %zu child%s of %zu row%s", get_table_name(down->graph, link),
                     n_new, plural_choose(n_new, "", "ren"), n, plural(n));
    return n_new;
}

static size_t
add_generation(Down *down)
{
    size_t n_relations = (size_t)down->graph->catalog->n_relations;
    size_t *ends = mem_alloc(n_relations * sizeof(*ends));
    size_t n_new = 0;

    for (size_t i = 0; i < n_relations; i++)
        ends[i] = down->sample->down[i].n_rows;
    for (int i = 0; i < down->n_links; i++)
        n_new += mark_link(down, down->links[i], ends);
    for (size_t i = 0; i < n_relations; i++)
        down->sample->down[i].first_new = ends[i];
    free(ends);
    return n_new;
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
        sample->n_down += sample->down[i].n_rows;
    budget_check(sample);
    choose_links(&down);
    down.indexes = child_index_load(session->snapshot_db, down.graph);
    for (down.depth = 1;
         plan->subset->depth == SUBSET_ANY_DEPTH || down.depth <= plan->subset->depth;
         down.depth++)
    {
        size_t n_new = add_generation(&down);

        if (n_new == 0)
            break;
        log_verbose("generation %d: %zu %s", down.depth, n_new,
                    plural_choose((int64_t)n_new, "child", "children"));
    }
    log_progress_clear();
    for (size_t i = 0; i < n_relations; i++)
        downset_sort(&sample->down[i]);
    free(down.links);
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
