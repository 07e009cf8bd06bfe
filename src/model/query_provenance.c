#include "model/query_provenance.h"

#include <stdio.h>
#include <string.h>

#include "base/copytext.h"
#include "model/query_parts.h"

static void
append_string(PQExpBuffer sql, const char *text)
{
    copytext_append_string(sql, text, strlen(text));
}

void
query_provenance_create(PQExpBuffer sql, const StagingNames *names, const FkOrder *order,
                        const Catalog *catalog)
{
    const char *schema = names->qschema;

    appendPQExpBuffer(
        sql,
        "DROP TABLE IF EXISTS %s.why, %s.why_edges, %s.why_references, %s.why_sums;\n"
        "CREATE UNLOGGED TABLE %s.why (\n"
        "  relation pg_catalog.oid, leaf pg_catalog.oid, place pg_catalog.tid,\n"
        "  distance pg_catalog.int4, kind pg_catalog.\"char\", edge pg_catalog.int4,\n"
        "  from_relation pg_catalog.oid, from_leaf pg_catalog.oid,"
        " from_place pg_catalog.tid)\n"
        "  WITH (autovacuum_enabled = off);\n"
        "CREATE UNLOGGED TABLE %s.why_references (\n"
        "  from_relation pg_catalog.oid, from_leaf pg_catalog.oid,"
        " from_place pg_catalog.tid,\n"
        "  from_order pg_catalog.int4, edge pg_catalog.int4,\n"
        "  relation pg_catalog.oid, leaf pg_catalog.oid, place pg_catalog.tid)\n"
        "  WITH (autovacuum_enabled = off);\n"
        "CREATE UNIQUE INDEX ON %s.why (relation, leaf, place);\n"
        "CREATE INDEX ON %s.why (distance);\n"
        "CREATE UNLOGGED TABLE %s.why_edges (\n"
        "  edge pg_catalog.int4, referencing pg_catalog.text,\n"
        "  name pg_catalog.text, referenced pg_catalog.text)",
        schema, schema, schema, schema, schema, schema, schema, schema, schema);
    for (int i = 0; i < order->n_links; i++)
    {
        const FkName *name = &order->names[order->by_rank[i]];

        if (i == 0)
            appendPQExpBuffer(sql, ";\nINSERT INTO %s.why_edges VALUES\n", schema);
        appendPQExpBuffer(sql, "%s(%d, ", i == 0 ? "" : ",\n", i);
        append_string(sql, name->referencing_qname);
        appendPQExpBufferStr(sql, ", ");
        append_string(sql, name->name);
        appendPQExpBufferStr(sql, ", ");
        append_string(sql, catalog->relations[name->referenced].qname);
        appendPQExpBufferChar(sql, ')');
    }
}

/* The row of why for the staged row s. */
static void
append_line_of(PQExpBuffer sql, const StagingTable *table, CatalogOid relation)
{
    appendPQExpBuffer(sql,
                      "w.relation OPERATOR(pg_catalog.=) '%u'\n"
                      "   AND w.leaf OPERATOR(pg_catalog.=) s.%s\n"
                      "   AND w.place OPERATOR(pg_catalog.=) s.%s",
                      relation, table->leaf, table->place);
}

void
query_provenance_picked(PQExpBuffer sql, const StagingNames *names,
                        const Catalog *catalog, int relation, bool has_down)
{
    const StagingTable *table = &names->tables[relation];
    CatalogOid oid = catalog->relations[relation].oid;

    if (has_down)
    {
        appendPQExpBuffer(sql,
                          "DELETE FROM %s.why AS w USING %s AS s\n"
                          " WHERE s.%s OPERATOR(pg_catalog.=) 0\n"
                          "   AND w.kind OPERATOR(pg_catalog.=) '%c' AND ",
                          names->qschema, table->qname, table->pass,
                          PROVENANCE_KIND_DOWN);
        append_line_of(sql, table, oid);
        appendPQExpBufferStr(sql, ";\n");
    }
    appendPQExpBuffer(sql,
                      "INSERT INTO %s.why (relation, leaf, place, distance, kind)\n"
                      "SELECT '%u', s.%s, s.%s, 0, '%c' FROM %s AS s\n"
                      " WHERE s.%s OPERATOR(pg_catalog.=) 0",
                      names->qschema, oid, table->leaf, table->place,
                      PROVENANCE_KIND_PICKED, table->qname, table->pass);
    if (!has_down)
        return;
    appendPQExpBuffer(sql, "\n   AND NOT EXISTS (SELECT FROM %s.why AS w WHERE ",
                      names->qschema);
    append_line_of(sql, table, oid);
    appendPQExpBufferChar(sql, ')');
}

void
query_provenance_copy_in(PQExpBuffer sql, const StagingNames *names)
{
    appendPQExpBuffer(sql, "COPY %s.why FROM STDIN", names->qschema);
}

/* The number of a leaf in the order of a scan; a constant where there is only one. */
static void
append_leaf_number(PQExpBuffer sql, const Relation *relation, const char *leaf)
{
    if (relation->n_leaves < 2)
    {
        appendPQExpBufferChar(sql, '1');
        return;
    }
    query_parts_append_leaf_number(sql, relation, leaf);
}

void
query_provenance_references(PQExpBuffer sql, const StagingNames *names,
                            const FkGraph *graph, const FkOrder *order,
                            const GraphKey *fk)
{
    const ForeignKey *key = fk->foreign_key;
    const Relation *referencing = &graph->catalog->relations[key->referencing];
    const Relation *referenced = &graph->catalog->relations[key->referenced];
    const StagingTable *from = &names->tables[key->referencing];
    const StagingTable *to = &names->tables[key->referenced];
    char leaf[256];
    char referenced_leaf[256];
    int first;
    int n;

    snprintf(leaf, sizeof(leaf), "t.%s", from->leaf);
    snprintf(referenced_leaf, sizeof(referenced_leaf), "p.%s", to->leaf);
    appendPQExpBuffer(sql, "INSERT INTO %s.why_references\nSELECT '%u', t.%s, t.%s, ",
                      names->qschema, referencing->oid, from->leaf, from->place);
    append_leaf_number(sql, referencing, leaf);
    appendPQExpBuffer(sql, ", %d, '%u', p.%s, p.%s\n  FROM %s AS t JOIN %s AS p ON ",
                      order->ranks[fk->number], referenced->oid, to->leaf, to->place,
                      from->qname, to->qname);
    query_parts_append_join(sql, graph, key, "p", "t");
    appendPQExpBufferStr(sql, "\n WHERE true");
    query_parts_append_leaves(sql, leaf, referencing, fk->first_leaf, fk->n_leaves);
    catalog_get_leaf_range(graph->catalog, referenced, key->referenced_partition, &first,
                           &n);
    query_parts_append_leaves(sql, referenced_leaf, referenced, first, n);
}

void
query_provenance_copy_references(PQExpBuffer sql, const StagingNames *names)
{
    appendPQExpBuffer(sql, "COPY %s.why_references FROM STDIN", names->qschema);
}

void
query_provenance_index(PQExpBuffer sql, const StagingNames *names)
{
    const char *schema = names->qschema;

    appendPQExpBuffer(sql,
                      "CREATE INDEX ON %s.why_references"
                      " (from_relation, from_leaf, from_place);\n"
                      "ANALYZE %s.why_references",
                      schema, schema);
}

/* The alias a is the row that the columns with the prefix of b name. */
static void
append_same_row(PQExpBuffer sql, const char *a, const char *b, const char *prefix)
{
    appendPQExpBuffer(sql,
                      "%s.relation OPERATOR(pg_catalog.=) %s.%srelation\n"
                      "   AND %s.leaf OPERATOR(pg_catalog.=) %s.%sleaf\n"
                      "   AND %s.place OPERATOR(pg_catalog.=) %s.%splace",
                      a, b, prefix, a, b, prefix, a, b, prefix);
}

void
query_provenance_prepare(PQExpBuffer sql, const StagingNames *names)
{
    const char *schema = names->qschema;

    appendPQExpBuffer(sql,
                      "DEALLOCATE ALL;\n"
                      "PREPARE why_step (pg_catalog.int4) AS\n"
                      "INSERT INTO %s.why\n"
                      "SELECT DISTINCT ON (r.relation, r.leaf, r.place)\n"
                      "       r.relation, r.leaf, r.place, $1 OPERATOR(pg_catalog.+) 1,"
                      " '%c', r.edge,\n"
                      "       r.from_relation, r.from_leaf, r.from_place\n"
                      "  FROM %s.why AS w JOIN %s.why_references AS r ON ",
                      schema, PROVENANCE_KIND_UP, schema, schema);
    appendPQExpBufferStr(sql, "r.from_relation OPERATOR(pg_catalog.=) w.relation\n"
                              "   AND r.from_leaf OPERATOR(pg_catalog.=) w.leaf\n"
                              "   AND r.from_place OPERATOR(pg_catalog.=) w.place");
    appendPQExpBuffer(sql,
                      "\n WHERE w.distance OPERATOR(pg_catalog.=) $1\n"
                      "   AND NOT EXISTS (SELECT FROM %s.why AS k WHERE ",
                      schema);
    append_same_row(sql, "k", "r", "");
    appendPQExpBufferStr(sql, ")\n ORDER BY r.relation, r.leaf, r.place, r.edge,"
                              " r.from_order, r.from_place");
}

void
query_provenance_finish(PQExpBuffer sql, const StagingNames *names)
{
    appendPQExpBuffer(sql,
                      "DEALLOCATE why_step;\n"
                      "DROP TABLE %s.why_references;\n"
                      "ANALYZE %s.why",
                      names->qschema, names->qschema);
}

void
query_provenance_create_sums(PQExpBuffer sql, const StagingNames *names)
{
    const char *schema = names->qschema;

    appendPQExpBuffer(
        sql,
        "DROP TABLE IF EXISTS %s.why_sums;\n"
        "CREATE UNLOGGED TABLE %s.why_sums (\n"
        "  relation pg_catalog.oid, leaf pg_catalog.oid,"
        " place pg_catalog.tid,\n"
        "  kind pg_catalog.\"char\", edge pg_catalog.int4,"
        " n pg_catalog.numeric)\n"
        "  WITH (autovacuum_enabled = off);\n"
        "CREATE INDEX ON %s.why_sums (relation, leaf, place);\n"
        "PREPARE why_sum (pg_catalog.int4) AS\n"
        "INSERT INTO %s.why_sums\n"
        "SELECT w.from_relation, w.from_leaf, w.from_place, w.kind, w.edge,\n"
        "       pg_catalog.sum(1 OPERATOR(pg_catalog.+)"
        " COALESCE(b.n, 0))\n"
        "  FROM %s.why AS w CROSS JOIN LATERAL (\n"
        "SELECT pg_catalog.sum(s.n) AS n FROM %s.why_sums AS s\n WHERE ",
        schema, schema, schema, schema, schema, schema);
    append_same_row(sql, "s", "w", "");
    appendPQExpBuffer(sql,
                      ") AS b\n"
                      " WHERE w.distance OPERATOR(pg_catalog.=) $1\n"
                      "   AND w.kind OPERATOR(pg_catalog.=) ANY"
                      " ('{%c,%c}'::pg_catalog.\"char\"[])\n"
                      " GROUP BY w.from_relation, w.from_leaf, w.from_place, w.kind,"
                      " w.edge",
                      PROVENANCE_KIND_DOWN, PROVENANCE_KIND_UP);
}

void
query_provenance_chain(PQExpBuffer sql, const StagingNames *names,
                       const Relation *relation, RowId id)
{
    /* row by row: nothing else is fast for a long chain */
    appendPQExpBuffer(sql,
                      "SET LOCAL enable_seqscan = off;\n"
                      "SET LOCAL enable_hashjoin = off;\n"
                      "SET LOCAL enable_mergejoin = off;\n"
                      "COPY (WITH RECURSIVE chain AS (\n"
                      "SELECT w.*, 0 AS step FROM %s.why AS w\n"
                      " WHERE w.relation OPERATOR(pg_catalog.=) '%u'\n"
                      "   AND w.leaf OPERATOR(pg_catalog.=) '%u'\n"
                      "   AND w.place OPERATOR(pg_catalog.=) '(%u,%u)'\n"
                      "UNION ALL\n"
                      "SELECT w.*, c.step OPERATOR(pg_catalog.+) 1\n"
                      "  FROM chain AS c JOIN %s.why AS w ON ",
                      names->qschema, relation->oid, relation->leaves[rowid_leaf(id)].oid,
                      rowid_block(id), rowid_offset(id), names->qschema);
    append_same_row(sql, "w", "c", "from_");
    appendPQExpBufferStr(sql, ")\n"
                              "SELECT relation, leaf, place, kind, edge FROM chain\n"
                              " ORDER BY step) TO STDOUT;\n"
                              "SET LOCAL enable_seqscan = on;\n"
                              "SET LOCAL enable_hashjoin = on;\n"
                              "SET LOCAL enable_mergejoin = on");
}

void
query_provenance_key(PQExpBuffer sql, const StagingNames *names, const Catalog *catalog,
                     int relation, RowId id)
{
    const Relation *source = &catalog->relations[relation];
    const StagingTable *table = &names->tables[relation];

    appendPQExpBufferStr(sql, "COPY (SELECT ");
    query_parts_append_key_columns(sql, source, "s.", "");
    appendPQExpBuffer(sql,
                      "\n  FROM %s AS s\n"
                      " WHERE s.%s OPERATOR(pg_catalog.=) '%u'\n"
                      "   AND s.%s OPERATOR(pg_catalog.=) '(%u,%u)') TO STDOUT",
                      table->qname, table->leaf, source->leaves[rowid_leaf(id)].oid,
                      table->place, rowid_block(id), rowid_offset(id));
}

void
query_provenance_source_key(PQExpBuffer sql, const Relation *relation, RowId id)
{
    appendPQExpBufferStr(sql, "SELECT ");
    query_parts_append_key_columns(sql, relation, "t.", "");
    appendPQExpBufferStr(sql, "\n  ");
    query_parts_append_from(sql, relation, "t");
    appendPQExpBuffer(sql,
                      "\n WHERE t.tableoid OPERATOR(pg_catalog.=) '%u'\n"
                      "   AND t.ctid OPERATOR(pg_catalog.=) '(%u,%u)'",
                      relation->leaves[rowid_leaf(id)].oid, rowid_block(id),
                      rowid_offset(id));
}

void
query_provenance_count(PQExpBuffer sql, const StagingNames *names)
{
    appendPQExpBuffer(sql,
                      "SELECT kind, edge, pg_catalog.count(*) FROM %s.why\n"
                      " GROUP BY kind, edge",
                      names->qschema);
}

/* For ORDER BY: rows of any relation by their leaf. */
static void
append_leaf_order(PQExpBuffer sql, const Catalog *catalog)
{
    int n = 0;

    for (int i = 0; i < catalog->n_relations; i++)
    {
        const Relation *relation = &catalog->relations[i];

        if (relation->n_leaves < 2)
            continue;
        appendPQExpBuffer(sql, "%s WHEN g.relation OPERATOR(pg_catalog.=) '%u' THEN ",
                          n++ == 0 ? "CASE" : "", relation->oid);
        append_leaf_number(sql, relation, "g.leaf");
    }
    if (n > 0)
        appendPQExpBufferStr(sql, " ELSE 1 END, ");
}

/* One sum for each row of the kind of group. */
static void
append_sums(PQExpBuffer sql, const StagingNames *names, const char *group)
{
    appendPQExpBuffer(sql,
                      "(SELECT %s, relation, leaf, place, pg_catalog.sum(n) AS n\n"
                      "  FROM %s.why_sums GROUP BY %s, relation, leaf, place) AS g",
                      group, names->qschema, group);
}

void
query_provenance_largest(PQExpBuffer sql, const StagingNames *names,
                         const Catalog *catalog)
{
    appendPQExpBufferStr(
        sql, "SELECT DISTINCT ON (g.kind, g.edge) g.kind, g.edge,\n"
             "       pg_catalog.count(*) OVER (PARTITION BY g.kind, g.edge),\n"
             "       g.n, g.leaf, g.place\n  FROM ");
    append_sums(sql, names, "kind, edge");
    appendPQExpBufferStr(sql, "\n ORDER BY g.kind, g.edge, g.n DESC, ");
    append_leaf_order(sql, catalog);
    appendPQExpBufferStr(sql, "g.place");
}

void
query_provenance_origins(PQExpBuffer sql, const StagingNames *names,
                         const Catalog *catalog, int n)
{
    appendPQExpBufferStr(sql, "SELECT g.relation, g.leaf, g.place,"
                              " g.n OPERATOR(pg_catalog.+) 1\n  FROM ");
    append_sums(sql, names, "1");
    appendPQExpBufferStr(sql, "\n ORDER BY g.n DESC, pg_catalog.array_position('{");
    for (int i = 0; i < catalog->n_relations; i++)
        appendPQExpBuffer(sql, "%s%u", i == 0 ? "" : ",", catalog->relations[i].oid);
    appendPQExpBufferStr(sql, "}'::pg_catalog.oid[], g.relation), ");
    append_leaf_order(sql, catalog);
    appendPQExpBuffer(sql, "g.place\n LIMIT %d", n);
}

void
query_provenance_outside(PQExpBuffer sql, const StagingNames *names,
                         const Relation *relation, const RowId *ids, size_t n)
{
    appendPQExpBuffer(sql, "SELECT w.kind, w.edge, pg_catalog.count(*)\n"
                           "  FROM ROWS FROM (pg_catalog.unnest('{");
    for (size_t i = 0; i < n; i++)
        appendPQExpBuffer(sql, "%s%u", i == 0 ? "" : ",",
                          relation->leaves[rowid_leaf(ids[i])].oid);
    appendPQExpBufferStr(sql, "}'::pg_catalog.oid[]), pg_catalog.unnest(");
    query_parts_append_tids(sql, ids, n);
    appendPQExpBuffer(sql,
                      ")) AS i (leaf, place)\n"
                      "  JOIN %s.why AS w ON w.relation OPERATOR(pg_catalog.=) '%u'\n"
                      "   AND w.leaf OPERATOR(pg_catalog.=) i.leaf\n"
                      "   AND w.place OPERATOR(pg_catalog.=) i.place\n"
                      " WHERE w.edge IS NOT NULL\n"
                      " GROUP BY w.kind, w.edge",
                      names->qschema, relation->oid);
}
