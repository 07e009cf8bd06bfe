#include "model/query_staging.h"

#include <stdio.h>

#include <string.h>

#include "base/arena.h"
#include "base/copytext.h"
#include "model/query_parts.h"
#include "model/query_set_null.h"

void
query_staging_create(PQExpBuffer sql, const StagingNames *names, const Catalog *catalog,
                     int relation)
{
    const Relation *source = &catalog->relations[relation];
    const StagingTable *table = &names->tables[relation];

    appendPQExpBuffer(sql,
                      "CREATE UNLOGGED TABLE %s (\n"
                      "  %s pg_catalog.int4, %s pg_catalog.oid, %s pg_catalog.tid",
                      table->qname, table->pass, table->leaf, table->place);
    for (int i = 0; i < source->n_columns; i++)
        appendPQExpBuffer(sql, ",\n  %s %s%s", source->columns[i].qname,
                          source->columns[i].declared_type, source->columns[i].collation);
    /* rows of it never change, so vacuuming would only cost time */
    appendPQExpBufferStr(sql, ") WITH (autovacuum_enabled = off);\n");
}

void
query_staging_create_found(PQExpBuffer sql, const StagingNames *names)
{
    appendPQExpBuffer(sql,
                      "CREATE UNLOGGED TABLE %s.reached (\n"
                      "  relation pg_catalog.int4, leaf pg_catalog.oid,"
                      " place pg_catalog.tid)",
                      names->qschema);
}

void
query_staging_found(PQExpBuffer sql, const StagingNames *names, int relation)
{
    const StagingTable *table = &names->tables[relation];

    appendPQExpBuffer(sql,
                      "COPY (SELECT DISTINCT r.leaf, r.place FROM %s.reached AS r\n"
                      " WHERE r.relation OPERATOR(pg_catalog.=) %d\n"
                      "   AND NOT EXISTS (SELECT FROM %s AS s\n"
                      " WHERE s.%s OPERATOR(pg_catalog.=) r.leaf"
                      " AND s.%s OPERATOR(pg_catalog.=) r.place)\n"
                      " ORDER BY r.leaf, r.place) TO STDOUT",
                      names->qschema, relation, table->qname, table->leaf, table->place);
}

void
query_staging_row_ids(PQExpBuffer sql, const StagingNames *names, int relation)
{
    const StagingTable *table = &names->tables[relation];

    appendPQExpBuffer(sql, "COPY (SELECT %s, %s FROM %s) TO STDOUT", table->leaf,
                      table->place, table->qname);
}

static const char *
format_columns(const Catalog *catalog, int relation)
{
    const Relation *source = &catalog->relations[relation];
    PQExpBufferData text;
    const char *copy;

    initPQExpBuffer(&text);
    appendPQExpBufferStr(&text, "t.tableoid, t.ctid");
    for (int i = 0; i < source->n_columns; i++)
        appendPQExpBuffer(&text, ", t.%s", source->columns[i].qname);
    copy = arena_copy_string(catalog->arena, text.data);
    termPQExpBuffer(&text);
    return copy;
}

RowLayout *
query_staging_layouts(const RowLayout *layouts, const Catalog *catalog)
{
    size_t n = (size_t)catalog->n_relations;
    RowLayout *copies = ARENA_ARRAY(catalog->arena, n, RowLayout);

    for (size_t i = 0; i < n; i++)
    {
        copies[i] = layouts[i];
        copies[i].begin = "";
        copies[i].end = ") AS r";
        copies[i].select_list = format_columns(catalog, (int)i);
        copies[i].joins = "";
    }
    return copies;
}

void
query_staging_set_pass(PQExpBuffer begin, RowLayout *layout, const StagingNames *names,
                       int pass)
{
    resetPQExpBuffer(begin);
    appendPQExpBuffer(begin, "INSERT INTO %s\nSELECT %d, r.* FROM (",
                      names->tables[layout->position].qname, pass);
    layout->begin = begin->data;
}

/* Rows in these leaves only; no condition where that is all of them. */
static void
append_staged_leaves(PQExpBuffer sql, const char *column, const Relation *relation,
                     int first, int n, bool *has_where)
{
    if (n == relation->n_leaves)
        return;
    query_parts_append_and(sql, has_where);
    appendPQExpBuffer(sql, "%s ", column);
    query_parts_append_leaf_list(sql, relation, first, n);
}

/*
 * "FROM referencing WHERE ..." the key applies, and its columns are set, all or one
 * (junction).
 */
static void
append_referencing(PQExpBuffer sql, const StagingNames *names, const FkGraph *graph,
                   const GraphKey *fk, int pass, const char *junction, bool *has_where)
{
    const ForeignKey *key = fk->foreign_key;
    const Relation *relation = &graph->catalog->relations[key->referencing];
    const StagingTable *table = &names->tables[key->referencing];

    *has_where = false;
    appendPQExpBuffer(sql, "\n  FROM %s", table->qname);
    append_staged_leaves(sql, table->leaf, relation, fk->first_leaf, fk->n_leaves,
                         has_where);
    if (pass >= 0)
    {
        query_parts_append_and(sql, has_where);
        appendPQExpBuffer(sql, "%s OPERATOR(pg_catalog.=) %d", table->pass, pass);
    }
    query_parts_append_and(sql, has_where);
    /* a composite value of which a field is NULL is not NULL, yet IS NOT NULL is false */
    for (int i = 0; i < key->n_columns; i++)
        appendPQExpBuffer(sql, "%s%s IS DISTINCT FROM NULL", i == 0 ? "(" : junction,
                          relation->columns[key->referencing_columns[i]].qname);
    appendPQExpBufferChar(sql, ')');
}

/* The complete keys of staged rows, as values of the type that is compared. */
static void
append_complete_keys(PQExpBuffer sql, const StagingNames *names, const FkGraph *graph,
                     const GraphKey *fk, int pass)
{
    const ForeignKey *key = fk->foreign_key;
    const Relation *relation = &graph->catalog->relations[key->referencing];
    bool has_where;

    appendPQExpBufferStr(sql, "SELECT ");
    for (int i = 0; i < key->n_columns; i++)
        appendPQExpBuffer(sql, "%s%s::%s%s AS k%d", i == 0 ? "" : ", ",
                          relation->columns[key->referencing_columns[i]].qname,
                          key->value_types[i], key->collations[i], i);
    append_referencing(sql, names, graph, fk, pass, " AND ", &has_where);
}

/* The row that k refers to, or one of them, is not staged. */
static void
append_unreferenced(PQExpBuffer sql, const StagingNames *names, const FkGraph *graph,
                    const GraphKey *fk)
{
    const ForeignKey *key = fk->foreign_key;
    const Relation *relation = &graph->catalog->relations[key->referenced];
    const StagingTable *table = &names->tables[key->referenced];
    bool has_where = false;
    int first;
    int n;

    if (key->period >= 0)
    {
        char period[32];

        snprintf(period, sizeof(period), "k.k%d", key->period);
        appendPQExpBufferStr(sql, "NOT ");
        query_parts_append_covered(sql, graph, key, period, "p");
        appendPQExpBuffer(sql, " FROM %s AS p", table->qname);
    }
    else
        appendPQExpBuffer(sql, "NOT EXISTS (SELECT FROM %s AS p", table->qname);
    catalog_get_leaf_range(graph->catalog, relation, key->referenced_partition, &first,
                           &n);
    append_staged_leaves(sql, table->leaf, relation, first, n, &has_where);
    for (int i = 0; i < key->n_columns; i++)
    {
        query_parts_append_and(sql, &has_where);
        appendPQExpBuffer(sql, "p.%s %s k.k%d",
                          relation->columns[key->referenced_columns[i]].operand,
                          key->operators[i], i);
    }
    appendPQExpBufferStr(sql, key->period >= 0 ? QUERY_COVERED_END : ")");
}

void
query_staging_pending(PQExpBuffer sql, const StagingNames *names, const FkGraph *graph,
                      const GraphKey *fk, int pass)
{
    appendPQExpBufferStr(sql, "COPY (SELECT DISTINCT k.* FROM (");
    append_complete_keys(sql, names, graph, fk, pass);
    appendPQExpBufferStr(sql, ") AS k\n WHERE ");
    append_unreferenced(sql, names, graph, fk);
    appendPQExpBufferStr(sql, ") TO STDOUT");
}

/* Of references with some columns NULL and others not: only MATCH FULL knows any. */
static void
append_partial_count(PQExpBuffer sql, const StagingNames *names, const FkGraph *graph,
                     const GraphKey *fk)
{
    const ForeignKey *key = fk->foreign_key;
    const Relation *relation = &graph->catalog->relations[key->referencing];
    bool has_where;

    if (!key->is_match_full || key->n_columns == 1)
    {
        appendPQExpBufferStr(sql, "0");
        return;
    }
    appendPQExpBufferStr(sql, "(SELECT pg_catalog.count(*)");
    append_referencing(sql, names, graph, fk, -1, " OR ", &has_where);
    appendPQExpBufferStr(sql, "\n   AND (");
    for (int i = 0; i < key->n_columns; i++)
        appendPQExpBuffer(sql, "%s%s IS NOT DISTINCT FROM NULL", i == 0 ? "" : " OR ",
                          relation->columns[key->referencing_columns[i]].qname);
    appendPQExpBufferStr(sql, "))");
}

void
query_staging_prove(PQExpBuffer sql, const StagingNames *names, const FkGraph *graph,
                    const GraphKey *fk)
{
    const ForeignKey *key = fk->foreign_key;
    bool has_where;

    appendPQExpBufferStr(sql, "SELECT (SELECT pg_catalog.count(*)");
    append_referencing(sql, names, graph, fk, -1, key->is_match_full ? " OR " : " AND ",
                       &has_where);
    appendPQExpBufferStr(sql, "),\n       ");
    append_partial_count(sql, names, graph, fk);
    appendPQExpBufferStr(sql, ",\n       (SELECT pg_catalog.count(*) FROM (");
    append_complete_keys(sql, names, graph, fk, -1);
    appendPQExpBufferStr(sql, ") AS k\n WHERE ");
    append_unreferenced(sql, names, graph, fk);
    appendPQExpBufferChar(sql, ')');
}

void
query_staging_count(PQExpBuffer sql, const StagingNames *names, int relation,
                    bool may_repeat)
{
    const StagingTable *table = &names->tables[relation];

    appendPQExpBuffer(sql, "SELECT %d, pg_catalog.count(*)", relation);
    if (may_repeat)
        appendPQExpBuffer(sql,
                          ", (SELECT pg_catalog.count(*) FROM (SELECT FROM %s"
                          " GROUP BY %s, %s) AS g)",
                          table->qname, table->leaf, table->place);
    else
        appendPQExpBufferStr(sql, ", pg_catalog.count(*)");
    appendPQExpBuffer(sql, " FROM %s\n", table->qname);
}

void
query_staging_size(PQExpBuffer sql, const StagingNames *names, const RowLayout *layout,
                   const char *encoding)
{
    /* concat() calls a type's output function, which a cast to text need not */
    appendPQExpBufferStr(sql, "SELECT pg_catalog.sum(1::pg_catalog.int8");
    if (layout->n_output > 1)
        appendPQExpBuffer(sql, " OPERATOR(pg_catalog.+) %d", layout->n_output - 1);
    for (int i = 0; i < layout->n_output; i++)
    {
        const Column *column = &layout->relation->columns[layout->output[i]];

        appendPQExpBuffer(sql,
                          "\n  OPERATOR(pg_catalog.+) CASE WHEN s.%s IS NOT DISTINCT FROM"
                          " NULL THEN 2\n"
                          "    ELSE pg_catalog.octet_length(pg_catalog.convert_to("
                          "pg_catalog.concat(s.%s), ",
                          column->qname, column->qname);
        copytext_append_string(sql, encoding, strlen(encoding));
        appendPQExpBuffer(sql,
                          "))\n"
                          "         OPERATOR(pg_catalog.+) pg_catalog.length("
                          "pg_catalog.regexp_replace(pg_catalog.concat(s.%s)"
                          " COLLATE pg_catalog.\"C\","
                          " E'[^\\\\\\\\\\b\\f\\n\\r\\t\\x0B]', '', 'g')) END",
                          column->qname);
    }
    appendPQExpBuffer(sql, ")\n  FROM %s AS s", names->tables[layout->position].qname);
}

void
query_staging_index_key(PQExpBuffer sql, const StagingNames *names,
                        const Catalog *catalog, const ReferencedKey *key)
{
    const Relation *relation = &catalog->relations[key->relation];

    appendPQExpBuffer(sql, "CREATE INDEX ON %s (", names->tables[key->relation].qname);
    for (int i = 0; i < key->foreign_key->n_columns; i++)
        appendPQExpBuffer(
            sql, "%s%s", i == 0 ? "" : ", ",
            relation->columns[key->foreign_key->referenced_columns[i]].qname);
    appendPQExpBufferChar(sql, ')');
}

void
query_staging_rows(PQExpBuffer sql, const StagingNames *names, const FkGraph *graph,
                   const RowLayout *layout, bool is_ordered)
{
    appendPQExpBuffer(sql, "COPY (SELECT %s\n  FROM ", layout->select_list);
    query_set_null_rows(sql, names, graph, layout->position);
    appendPQExpBufferStr(sql, "\n ORDER BY ");
    if (is_ordered && layout->relation->n_key > 0)
    {
        query_parts_append_key_columns(sql, layout->relation, "t.", "");
        appendPQExpBufferStr(sql, ", ");
    }
    query_parts_append_scan_order(sql, layout->relation, "t.");
    appendPQExpBufferStr(sql, ") TO STDOUT");
}
