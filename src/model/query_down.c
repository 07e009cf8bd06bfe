#include "model/query_down.h"

#include <inttypes.h>

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

/*
 * The parents, as p: their ids and the columns of the key. Those of all leaves at once,
 * so that a table without an index is read once.
 */
static void
append_parents(PQExpBuffer sql, const QueryDown *down, const RowId *parents, size_t n)
{
    const Relation *referenced = &down->graph->catalog->relations[down->link->referenced];
    int n_columns;
    const int *columns = get_referenced_columns(down->link, &n_columns);

    for (size_t i = 0; i < n;)
    {
        size_t same = rowid_count_same_leaf(parents + i, n - i);

        appendPQExpBuffer(sql, "%sSELECT x.tableoid AS leaf, x.ctid AS place",
                          i == 0 ? "(" : "\n  UNION ALL ");
        for (int j = 0; j < n_columns; j++)
            appendPQExpBuffer(sql, ", x.%s AS k%d",
                              referenced->columns[columns[j]].operand, j);
        appendPQExpBufferStr(sql, "\n  ");
        append_rows_of_leaf(sql, referenced, parents + i, same);
        i += same;
    }
    appendPQExpBufferStr(sql, ") AS p");
}

/* The table of the children, as t; what the filter keeps out is not there. */
static void
append_children(PQExpBuffer sql, const QueryDown *down)
{
    const Relation *referencing =
        &down->graph->catalog->relations[down->link->referencing];
    const Rule *filter = down->plan->tables[down->link->referencing].filter;
    const char *only = referencing->is_partitioned ? "" : "ONLY ";

    if (down->link->reference != NULL)
        query_reference_append_referencing(sql, referencing, down->link->reference,
                                           filter != NULL ? filter->condition : NULL);
    else if (filter == NULL)
        appendPQExpBuffer(sql, "%s%s AS t", only, referencing->qname);
    else
        appendPQExpBuffer(sql,
                          "(SELECT tableoid, ctid, * FROM %s%s\n WHERE (\n%s\n)) AS t",
                          only, referencing->qname, filter->condition);
}

static void
append_child_match(PQExpBuffer sql, const QueryDown *down)
{
    const Relation *referencing =
        &down->graph->catalog->relations[down->link->referencing];

    if (down->link->reference != NULL)
        query_reference_append_match(sql, referencing, down->link->reference);
    else
    {
        const ForeignKey *key = down->link->fk->foreign_key;

        for (int i = 0; i < key->n_columns; i++)
            appendPQExpBuffer(sql, "%sp.k%d %s t.%s::%s%s", i == 0 ? "" : " AND ", i,
                              key->operators[i],
                              referencing->columns[key->referencing_columns[i]].qname,
                              key->value_types[i], key->collations[i]);
        query_parts_append_leaves(sql, "t.tableoid", referencing,
                                  down->link->fk->first_leaf, down->link->fk->n_leaves);
    }
    query_parts_append_local_leaves(sql, "t.", referencing);
}

/* A parent at a time: the scan of the index ends after so many rows. */
static void
append_by_index(PQExpBuffer sql, const QueryDown *down, const RowId *parents, size_t n)
{
    const Relation *referencing =
        &down->graph->catalog->relations[down->link->referencing];

    appendPQExpBufferStr(sql, "SELECT p.leaf, p.place, c.leaf, c.child\n  FROM ");
    append_parents(sql, down, parents, n);
    appendPQExpBufferStr(sql, "\n       CROSS JOIN LATERAL (\n"
                              "       SELECT t.tableoid AS leaf, t.ctid AS child\n"
                              "         FROM ");
    append_children(sql, down);
    appendPQExpBufferStr(sql, "\n        WHERE ");
    append_child_match(sql, down);
    appendPQExpBufferStr(sql, "\n        ORDER BY ");
    query_append_pick_order(sql, down->plan, referencing, "t.");
    appendPQExpBuffer(sql, "\n        LIMIT %" PRId64 ") AS c", down->cap);
}

/* All children in one go, however the server finds them; then the first of each. */
static void
append_by_join(PQExpBuffer sql, const QueryDown *down, const RowId *parents, size_t n)
{
    const Relation *referencing =
        &down->graph->catalog->relations[down->link->referencing];

    if (down->cap >= 0)
        appendPQExpBufferStr(sql, "SELECT c.parent, c.place, c.leaf, c.child FROM (");
    appendPQExpBufferStr(
        sql, "SELECT p.leaf AS parent, p.place, t.tableoid AS leaf, t.ctid AS child");
    if (down->cap >= 0)
    {
        appendPQExpBufferStr(sql, ",\n       pg_catalog.row_number() OVER ("
                                  "PARTITION BY p.leaf, p.place ORDER BY ");
        query_append_pick_order(sql, down->plan, referencing, "t.");
        appendPQExpBufferStr(sql, ") AS number");
    }
    appendPQExpBufferStr(sql, "\n  FROM ");
    append_parents(sql, down, parents, n);
    appendPQExpBufferStr(sql, "\n       JOIN ");
    append_children(sql, down);
    appendPQExpBufferStr(sql, "\n       ON ");
    append_child_match(sql, down);
    if (down->cap >= 0)
        appendPQExpBuffer(sql, ") AS c\n WHERE c.number OPERATOR(pg_catalog.<=) %" PRId64,
                          down->cap);
}

void
query_down(PQExpBuffer sql, const QueryDown *down, const RowId *parents, size_t n)
{
    appendPQExpBufferStr(sql, "COPY (");
    if (down->cap >= 0 && down->is_index_order)
        append_by_index(sql, down, parents, n);
    else
        append_by_join(sql, down, parents, n);
    appendPQExpBufferStr(sql, ") TO STDOUT");
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
