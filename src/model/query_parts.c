#include "model/query_parts.h"

#include <stdio.h>

void
query_parts_append_and(PQExpBuffer sql, bool *has_where)
{
    appendPQExpBufferStr(sql, *has_where ? "\n   AND " : "\n WHERE ");
    *has_where = true;
}

static void
append_leaf_oids(PQExpBuffer sql, const Relation *relation, int first, int n)
{
    appendPQExpBufferStr(sql, "'{");
    for (int i = first; i < first + n; i++)
        appendPQExpBuffer(sql, "%s%u", i == first ? "" : ",", relation->leaves[i].oid);
    appendPQExpBufferStr(sql, "}'::pg_catalog.oid[]");
}

void
query_parts_append_leaf_list(PQExpBuffer sql, const Relation *relation, int first, int n)
{
    appendPQExpBufferStr(sql, "OPERATOR(pg_catalog.=) ANY (");
    append_leaf_oids(sql, relation, first, n);
    appendPQExpBufferChar(sql, ')');
}

void
query_parts_append_leaves(PQExpBuffer sql, const char *column, const Relation *relation,
                          int first, int n)
{
    if (n == relation->n_leaves)
        return;
    appendPQExpBuffer(sql, "\n   AND %s ", column);
    query_parts_append_leaf_list(sql, relation, first, n);
}

void
query_parts_append_leaf_number(PQExpBuffer sql, const Relation *relation,
                               const char *leaf)
{
    appendPQExpBufferStr(sql, "pg_catalog.array_position(");
    append_leaf_oids(sql, relation, 0, relation->n_leaves);
    appendPQExpBuffer(sql, ", %s)", leaf);
}

void
query_parts_append_tids(PQExpBuffer sql, const RowId *ids, size_t n)
{
    appendPQExpBufferStr(sql, "'{");
    for (size_t i = 0; i < n; i++)
        appendPQExpBuffer(sql, "%s\"(%u,%u)\"", i == 0 ? "" : ",", rowid_block(ids[i]),
                          rowid_offset(ids[i]));
    appendPQExpBufferStr(sql, "}'::pg_catalog.tid[]");
}

void
query_parts_append_key_array(PQExpBuffer sql, const char *type, int column,
                             const KeyBatch *keys, const CopyEncoding *encoding)
{
    appendPQExpBufferStr(sql, "'{");
    for (size_t i = 0; i < keys->n; i++)
    {
        size_t length;
        const char *text = keyset_get_of(keys, i, &length);
        CopyLine line = copytext_line(text, length);
        CopyField field = {0};

        for (int j = 0; j <= column; j++)
            (void)copytext_next_field(&line, &field);
        if (i > 0)
            appendPQExpBufferChar(sql, ',');
        copytext_append_element(sql, &field, encoding);
    }
    appendPQExpBuffer(sql, "}'::%s[]", type);
}

void
query_parts_append_local_leaves(PQExpBuffer sql, const char *table,
                                const Relation *relation)
{
    int n = 0;

    for (int i = 0; i < relation->n_leaves; i++)
    {
        if (!relation->leaves[i].is_foreign)
            continue;
        if (n++ == 0)
            appendPQExpBuffer(sql, " AND %stableoid OPERATOR(pg_catalog.<>) ALL ('{%u",
                              table, relation->leaves[i].oid);
        else
            appendPQExpBuffer(sql, ",%u", relation->leaves[i].oid);
    }
    if (n > 0)
        appendPQExpBufferStr(sql, "}'::pg_catalog.oid[])");
}

void
query_parts_append_from(PQExpBuffer sql, const Relation *relation, const char *alias)
{
    appendPQExpBuffer(sql, "FROM %s%s AS %s", relation->is_partitioned ? "" : "ONLY ",
                      relation->qname, alias);
}

void
query_parts_append_join(PQExpBuffer sql, const FkGraph *graph, const ForeignKey *key,
                        const char *referenced, const char *referencing)
{
    const Column *columns = graph->catalog->relations[key->referencing].columns;
    const Column *targets = graph->catalog->relations[key->referenced].columns;

    for (int i = 0; i < key->n_columns; i++)
        appendPQExpBuffer(sql, "%s%s.%s %s %s.%s::%s%s", i == 0 ? "" : " AND ",
                          referenced, targets[key->referenced_columns[i]].operand,
                          key->operators[i], referencing,
                          columns[key->referencing_columns[i]].qname, key->value_types[i],
                          key->collations[i]);
}

void
query_parts_append_covered(PQExpBuffer sql, const FkGraph *graph, const ForeignKey *key,
                           const char *period, const char *alias)
{
    const Relation *referenced = &graph->catalog->relations[key->referenced];

    appendPQExpBuffer(
        sql,
        "COALESCE(%s::%s OPERATOR(pg_catalog.<@) (SELECT pg_catalog.range_agg(%s.%s)",
        period, key->value_types[key->period], alias,
        referenced->columns[key->referenced_columns[key->period]].operand);
}

/* The condition of the referenced rows. */
static void
append_referenced_by(PQExpBuffer sql, const FkGraph *graph, const ForeignKey *key,
                     const char *alias)
{
    const Relation *referenced = &graph->catalog->relations[key->referenced];
    int first;
    int n;

    query_parts_append_join(sql, graph, key, alias, "t");
    if (key->referenced_partition == 0)
        return;
    catalog_get_leaf_range(graph->catalog, referenced, key->referenced_partition, &first,
                           &n);
    appendPQExpBuffer(sql, " AND %s.tableoid ", alias);
    query_parts_append_leaf_list(sql, referenced, first, n);
}

/* Joins one row with the ids of all referenced ones. */
static void
append_period_ids(PQExpBuffer sql, PQExpBuffer joins, const FkGraph *graph,
                  const ForeignKey *key, const char *alias)
{
    const Relation *referencing = &graph->catalog->relations[key->referencing];
    const Relation *referenced = &graph->catalog->relations[key->referenced];
    PQExpBufferData period;

    initPQExpBuffer(&period);
    appendPQExpBuffer(&period, "t.%s",
                      referencing->columns[key->referencing_columns[key->period]].qname);
    appendPQExpBuffer(sql, "%s.places", alias);
    appendPQExpBufferStr(joins, "\n  CROSS JOIN LATERAL (SELECT pg_catalog.concat("
                                "CASE WHEN ");
    query_parts_append_covered(joins, graph, key, period.data, "x");
    appendPQExpBuffer(joins,
                      QUERY_COVERED_END
                      " THEN '+' ELSE '-' END,"
                      " pg_catalog.string_agg(pg_catalog.concat(x.tableoid, x.ctid), ' '"
                      " ORDER BY x.tableoid, x.ctid)) AS places\n  FROM %s%s AS x WHERE ",
                      referenced->is_partitioned ? "" : "ONLY ", referenced->qname);
    append_referenced_by(joins, graph, key, "x");
    appendPQExpBuffer(joins, ") AS %s", alias);
    termPQExpBuffer(&period);
}

void
query_parts_append_referenced_ids(PQExpBuffer sql, PQExpBuffer joins,
                                  const FkGraph *graph, const GraphKey *fk, int number)
{
    const ForeignKey *key = fk->foreign_key;
    const Relation *referenced = &graph->catalog->relations[key->referenced];
    char alias[32];

    snprintf(alias, sizeof(alias), "p%d", number);
    if (key->period >= 0)
    {
        append_period_ids(sql, joins, graph, key, alias);
        return;
    }
    appendPQExpBuffer(sql,
                      "CASE WHEN %s.ctid IS NOT NULL"
                      " THEN pg_catalog.concat(%s.tableoid, %s.ctid) END",
                      alias, alias, alias);
    appendPQExpBuffer(joins, "\n  LEFT JOIN %s%s AS %s ON ",
                      referenced->is_partitioned ? "" : "ONLY ", referenced->qname,
                      alias);
    append_referenced_by(joins, graph, key, alias);
}

void
query_parts_begin_rows(PQExpBuffer sql, const RowLayout *layout)
{
    appendPQExpBuffer(sql, "%sSELECT %s\n  ", layout->begin, layout->select_list);
    if (layout->joins[0] != '\0')
        appendPQExpBufferStr(sql, "FROM (SELECT t.tableoid, t.ctid, t.*\n  ");
}

void
query_parts_end_rows(PQExpBuffer sql, const RowLayout *layout)
{
    if (layout->joins[0] != '\0')
        appendPQExpBuffer(sql, ") AS t%s", layout->joins);
    appendPQExpBufferStr(sql, layout->end);
}

void
query_parts_append_scan_order(PQExpBuffer sql, const Relation *relation,
                              const char *table)
{
    if (relation->n_leaves > 1)
    {
        char leaf[64];

        snprintf(leaf, sizeof(leaf), "%stableoid", table);
        query_parts_append_leaf_number(sql, relation, leaf);
        appendPQExpBufferStr(sql, ", ");
    }
    appendPQExpBuffer(sql, "%sctid", table);
}

void
query_parts_append_key_columns(PQExpBuffer sql, const Relation *relation,
                               const char *table, const char *direction)
{
    for (int i = 0; i < relation->n_key; i++)
        appendPQExpBuffer(sql, "%s%s%s%s", i == 0 ? "" : ", ", table,
                          relation->columns[relation->key[i]].qname, direction);
}

void
query_parts_append_key_hash(PQExpBuffer sql, const Relation *relation, const char *table)
{
    appendPQExpBufferStr(sql, "pg_catalog.hashtextextended(ROW(");
    if (relation->n_key == 0)
    {
        for (int i = 0; i < relation->n_columns; i++)
            appendPQExpBuffer(sql, "%s%s%s", i == 0 ? "" : ", ", table,
                              relation->columns[i].qname);
    }
    for (int i = 0; i < relation->n_key; i++)
        appendPQExpBuffer(sql, "%s%s%s", i == 0 ? "" : ", ", table,
                          relation->columns[relation->key[i]].qname);
    appendPQExpBufferStr(sql, ")::pg_catalog.text COLLATE pg_catalog.\"C\", 0)");
}
