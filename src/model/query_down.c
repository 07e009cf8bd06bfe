#include "model/query_down.h"

#include <inttypes.h>
#include <stdio.h>

#include "model/query.h"
#include "model/query_parts.h"
#include "model/query_reference.h"

static void
append_tids(PQExpBuffer sql, const RowId *ids, size_t n)
{
    appendPQExpBufferStr(sql, "pg_catalog.unnest(");
    query_parts_append_tids(sql, ids, n);
    appendPQExpBufferStr(sql, ") AS w (place)");
}

/*
 * "FROM ids JOIN rows, called x"; a join and not ANY (array), which a sequential scan
 * would compare with every element before server 14.
 */
static void
append_rows_of_leaf(PQExpBuffer sql, const Relation *relation, const RowId *ids, size_t n)
{
    const Leaf *leaf = &relation->leaves[rowid_leaf(ids[0])];

    appendPQExpBufferStr(sql, "FROM ");
    append_tids(sql, ids, n);
    if (leaf->is_direct)
        appendPQExpBuffer(sql, "\n       JOIN ONLY %s AS x", leaf->qname);
    else
        appendPQExpBuffer(sql, "\n       JOIN %s%s AS x",
                          relation->is_partitioned ? "" : "ONLY ", relation->qname);
    appendPQExpBufferStr(sql, " ON x.ctid OPERATOR(pg_catalog.=) w.place");
    if (!leaf->is_direct)
        appendPQExpBuffer(sql, " AND x.tableoid OPERATOR(pg_catalog.=) '%u'", leaf->oid);
}

/* The columns that the parents are referred to by. */
static const int *
get_referenced_columns(const Link *link, int *n)
{
    if (link->reference != NULL)
    {
        *n = link->reference->n_columns;
        return link->reference->referenced_columns;
    }
    *n = link->fk->foreign_key->n_columns;
    return link->fk->foreign_key->referenced_columns;
}

static void
append_parent_columns(PQExpBuffer sql, const Relation *referenced, const Link *link)
{
    int n_columns;
    const int *columns = get_referenced_columns(link, &n_columns);

    appendPQExpBufferStr(sql, "SELECT x.tableoid AS leaf, x.ctid AS place");
    for (int i = 0; i < n_columns; i++)
        appendPQExpBuffer(sql, ", x.%s AS k%d", referenced->columns[columns[i]].operand,
                          i);
    appendPQExpBufferStr(sql, "\n  ");
}

/*
 * The parents, as the alias: their ids and the columns of the key. Those of all leaves at
 * once, so that a table without an index is read once.
 */
static void
append_parents(PQExpBuffer sql, const QueryDown *down, const QueryDownLink *of,
               const char *alias)
{
    const Relation *referenced = &down->graph->catalog->relations[of->link->referenced];

    appendPQExpBufferChar(sql, '(');
    if (of->parents == NULL)
    {
        append_parent_columns(sql, referenced, of->link);
        query_parts_append_from(sql, referenced, "x");
        appendPQExpBufferStr(sql, " WHERE true");
        query_parts_append_local_leaves(sql, "x.", referenced);
    }
    for (size_t i = 0; of->parents != NULL && i < of->n_parents;)
    {
        size_t same = rowid_count_same_leaf(of->parents + i, of->n_parents - i);

        appendPQExpBufferStr(sql, i == 0 ? "" : "\n  UNION ALL ");
        append_parent_columns(sql, referenced, of->link);
        append_rows_of_leaf(sql, referenced, of->parents + i, same);
        i += same;
    }
    appendPQExpBuffer(sql, ") AS %s", alias);
}

/* The table of the children, as t; what the filter keeps out is not there. */
static void
append_children(PQExpBuffer sql, const QueryDown *down)
{
    const Link *link = down->links[0].link;
    const Relation *referencing = &down->graph->catalog->relations[link->referencing];
    const Rule *filter = down->plan->tables[link->referencing].filter;
    const char *only = referencing->is_partitioned ? "" : "ONLY ";

    if (link->reference != NULL)
        query_reference_append_referencing(sql, referencing, link->reference,
                                           filter != NULL ? filter->condition : NULL);
    else if (filter == NULL)
        appendPQExpBuffer(sql, "%s%s AS t", only, referencing->qname);
    else
        appendPQExpBuffer(sql,
                          "(SELECT tableoid, ctid, * FROM %s%s\n WHERE (\n%s\n)) AS t",
                          only, referencing->qname, filter->condition);
}

/* Is t a child of the parent, which the alias is? */
static void
append_child_match(PQExpBuffer sql, const QueryDown *down, const Link *link,
                   const char *alias)
{
    const Relation *referencing = &down->graph->catalog->relations[link->referencing];

    if (link->reference != NULL)
        query_reference_append_match(sql, referencing, link->reference);
    else
    {
        const ForeignKey *key = link->fk->foreign_key;

        for (int i = 0; i < key->n_columns; i++)
            appendPQExpBuffer(sql, "%s%s.k%d %s t.%s::%s%s", i == 0 ? "" : " AND ", alias,
                              i, key->operators[i],
                              referencing->columns[key->referencing_columns[i]].qname,
                              key->value_types[i], key->collations[i]);
        query_parts_append_leaves(sql, "t.tableoid", referencing, link->fk->first_leaf,
                                  link->fk->n_leaves);
    }
    query_parts_append_local_leaves(sql, "t.", referencing);
}

static const Relation *
get_referencing(const QueryDown *down)
{
    return &down->graph->catalog->relations[down->links[0].link->referencing];
}

/* A parent at a time: the scan of the index ends after so many rows. */
static void
append_by_index(PQExpBuffer sql, const QueryDown *down)
{
    const QueryDownLink *of = &down->links[0];

    appendPQExpBufferStr(sql, "SELECT p.leaf, p.place, c.leaf, c.child\n  FROM ");
    append_parents(sql, down, of, "p");
    appendPQExpBufferStr(sql, "\n       CROSS JOIN LATERAL (\n"
                              "       SELECT t.tableoid AS leaf, t.ctid AS child\n"
                              "         FROM ");
    append_children(sql, down);
    appendPQExpBufferStr(sql, "\n        WHERE ");
    append_child_match(sql, down, of->link, "p");
    appendPQExpBufferStr(sql, "\n        ORDER BY ");
    query_append_pick_order(sql, down->plan, get_referencing(down), "t.");
    appendPQExpBuffer(sql, "\n        LIMIT %" PRId64 ") AS c", of->cap);
}

/* ", row_number() OVER (...) AS number": of the children of the alias */
static void
append_child_number(PQExpBuffer sql, const QueryDown *down, const char *alias)
{
    appendPQExpBuffer(sql,
                      ",\n       pg_catalog.row_number() OVER ("
                      "PARTITION BY %s.leaf, %s.place ORDER BY ",
                      alias, alias);
    query_append_pick_order(sql, down->plan, get_referencing(down), "t.");
    appendPQExpBufferStr(sql, ") AS number");
}

/* All children in one go, however the server finds them; then the first of each. */
static void
append_by_join(PQExpBuffer sql, const QueryDown *down)
{
    const QueryDownLink *of = &down->links[0];

    if (of->cap >= 0)
        appendPQExpBufferStr(sql, "SELECT c.parent, c.place, c.leaf, c.child FROM (");
    appendPQExpBufferStr(
        sql, "SELECT p.leaf AS parent, p.place, t.tableoid AS leaf, t.ctid AS child");
    if (of->cap >= 0)
        append_child_number(sql, down, "p");
    appendPQExpBufferStr(sql, "\n  FROM ");
    append_parents(sql, down, of, "p");
    appendPQExpBufferStr(sql, "\n       JOIN ");
    append_children(sql, down);
    appendPQExpBufferStr(sql, "\n       ON ");
    append_child_match(sql, down, of->link, "p");
    if (of->cap >= 0)
        appendPQExpBuffer(sql, ") AS c\n WHERE c.number OPERATOR(pg_catalog.<=) %" PRId64,
                          of->cap);
}

/* The parents by all links; a row has one by at least one of them. */
static void
append_outer_joins(PQExpBuffer sql, const QueryDown *down)
{
    char alias[16];

    appendPQExpBufferStr(sql, "\n  FROM ");
    append_children(sql, down);
    for (int i = 0; i < down->n_links; i++)
    {
        snprintf(alias, sizeof(alias), "p%d", i);
        appendPQExpBufferStr(sql, "\n       LEFT JOIN ");
        append_parents(sql, down, &down->links[i], alias);
        appendPQExpBufferStr(sql, "\n       ON ");
        append_child_match(sql, down, down->links[i].link, alias);
    }
    for (int i = 0; i < down->n_links; i++)
        appendPQExpBuffer(sql, "%sp%d.place IS NOT NULL", i == 0 ? "\n WHERE " : " OR ",
                          i);
}

/* Children by several links in one scan; a parent that has enough of them is NULL. */
static void
append_by_scan(PQExpBuffer sql, const QueryDown *down)
{
    char alias[16];

    appendPQExpBufferStr(sql, "SELECT ");
    for (int i = 0; i < down->n_links; i++)
    {
        if (down->links[i].cap < 0)
            appendPQExpBuffer(sql, "c.leaf%d, c.place%d, ", i, i);
        else
            appendPQExpBuffer(sql,
                              "c.leaf%d, CASE WHEN c.number%d OPERATOR(pg_catalog.<=) "
                              "%" PRId64 " THEN c.place%d END, ",
                              i, i, down->links[i].cap, i);
    }
    appendPQExpBufferStr(sql, "c.leaf, c.child FROM (SELECT t.tableoid AS leaf, "
                              "t.ctid AS child");
    for (int i = 0; i < down->n_links; i++)
    {
        snprintf(alias, sizeof(alias), "p%d", i);
        appendPQExpBuffer(sql, ",\n       %s.leaf AS leaf%d, %s.place AS place%d", alias,
                          i, alias, i);
        if (down->links[i].cap < 0)
            continue;
        append_child_number(sql, down, alias);
        appendPQExpBuffer(sql, "%d", i);
    }
    append_outer_joins(sql, down);
    appendPQExpBufferStr(sql, ") AS c");
}

/* The planner does not know that few rows of outer joins are left. */
void
query_down(PQExpBuffer sql, const QueryDown *down)
{
    if (down->is_parallel)
        appendPQExpBufferStr(sql,
                             "SET LOCAL max_parallel_workers_per_gather TO DEFAULT;\n"
                             "SET LOCAL parallel_tuple_cost = 0;\n");
    appendPQExpBufferStr(sql, "COPY (");
    if (down->n_links > 1)
        append_by_scan(sql, down);
    else if (down->links[0].cap >= 0 && down->is_index_order)
        append_by_index(sql, down);
    else
        append_by_join(sql, down);
    appendPQExpBufferStr(sql, ") TO STDOUT");
    if (down->is_parallel)
        appendPQExpBufferStr(sql, ";\nSET LOCAL max_parallel_workers_per_gather = 0;\n"
                                  "SET LOCAL parallel_tuple_cost TO DEFAULT");
}

/* "ROWS FROM (unnest(...), ...) WITH ORDINALITY AS k (k0, ..., position)", as texts. */
static void
append_root_values(PQExpBuffer sql, const RootColumns *root, const KeyBatch *keys,
                   const CopyEncoding *encoding)
{
    appendPQExpBufferStr(sql, "ROWS FROM (");
    for (int i = 0; i < root->n_columns; i++)
    {
        appendPQExpBufferStr(sql, i == 0 ? "pg_catalog.unnest(" : ", pg_catalog.unnest(");
        query_parts_append_key_array(sql, "pg_catalog.text", i, keys, encoding);
        appendPQExpBufferChar(sql, ')');
    }
    appendPQExpBufferStr(sql, ") WITH ORDINALITY AS k (");
    for (int i = 0; i < root->n_columns; i++)
        appendPQExpBuffer(sql, "k%d, ", i);
    appendPQExpBufferStr(sql, "position)");
}

void
query_down_root_keys(PQExpBuffer sql, const RootColumns *root, const KeyBatch *keys,
                     const CopyEncoding *encoding)
{
    appendPQExpBufferStr(sql, "COPY (SELECT k.position, t.tableoid, t.ctid\n  FROM ");
    append_root_values(sql, root, keys, encoding);
    appendPQExpBuffer(sql, "\n       JOIN %s%s AS t ON ",
                      root->relation->is_partitioned ? "" : "ONLY ",
                      root->relation->qname);
    for (int i = 0; i < root->n_columns; i++)
    {
        const Column *column = &root->relation->columns[root->columns[i]];

        appendPQExpBuffer(sql, "%st.%s %s k.k%d::%s", i == 0 ? "" : " AND ",
                          column->operand, root->operators[i], i, column->type_name);
    }
    appendPQExpBufferStr(sql, ") TO STDOUT");
}

void
query_down_root_values(PQExpBuffer sql, const RootColumns *root, const KeyBatch *keys,
                       const CopyEncoding *encoding)
{
    appendPQExpBufferStr(sql, "SELECT ");
    for (int i = 0; i < root->n_columns; i++)
        appendPQExpBuffer(sql, "%spg_catalog.count(k.k%d::%s)", i == 0 ? "" : ", ", i,
                          root->relation->columns[root->columns[i]].type_name);
    appendPQExpBufferStr(sql, "\n  FROM ");
    append_root_values(sql, root, keys, encoding);
}

void
query_down_outside_filter(PQExpBuffer sql, const Plan *plan, int relation,
                          const RowId *ids, size_t n)
{
    const Relation *source = &plan->catalog->relations[relation];

    appendPQExpBuffer(sql,
                      "COPY (SELECT f.tableoid, f.ctid\n"
                      "  FROM (SELECT tableoid, ctid FROM %s%s\n"
                      " WHERE (\n%s\n) IS NOT TRUE) AS f\n"
                      "       JOIN ",
                      source->is_partitioned ? "" : "ONLY ", source->qname,
                      plan->tables[relation].filter->condition);
    append_tids(sql, ids, n);
    appendPQExpBuffer(sql,
                      " ON f.ctid OPERATOR(pg_catalog.=) w.place\n"
                      "   AND f.tableoid OPERATOR(pg_catalog.=) '%u') TO STDOUT",
                      source->leaves[rowid_leaf(ids[0])].oid);
}
