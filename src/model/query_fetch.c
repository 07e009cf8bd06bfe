#include "model/query.h"

#include <inttypes.h>
#include <stdio.h>

#include "model/query_parts.h"

/*
 * Are the keys rows to join with? Those of one column can be an array instead, but not an
 * array of arrays, which has no such elements.
 */
static bool
is_joined(const ReferencedKey *key)
{
    return key->foreign_key->n_columns > 1 || !key->foreign_key->is_canonical;
}

static const char *
key_column(const RowLayout *layout, const ReferencedKey *key, int i)
{
    return layout->relation->columns[key->foreign_key->referenced_columns[i]].operand;
}

/* "FROM ROWS FROM (...) AS k (k0, ...)": the keys, of the types or as texts. */
static void
append_key_rows(PQExpBuffer sql, const ForeignKey *foreign_key, const KeyBatch *keys,
                const CopyEncoding *encoding)
{
    appendPQExpBufferStr(sql, "FROM ROWS FROM (");
    for (int i = 0; i < foreign_key->n_columns; i++)
    {
        appendPQExpBufferStr(sql, i > 0 ? ", pg_catalog.unnest(" : "pg_catalog.unnest(");
        query_parts_append_key_array(sql,
                                     foreign_key->is_canonical
                                         ? foreign_key->value_types[i]
                                         : "pg_catalog.text",
                                     i, keys, encoding);
        appendPQExpBufferChar(sql, ')');
    }
    appendPQExpBufferStr(sql, ") AS k (");
    for (int i = 0; i < foreign_key->n_columns; i++)
        appendPQExpBuffer(sql, "%sk%d", i == 0 ? "" : ", ", i);
    appendPQExpBufferChar(sql, ')');
}

/* The rows t with the key k, after another condition. */
static void
append_key_match(PQExpBuffer sql, const RowLayout *layout, const ReferencedKey *key)
{
    const ForeignKey *foreign_key = key->foreign_key;

    for (int i = 0; i < foreign_key->n_columns; i++)
        appendPQExpBuffer(sql, "\n   AND t.%s %s k.k%d::%s%s", key_column(layout, key, i),
                          foreign_key->operators[i], i, foreign_key->value_types[i],
                          foreign_key->collations[i]);
    query_parts_append_leaves(sql, "t.tableoid", layout->relation, key->first_leaf,
                              key->n_leaves);
}

static void
append_key_condition(PQExpBuffer sql, const RowLayout *layout, const ReferencedKey *key,
                     const KeyBatch *keys, const CopyEncoding *encoding)
{
    const ForeignKey *foreign_key = key->foreign_key;

    if (!is_joined(key))
    {
        query_parts_append_from(sql, layout->relation, "t");
        appendPQExpBuffer(sql, "\n WHERE t.%s %s ANY (", key_column(layout, key, 0),
                          foreign_key->operators[0]);
        query_parts_append_key_array(sql, foreign_key->value_types[0], 0, keys, encoding);
        appendPQExpBufferChar(sql, ')');
        query_parts_append_leaves(sql, "t.tableoid", layout->relation, key->first_leaf,
                                  key->n_leaves);
        return;
    }
    append_key_rows(sql, foreign_key, keys, encoding);
    appendPQExpBuffer(sql, "\n  JOIN %s%s AS t ON true\n WHERE true",
                      layout->relation->is_partitioned ? "" : "ONLY ",
                      layout->relation->qname);
    append_key_match(sql, layout, key);
}

/*
 * A hash join reads the whole table, which the planner likes even for some thousand keys
 * of millions. But where a good part of the rows is wanted, looking up each takes three
 * times as long (59,411 of 75,000 rows by two columns).
 */
static bool
forbids_hash_join(const Relation *relation, const ReferencedKey *key, size_t n_keys)
{
    return is_joined(key) &&
           (relation->n_tuples <= 0 || (double)n_keys < relation->n_tuples / 8);
}

void
query_fetch_by_key(PQExpBuffer sql, const RowLayout *layout, const ReferencedKey *key,
                   const KeyBatch *keys, const CopyEncoding *encoding)
{
    bool has_settings = forbids_hash_join(layout->relation, key, keys->n);

    if (has_settings)
        appendPQExpBufferStr(sql, "SET LOCAL enable_hashjoin = off;\n"
                                  "SET LOCAL enable_mergejoin = off;\n");
    query_parts_begin_rows(sql, layout);
    append_key_condition(sql, layout, key, keys, encoding);
    query_parts_end_rows(sql, layout);
    if (has_settings)
        appendPQExpBufferStr(sql, ";\nSET LOCAL enable_hashjoin = on;\n"
                                  "SET LOCAL enable_mergejoin = on");
}

void
query_fetch_count_keys(PQExpBuffer sql, const FkGraph *graph, const RowLayout *layout,
                       const ReferencedKey *key, const KeyBatch *keys,
                       const CopyEncoding *encoding)
{
    char period[32];

    appendPQExpBufferStr(sql, "SELECT pg_catalog.count(*)\n  ");
    if (key->foreign_key->period < 0)
    {
        append_key_condition(sql, layout, key, keys, encoding);
        return;
    }
    append_key_rows(sql, key->foreign_key, keys, encoding);
    appendPQExpBufferStr(sql, "\n WHERE ");
    snprintf(period, sizeof(period), "k.k%d", key->foreign_key->period);
    query_parts_append_covered(sql, graph, key->foreign_key, period, "t");
    appendPQExpBufferChar(sql, ' ');
    query_parts_append_from(sql, layout->relation, "t");
    appendPQExpBufferStr(sql, " WHERE true");
    append_key_match(sql, layout, key);
    appendPQExpBufferStr(sql, QUERY_COVERED_END);
}

void
query_fetch_find_keys(PQExpBuffer sql, const RowLayout *layout, const ReferencedKey *key,
                      const KeyBatch *keys, const CopyEncoding *encoding)
{
    appendPQExpBuffer(sql, "SELECT %d, t.tableoid, t.ctid ", layout->position);
    append_key_condition(sql, layout, key, keys, encoding);
}

void
query_fetch_append_row_ids(PQExpBuffer sql, const RowLayout *layout, const RowId *ids,
                           size_t n)
{
    const Leaf *leaf = &layout->relation->leaves[rowid_leaf(ids[0])];

    /* through the root, every other leaf would be searched for the ids as well */
    if (leaf->is_direct)
        appendPQExpBuffer(sql, "FROM ONLY %s AS t", leaf->qname);
    else
        query_parts_append_from(sql, layout->relation, "t");
    appendPQExpBufferStr(sql, "\n WHERE t.ctid OPERATOR(pg_catalog.=) ANY (");
    query_parts_append_tids(sql, ids, n);
    appendPQExpBufferChar(sql, ')');
    if (layout->has_tableoid && !leaf->is_direct)
        appendPQExpBuffer(sql, " AND t.tableoid OPERATOR(pg_catalog.=) '%u'", leaf->oid);
}

/*
 * For more than some thousand row ids the planner takes a sequential scan, which is
 * always slower here.
 */
static const char row_id_scan_on[] = "SET LOCAL enable_seqscan = off;\n";
static const char row_id_scan_off[] = ";\nSET LOCAL enable_seqscan = on";

static void
begin_row_id_scan(PQExpBuffer sql)
{
    appendPQExpBuffer(sql, "%sCOPY (", row_id_scan_on);
}

static void
end_row_id_scan(PQExpBuffer sql)
{
    appendPQExpBuffer(sql, ") TO STDOUT%s", row_id_scan_off);
}

void
query_fetch_by_id(PQExpBuffer sql, const RowLayout *layout, const RowId *ids, size_t n)
{
    appendPQExpBufferStr(sql, row_id_scan_on);
    query_parts_begin_rows(sql, layout);
    query_fetch_append_row_ids(sql, layout, ids, n);
    query_parts_end_rows(sql, layout);
    appendPQExpBufferStr(sql, row_id_scan_off);
}

void
query_fetch_probe_ids(PQExpBuffer sql, const RowLayout *layout, const RowId *ids,
                      size_t n)
{
    begin_row_id_scan(sql);
    appendPQExpBufferStr(sql, "SELECT t.tableoid, t.ctid\n  ");
    query_fetch_append_row_ids(sql, layout, ids, n);
    end_row_id_scan(sql);
}

void
query_fetch_key_order(PQExpBuffer sql, const RowLayout *layout)
{
    appendPQExpBufferStr(sql, "COPY (SELECT t.tableoid, t.ctid\n  ");
    query_parts_append_from(sql, layout->relation, "t");
    appendPQExpBufferStr(sql, "\n ORDER BY ");
    query_parts_append_key_columns(sql, layout->relation, "t.", "");
    appendPQExpBufferStr(sql, ", ");
    query_parts_append_scan_order(sql, layout->relation, "t.");
    appendPQExpBufferStr(sql, ") TO STDOUT");
}

/*
 * The rows with the ids, leaf by leaf: tableoid, ctid and all columns, as a subquery t.
 */
static void
append_rows_by_leaf(PQExpBuffer sql, const RowLayout *layout, const RowId *ids, size_t n)
{
    appendPQExpBufferStr(sql, "FROM (");
    for (size_t i = 0; i < n;)
    {
        size_t same = rowid_count_same_leaf(ids + i, n - i);

        appendPQExpBuffer(sql, "%sSELECT t.tableoid, t.ctid",
                          i == 0 ? "" : "\n  UNION ALL ");
        /* by name: the columns of a leaf can be in another order */
        for (int j = 0; j < layout->relation->n_columns; j++)
            appendPQExpBuffer(sql, ", t.%s", layout->relation->columns[j].qname);
        appendPQExpBufferChar(sql, ' ');
        query_fetch_append_row_ids(sql, layout, ids + i, same);
        i += same;
    }
    appendPQExpBufferStr(sql, ") AS t");
}

void
query_fetch_key_order_of(PQExpBuffer sql, const RowLayout *layout, const RowId *ids,
                         size_t n)
{
    begin_row_id_scan(sql);
    appendPQExpBufferStr(sql, "SELECT t.tableoid, t.ctid ");
    append_rows_by_leaf(sql, layout, ids, n);
    appendPQExpBufferStr(sql, "\n ORDER BY ");
    query_parts_append_key_columns(sql, layout->relation, "t.", "");
    appendPQExpBufferStr(sql, ", ");
    query_parts_append_scan_order(sql, layout->relation, "t.");
    end_row_id_scan(sql);
}

void
query_fetch_stable_order_of(PQExpBuffer sql, const RowLayout *layout, const RowId *ids,
                            size_t n_ids, int64_t n)
{
    begin_row_id_scan(sql);
    appendPQExpBufferStr(sql, "SELECT t.tableoid, t.ctid ");
    append_rows_by_leaf(sql, layout, ids, n_ids);
    appendPQExpBufferStr(sql, "\n ORDER BY ");
    query_parts_append_key_hash(sql, layout->relation, "t.");
    appendPQExpBufferStr(sql, ", ");
    query_parts_append_scan_order(sql, layout->relation, "t.");
    appendPQExpBuffer(sql, "\n LIMIT %" PRId64, n);
    end_row_id_scan(sql);
}

/* A step from a row that was reached to the one that it refers to by the foreign key. */
static void
append_step(PQExpBuffer sql, const FkGraph *graph, const GraphKey *fk)
{
    const ForeignKey *key = fk->foreign_key;
    const Relation *referencing = &graph->catalog->relations[key->referencing];
    const Relation *referenced = &graph->catalog->relations[key->referenced];
    int first;
    int n;

    appendPQExpBuffer(sql, "SELECT %d, p.tableoid, p.ctid ", key->referenced);
    query_parts_append_from(sql, referencing, "t");
    appendPQExpBuffer(sql, " JOIN %s%s AS p ON ",
                      referenced->is_partitioned ? "" : "ONLY ", referenced->qname);
    query_parts_append_join(sql, graph, key, "p", "t");
    appendPQExpBuffer(sql,
                      "\n WHERE r.relation OPERATOR(pg_catalog.=) %d"
                      "\n   AND t.tableoid OPERATOR(pg_catalog.=) r.leaf"
                      "\n   AND t.ctid OPERATOR(pg_catalog.=) r.place",
                      key->referencing);
    query_parts_append_leaves(sql, "t.tableoid", referencing, fk->first_leaf,
                              fk->n_leaves);
    catalog_get_leaf_range(graph->catalog, referenced, key->referenced_partition, &first,
                           &n);
    query_parts_append_leaves(sql, "p.tableoid", referenced, first, n);
}

/*
 * Does a recursive query follow the foreign key, which is of a relation of the component?
 */
static bool
is_step(const Plan *plan, const FkGraph *graph, const GraphKey *fk)
{
    const ForeignKey *key = fk->foreign_key;

    return graph->component_of[key->referenced] ==
               graph->component_of[key->referencing] &&
           !plan->tables[key->referenced].is_data_excluded;
}

bool
query_fetch_can_recurse(const Plan *plan, const FkGraph *graph,
                        const Component *component)
{
    for (int i = 0; i < component->relations.n_items; i++)
    {
        const IntList *outgoing = &graph->outgoing[component->relations.items[i]];

        for (int j = 0; j < outgoing->n_items; j++)
        {
            if (is_step(plan, graph, &graph->fks[outgoing->items[j]]))
                return true;
        }
    }
    return false;
}

void
query_fetch_begin_recursion(PQExpBuffer sql, const char *begin)
{
    /* UNION compares ids by hash; scans by anything but ctid would be slow */
    appendPQExpBuffer(sql,
                      "SET LOCAL enable_seqscan = off;\n"
                      "SET LOCAL enable_hashjoin = off;\n"
                      "SET LOCAL enable_mergejoin = off;\n"
                      "%sWITH RECURSIVE reached (relation, leaf, place) AS (\n"
                      "SELECT * FROM (",
                      begin);
}

void
query_fetch_recursion_from_keys(PQExpBuffer sql, const RowLayout *layout,
                                const ReferencedKey *key, const KeyBatch *keys,
                                const CopyEncoding *encoding, bool is_first)
{
    appendPQExpBufferStr(sql, is_first ? "" : "\nUNION ALL ");
    query_fetch_find_keys(sql, layout, key, keys, encoding);
}

void
query_fetch_recursion_from_ids(PQExpBuffer sql, const RowLayout *layout, const RowId *ids,
                               size_t n, bool is_first)
{
    appendPQExpBuffer(sql, "%sSELECT %d, t.tableoid, t.ctid ",
                      is_first ? "" : "\nUNION ALL ", layout->position);
    query_fetch_append_row_ids(sql, layout, ids, n);
}

void
query_fetch_end_recursion(PQExpBuffer sql, const Plan *plan, const FkGraph *graph,
                          const Component *component, const char *end)
{
    bool is_first = true;

    appendPQExpBufferStr(sql, ") AS seed\nUNION\n"
                              "SELECT step.* FROM reached AS r CROSS JOIN LATERAL (");
    for (int i = 0; i < component->relations.n_items; i++)
    {
        const IntList *outgoing = &graph->outgoing[component->relations.items[i]];

        for (int j = 0; j < outgoing->n_items; j++)
        {
            const GraphKey *fk = &graph->fks[outgoing->items[j]];

            if (!is_step(plan, graph, fk))
                continue;
            appendPQExpBufferStr(sql, is_first ? "\n" : "\nUNION ALL\n");
            append_step(sql, graph, fk);
            is_first = false;
        }
    }
    appendPQExpBuffer(sql,
                      ") AS step)\n"
                      "SELECT relation, leaf, place FROM reached%s;\n"
                      "SET LOCAL enable_seqscan = on;\n"
                      "SET LOCAL enable_hashjoin = on;\n"
                      "SET LOCAL enable_mergejoin = on",
                      end);
}
