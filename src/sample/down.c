#include "sample/down.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "model/query_down.h"
#include "sample/child_index.h"
#include "sample/fetch.h"
#include "sample/root.h"
#include "sample/stage.h"

typedef struct Down
{
    Sample *sample;
    Session *session;
    const FkGraph *graph;
    int *edges; /* those that are followed, by name: the first to bring a row counts */
    int n_edges;
    ChildIndex *indexes; /* by edge */
    int depth;           /* of the rows that are looked for */
} Down;

/* ---- edges */

static int
compare_edges(const void *left, const void *right, void *context)
{
    const FkGraph *graph = ((const Down *)context)->graph;
    const ForeignKey *a = graph->edges[*(const int *)left].foreign_key;
    const ForeignKey *b = graph->edges[*(const int *)right].foreign_key;
    int order = strcmp(a->referencing_qname, b->referencing_qname);

    if (order == 0)
        order = strcmp(a->qname, b->qname);
    return order;
}

static void
choose_edges(Down *down)
{
    const Plan *plan = down->sample->plan;

    down->edges = mem_alloc((size_t)down->graph->n_edges * sizeof(*down->edges));
    for (int i = 0; i < down->graph->n_edges; i++)
    {
        const ForeignKey *key = down->graph->edges[i].foreign_key;

        if (plan->caps[i] != 0 && !plan->tables[key->referencing].is_lost &&
            !plan->tables[key->referenced].is_lost)
            down->edges[down->n_edges++] = i;
    }
    qsort_r(down->edges, (size_t)down->n_edges, sizeof(*down->edges), compare_edges,
            down);
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
parse_child(const Down *down, const ForeignKey *key, const char *line, size_t length,
            DownRow *row)
{
    const Relation *relations = down->graph->catalog->relations;
    size_t tab = find_tab(line, find_tab(line, 0, length) + 1, length);

    if (tab >= length)
        die_message(EXIT_SERVER, "a child in %s came in an unexpected form",
                    key->referencing_qname);
    row->parent = fetch_parse_place(&relations[key->referenced], line, tab);
    row->id =
        fetch_parse_place(&relations[key->referencing], line + tab + 1, length - tab - 1);
}

/* The connection for the statement, with both tables locked. */
static Db *
get_reader(const Down *down, const ForeignKey *key)
{
    const Relation *relations = down->graph->catalog->relations;

    if (down->sample->plan->tables[key->referencing].filter != NULL)
    {
        session_get_user_reader(down->session, &relations[key->referenced]);
        return session_get_user_reader(down->session, &relations[key->referencing]);
    }
    session_get_reader(down->session, &relations[key->referenced]);
    return session_get_reader(down->session, &relations[key->referencing]);
}

static void
set_context(const Down *down, Db *db, const ForeignKey *key)
{
    const Rule *filter = down->sample->plan->tables[key->referencing].filter;

    if (filter != NULL)
        db_set_context(db, "--where-column \"%s\" on table %s", filter->text,
                       key->referencing_qname);
    else
        db_set_context(db, "could not read the children by foreign key %s of table %s",
                       key->qname, key->referencing_qname);
}

/* Does an index give the children of a row in the order in which they are taken? */
static bool
is_index_order(const Down *down, int edge)
{
    PickOrder order = down->sample->plan->order;

    return down->indexes[edge] == CHILD_INDEX_ORDERED && order != PICK_RANDOM &&
           order != PICK_STABLE;
}

static size_t
read_children(Down *down, int edge, const RowId *parents, size_t n)
{
    const ForeignKey *key = down->graph->edges[edge].foreign_key;
    const QueryDown query = {.plan = down->sample->plan,
                             .graph = down->graph,
                             .edge = &down->graph->edges[edge],
                             .cap = down->sample->plan->caps[edge],
                             .is_index_order = is_index_order(down, edge)};
    DownSet *set = &down->sample->down[key->referencing];
    Db *db = get_reader(down, key);
    DownRow row = {.edge = edge, .depth = down->depth};
    PQExpBufferData sql;
    size_t n_new = 0;
    char *line;
    ssize_t length;

    initPQExpBuffer(&sql);
    query_down(&sql, &query, parents, n);
    set_context(down, db, key);
    db_copy_begin(db, sql.data);
    while ((length = db_copy_row(db, &line)) >= 0)
    {
        parse_child(down, key, line, (size_t)length, &row);
        n_new += downset_add(set, &row) ? 1 : 0;
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

/* The last generation of the relation that the edge refers to; sorted. */
static RowId *
list_parents(const Down *down, const ForeignKey *key, const size_t *ends, size_t *n)
{
    const DownSet *set = &down->sample->down[key->referenced];
    size_t end = ends[key->referenced];
    RowId *ids = mem_alloc((end - set->first_new + 1) * sizeof(*ids));

    *n = 0;
    for (size_t i = set->first_new; i < end; i++)
    {
        if (key->referenced_partition == 0 || is_referenced(down, key, set->rows[i].id))
            ids[(*n)++] = set->rows[i].id;
    }
    rowids_sort(ids, *n);
    return ids;
}

static size_t
follow_edge(Down *down, int edge, const size_t *ends)
{
    const ForeignKey *key = down->graph->edges[edge].foreign_key;
    size_t n_new = 0;
    size_t n;
    RowId *parents = list_parents(down, key, ends, &n);

    for (size_t i = 0; i < n; i += FETCH_MAX_KEYS)
        n_new += read_children(down, edge, parents + i,
                               n - i < FETCH_MAX_KEYS ? n - i : FETCH_MAX_KEYS);
    free(parents);
    if (n_new > 0)
        log_progress("%s: %zu children of %zu rows", key->referencing_qname, n_new, n);
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
    for (int i = 0; i < down->n_edges; i++)
        n_new += follow_edge(down, down->edges[i], ends);
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

    if (plan->slice == NULL)
        return;
    downset_free(sample->down, n_relations); /* of an attempt that lost a table */
    sample->down = downset_new(n_relations);
    root_find_all(sample, session);
    choose_edges(&down);
    down.indexes = child_index_load(session->holder, down.graph);
    for (down.depth = 1;
         plan->slice->depth == SLICE_ANY_DEPTH || down.depth <= plan->slice->depth;
         down.depth++)
    {
        size_t n_new = add_generation(&down);

        if (n_new == 0)
            break;
        log_verbose("generation %d: %zu children", down.depth, n_new);
    }
    log_progress_clear();
    for (size_t i = 0; i < n_relations; i++)
        downset_sort(&sample->down[i]);
    free(down.edges);
    free(down.indexes);
}

/* ---- taking D into the sample */

/* Those of the rows that are roots, or that are not; and that were not picked. */
static RowId *
list_rows(const DownSet *set, bool is_root, const IdSet *picked, size_t *n)
{
    RowId *ids = mem_alloc((set->n_rows + 1) * sizeof(*ids));

    *n = 0;
    for (size_t i = 0; i < set->n_rows; i++)
    {
        const DownRow *row = &set->rows[i];

        if ((row->edge == DOWN_ROOT) == is_root &&
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
    RowId *ids = list_rows(&sample->down[relation], is_root, picked, &n);

    fetch_ids(sample, session, relation, ids, n);
    free(ids);
}

static IdSet *
list_staged(Sample *sample, int relation)
{
    IdSet *staged = idset_new();
    size_t n;
    RowId *ids = stage_list_places(sample, relation, &n);

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
    /* nothing can be staged twice */
    if (sample->stage != NULL && table->n_rows > 0)
        picked = list_staged(sample, relation);
    fetch_rows_of(sample, session, relation, true, picked);
    table->n_picked = table->n_rows;
    fetch_rows_of(sample, session, relation, false, picked);
    table->n_children = table->n_rows - table->n_picked;
    idset_free(picked);
}
