#include "sample/down_children.h"

#include <string.h>

#include "base/die.h"
#include "model/query_down.h"
#include "sample/budget.h"
#include "sample/fetch.h"
#include "sample/row_ids.h"

/* ---- the statement */

/* Does an index give the children of a row in the order in which they are taken? */
static bool
is_index_order(const Down *down, const Link *link)
{
    PickOrder order = down->sample->plan->order;

    return link->fk != NULL && down->indexes[link->number] == CHILD_INDEX_ORDERED &&
           order != PICK_RANDOM && order != PICK_STABLE;
}

static bool
has_user_sql(const Down *down, const Link *link)
{
    return link->reference != NULL ||
           down->sample->plan->tables[link->referencing].filter != NULL;
}

/* The connection for the statement, with all of its tables locked. */
static Db *
get_children_reader(const Down *down, const DownParents *parents, int n_links)
{
    const Relation *relations = down->graph->catalog->relations;
    const Link *link = parents[0].of->link;
    Db *(*get)(Session *, const Relation *) =
        has_user_sql(down, link) ? session_get_user_reader : session_get_reader;

    for (int i = 0; i < n_links; i++)
        get(down->session, &relations[parents[i].of->link->referenced]);
    return get(down->session, &relations[link->referencing]);
}

static void
set_children_context(const Down *down, Db *db, const DownParents *parents, int n_links)
{
    const Link *link = parents[0].of->link;
    const Rule *filter = down->sample->plan->tables[link->referencing].filter;
    const char *table = down->graph->catalog->relations[link->referencing].qname;

    if (link->reference != NULL)
        db_set_context(db, "reference \"%s\"", link->reference->text);
    else if (filter != NULL)
        db_set_context(db, "--where-column \"%s\" on table %s", filter->text,
                       n_links == 1 ? link->fk->foreign_key->referencing_qname : table);
    else if (n_links == 1)
        db_set_context(db, "could not read children by foreign key %s of table %s",
                       link->fk->foreign_key->qname,
                       link->fk->foreign_key->referencing_qname);
    else
        db_set_context(db, "could not read children by %d foreign keys of table %s",
                       n_links, table);
}

/*
 * Where few rows of a whole table are wanted, parallel workers read it, too. Each of them
 * takes locks of its own, for which there is no room where the session reads in chunks.
 */
static bool
is_parallel(const Down *down, const DownParents *parents)
{
    return parents->of->is_scanned && parents->ids != NULL &&
           !has_user_sql(down, parents->of->link) && !down->session->is_chunked;
}

/* ---- a child */

static void
count_new_child(Down *down)
{
    down->sample->n_down++;
    if (budget_is_exceeded(down->sample))
        down->exceeded(down);
    budget_check(down->sample);
}

/* How many generations the parent is below the roots. */
static int
get_parent_depth(const Down *down, const DownLink *of, RowId parent)
{
    const DownRow *row;

    if (of->is_inside)
        return down->depth;
    row = downset_get(&down->sample->down[of->link->referenced], parent);
    return row != NULL ? row->depth : 0; /* it is there: the query was for these rows */
}

bool
down_children_add(Down *down, const DownLink *of, RowId parent, RowId child)
{
    DownSet *set = &down->sample->down[of->link->referencing];
    DownRow row = {.id = child, .parent = parent, .fk = of->link->number};
    bool is_new;

    if (of->is_inside && !down->is_limited)
    {
        if (!of->is_projected)
            downpairs_add(&down->sample->down_pairs[row.fk], parent, child);
        is_new = downset_know(set, child);
    }
    else
    {
        row.depth = get_parent_depth(down, of, parent) + 1;
        is_new = downset_add(set, &row);
    }
    if (is_new)
        count_new_child(down);
    return is_new;
}

/* ---- reading */

typedef struct ChildLine
{
    const char *next; /* the field that is read next */
    const char *end;
} ChildLine;

/* Reads "tableoid ctid"; false: NULL. */
static bool
parse_row(ChildLine *line, const Relation *relation, RowId *id)
{
    const char *tab = memchr(line->next, '\t', (size_t)(line->end - line->next));
    const char *ctid = tab != NULL ? tab + 1 : line->end;
    const char *end = memchr(ctid, '\t', (size_t)(line->end - ctid));
    const char *oid = line->next;

    if (end == NULL)
        end = line->end;
    line->next = end < line->end ? end + 1 : end;
    if (end - ctid == 2 && memcmp(ctid, "\\N", 2) == 0)
        return false;
    *id = row_ids_make(relation, oid, ctid, (size_t)(end - ctid));
    return true;
}

/* Reads the parents by all links, and the child. Returns how many are new: 0 or 1. */
static size_t
add_line(Down *down, const DownParents *parents, int n_links, ChildLine line)
{
    const Relation *relations = down->graph->catalog->relations;
    RowId ids[DOWN_MAX_LINKS_OF_SCAN];
    bool has_parent[DOWN_MAX_LINKS_OF_SCAN];
    bool is_new = false;
    RowId child;

    for (int i = 0; i < n_links; i++)
        has_parent[i] =
            parse_row(&line, &relations[parents[i].of->link->referenced], &ids[i]);
    if (!parse_row(&line, &relations[parents[0].of->link->referencing], &child))
        die_message(EXIT_SERVER, "unexpected format of a child in table %s",
                    relations[parents[0].of->link->referencing].qname);
    for (int i = 0; i < n_links; i++)
    {
        if (!has_parent[i])
            continue;
        if (parents[i].ids == NULL)
            downpairs_add(&down->sample->down_pairs[parents[i].of->link->number], ids[i],
                          child);
        else
            is_new = down_children_add(down, parents[i].of, ids[i], child) || is_new;
    }
    return is_new ? 1 : 0;
}

/* parents: as many as one statement has */
static size_t
read_batch(Down *down, const DownParents *parents, int n_links)
{
    QueryDownLink links[DOWN_MAX_LINKS_OF_SCAN];
    const QueryDown query = {.plan = down->sample->plan,
                             .graph = down->graph,
                             .links = links,
                             .n_links = n_links,
                             .is_index_order = is_index_order(down, parents[0].of->link),
                             .is_parallel = is_parallel(down, &parents[0])};
    Db *db = get_children_reader(down, parents, n_links);
    PQExpBufferData sql;
    size_t n_new = 0;
    char *line;
    ssize_t length;

    for (int i = 0; i < n_links; i++)
        links[i] =
            (QueryDownLink){.link = parents[i].of->link,
                            .cap = down->sample->plan->caps[parents[i].of->link->number],
                            .parents = parents[i].ids,
                            .n_parents = parents[i].n};
    initPQExpBuffer(&sql);
    query_down(&sql, &query);
    set_children_context(down, db, parents, n_links);
    db_copy_begin(db, sql.data);
    while ((length = db_copy_row(db, &line)) >= 0)
        n_new += add_line(down, parents, n_links,
                          (ChildLine){.next = line, .end = line + length});
    db_set_context(db, NULL);
    termPQExpBuffer(&sql);
    return n_new;
}

size_t
down_children_read(Down *down, const DownParents *parents, int n_links)
{
    DownParents batch[DOWN_MAX_LINKS_OF_SCAN];
    size_t n_new = 0;
    int n_batch = 1;

    for (size_t first = 0; n_batch > 0; first += FETCH_MAX_KEYS)
    {
        n_batch = 0;
        for (int i = 0; i < n_links; i++)
        {
            size_t n = parents[i].n > first ? parents[i].n - first : 0;

            if (parents[i].ids == NULL ? first > 0 : n == 0)
                continue;
            batch[n_batch++] =
                (DownParents){.of = parents[i].of,
                              .ids =
                                  parents[i].ids != NULL ? parents[i].ids + first : NULL,
                              .n = n < FETCH_MAX_KEYS ? n : FETCH_MAX_KEYS};
        }
        if (n_batch > 0)
            n_new += read_batch(down, batch, n_batch);
    }
    return n_new;
}
