#include "model/query_staging.h"

#include <stdio.h>

#include <string.h>

#include "base/arena.h"
#include "base/copytext.h"
#include "model/query_parts.h"
#include "model/query_set_null.h"

enum
{
    FEW_TUPLES = 50 /* autovacuum, by default, is not interested in fewer */
};

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
    /* rows of it never change, so vacuuming would only cost time; so does the option */
    if (source->n_tuples >= 0 && source->n_tuples < FEW_TUPLES)
        appendPQExpBufferStr(sql, ");\n");
    else
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
                      "  LEFT JOIN %s AS s ON s.%s OPERATOR(pg_catalog.=) r.leaf"
                      " AND s.%s OPERATOR(pg_catalog.=) r.place\n"
                      " WHERE r.relation OPERATOR(pg_catalog.=) %d"
                      " AND s.%s IS NULL\n"
                      " ORDER BY r.leaf, r.place) TO STDOUT",
                      names->qschema, table->qname, table->leaf, table->place, relation,
                      table->pass);
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

/* "(a IS DISTINCT FROM NULL ...)": columns of the key are set, all or one (junction). */
static void
append_columns_set(PQExpBuffer sql, const Relation *relation, const ForeignKey *key,
                   const char *junction)
{
    /* a composite value of which a field is NULL is not NULL, yet IS NOT NULL is false */
    for (int i = 0; i < key->n_columns; i++)
        appendPQExpBuffer(sql, "%s%s IS DISTINCT FROM NULL", i == 0 ? "(" : junction,
                          relation->columns[key->referencing_columns[i]].qname);
    appendPQExpBufferChar(sql, ')');
}

/*
 * The complete keys of staged rows that the foreign key applies to, as values of the type
 * that is compared: what follows SELECT.
 */
static void
append_complete_keys(PQExpBuffer sql, const StagingNames *names, const FkGraph *graph,
                     const GraphKey *fk, int pass)
{
    const ForeignKey *key = fk->foreign_key;
    const Relation *relation = &graph->catalog->relations[key->referencing];
    const StagingTable *table = &names->tables[key->referencing];
    bool has_where = false;

    for (int i = 0; i < key->n_columns; i++)
        appendPQExpBuffer(sql, "%s%s::%s%s AS k%d", i == 0 ? "" : ", ",
                          relation->columns[key->referencing_columns[i]].qname,
                          key->value_types[i], key->collations[i], i);
    appendPQExpBuffer(sql, "\n  FROM %s", table->qname);
    append_staged_leaves(sql, table->leaf, relation, fk->first_leaf, fk->n_leaves,
                         &has_where);
    if (pass >= 0)
    {
        query_parts_append_and(sql, &has_where);
        appendPQExpBuffer(sql, "%s OPERATOR(pg_catalog.=) %d", table->pass, pass);
    }
    query_parts_append_and(sql, &has_where);
    append_columns_set(sql, relation, key, " AND ");
}

/* The rows p that k refers to. */
static void
append_staged_match(PQExpBuffer sql, const StagingNames *names, const FkGraph *graph,
                    const ForeignKey *key)
{
    const Relation *relation = &graph->catalog->relations[key->referenced];
    const StagingTable *table = &names->tables[key->referenced];
    int first;
    int n;

    catalog_get_leaf_range(graph->catalog, relation, key->referenced_partition, &first,
                           &n);
    for (int i = 0; i < key->n_columns; i++)
        appendPQExpBuffer(sql, "%sp.%s %s k.k%d", i == 0 ? "" : " AND ",
                          relation->columns[key->referenced_columns[i]].operand,
                          key->operators[i], i);
    if (n == relation->n_leaves)
        return;
    appendPQExpBuffer(sql, " AND p.%s ", table->leaf);
    query_parts_append_leaf_list(sql, relation, first, n);
}

/*
 * The row that k refers to, or one of them, is not staged. Of an outer join the server
 * hashes the smaller side, which it takes the keys of a pass for; for NOT EXISTS it
 * hashes the staged rows, before version 16 always.
 */
static void
append_unreferenced(PQExpBuffer sql, const StagingNames *names, const FkGraph *graph,
                    const ForeignKey *key, int pass)
{
    const StagingTable *table = &names->tables[key->referenced];
    bool is_joined = key->period < 0 && pass >= 0;

    appendPQExpBufferStr(sql, is_joined ? "\n  LEFT JOIN " : "\n WHERE NOT ");
    if (key->period >= 0)
    {
        char period[32];

        snprintf(period, sizeof(period), "k.k%d", key->period);
        query_parts_append_covered(sql, graph, key, period, "p");
        appendPQExpBufferStr(sql, " FROM ");
    }
    else if (!is_joined)
        appendPQExpBufferStr(sql, "EXISTS (SELECT FROM ");
    appendPQExpBuffer(sql, "%s AS p %s ", table->qname, is_joined ? "ON" : "WHERE");
    append_staged_match(sql, names, graph, key);
    if (is_joined)
        appendPQExpBuffer(sql, "\n WHERE p.%s IS NULL", table->pass);
    else
        appendPQExpBufferStr(sql, key->period >= 0 ? QUERY_COVERED_END : ")");
}

/* The complete keys of all of them, as k; is_numbered: each with its foreign key. */
static void
append_keys_of_all(PQExpBuffer sql, const StagingNames *names, const FkGraph *graph,
                   const GraphKey *const *fks, int n, int pass, bool is_numbered)
{
    appendPQExpBufferStr(sql, "\n  FROM (");
    for (int i = 0; i < n; i++)
    {
        appendPQExpBufferStr(sql, i == 0 ? "SELECT " : "\n UNION ALL\n SELECT ");
        if (is_numbered)
            appendPQExpBuffer(sql, "%d AS fk, ", fks[i]->number);
        append_complete_keys(sql, names, graph, fks[i], pass);
    }
    appendPQExpBufferStr(sql, ") AS k");
    append_unreferenced(sql, names, graph, fks[0]->foreign_key, pass);
}

void
query_staging_pending(PQExpBuffer sql, const StagingNames *names, const FkGraph *graph,
                      const GraphKey *const *fks, int n, int pass)
{
    appendPQExpBufferStr(sql, "COPY (SELECT DISTINCT k.*");
    append_keys_of_all(sql, names, graph, fks, n, pass, false);
    appendPQExpBufferStr(sql, ") TO STDOUT");
}

void
query_staging_count_missing(PQExpBuffer sql, const StagingNames *names,
                            const FkGraph *graph, const GraphKey *const *fks, int n)
{
    appendPQExpBufferStr(sql, "SELECT k.fk, pg_catalog.count(*)");
    append_keys_of_all(sql, names, graph, fks, n, -1, true);
    appendPQExpBufferStr(sql, "\n GROUP BY k.fk");
}

/* Rows that the key applies to, with its columns set, all or one (junction). */
static void
append_reference_count(PQExpBuffer sql, const StagingNames *names, const FkGraph *graph,
                       const GraphKey *fk, const char *junction, bool is_partial)
{
    const ForeignKey *key = fk->foreign_key;
    const Relation *relation = &graph->catalog->relations[key->referencing];
    bool has_where = false;

    appendPQExpBufferStr(sql, ",\n       pg_catalog.count(*) FILTER (");
    append_staged_leaves(sql, names->tables[key->referencing].leaf, relation,
                         fk->first_leaf, fk->n_leaves, &has_where);
    query_parts_append_and(sql, &has_where);
    append_columns_set(sql, relation, key, junction);
    if (is_partial)
    {
        appendPQExpBufferStr(sql, " AND NOT ");
        append_columns_set(sql, relation, key, " AND ");
    }
    appendPQExpBufferChar(sql, ')');
}

void
query_staging_count(PQExpBuffer sql, const StagingNames *names, const FkGraph *graph,
                    int relation, bool may_repeat, int first, int n)
{
    const StagingTable *table = &names->tables[relation];

    appendPQExpBufferStr(sql, "SELECT pg_catalog.count(*), ");
    if (!may_repeat)
        appendPQExpBufferStr(sql, "pg_catalog.count(*)");
    else if (graph->catalog->relations[relation].n_leaves == 1)
        appendPQExpBuffer(sql, "pg_catalog.count(DISTINCT %s)", table->place);
    else
        appendPQExpBuffer(sql,
                          "(SELECT pg_catalog.count(*) FROM (SELECT FROM %s"
                          " GROUP BY %s, %s) AS g)",
                          table->qname, table->leaf, table->place);
    for (int i = first; i < first + n; i++)
    {
        const GraphKey *fk = &graph->fks[graph->outgoing[relation].items[i]];
        const ForeignKey *key = fk->foreign_key;
        bool is_full = key->is_match_full && key->n_columns > 1;

        append_reference_count(sql, names, graph, fk, is_full ? " OR " : " AND ", false);
        if (is_full)
            append_reference_count(sql, names, graph, fk, " OR ", true);
        else
            appendPQExpBufferStr(sql, ", 0");
    }
    appendPQExpBuffer(sql, "\n  FROM %s", table->qname);
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
