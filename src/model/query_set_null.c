#include "model/query_set_null.h"

#include <stdio.h>

#include "model/query_parts.h"

static void
append_referenced_match_of(PQExpBuffer sql, const StagingNames *names,
                           const FkGraph *graph, const ForeignKey *key, const char *alias)
{
    const Catalog *catalog = graph->catalog;
    const Relation *referenced = &catalog->relations[key->referenced];
    int first;
    int n;

    query_parts_append_join(sql, graph, key, alias, "s");
    if (key->referenced_partition == 0)
        return;
    catalog_get_leaf_range(catalog, referenced, key->referenced_partition, &first, &n);
    appendPQExpBuffer(sql, " AND %s.%s ", alias, names->tables[key->referenced].leaf);
    query_parts_append_leaf_list(sql, referenced, first, n);
}

/* One row where the rows that the key with PERIOD refers to are all there. */
static void
append_period_join(PQExpBuffer sql, const StagingNames *names, const FkGraph *graph,
                   const ForeignKey *key, int number)
{
    const Relation *referencing = &graph->catalog->relations[key->referencing];
    const StagingTable *table = &names->tables[key->referenced];
    PQExpBufferData period;

    initPQExpBuffer(&period);
    appendPQExpBuffer(&period, "s.%s",
                      referencing->columns[key->referencing_columns[key->period]].qname);
    appendPQExpBuffer(sql, "\n  LEFT JOIN LATERAL (SELECT 0 AS %s WHERE ", table->pass);
    query_parts_append_covered(sql, graph, key, period.data, "x");
    appendPQExpBuffer(sql, " FROM %s AS x WHERE ", table->qname);
    append_referenced_match_of(sql, names, graph, key, "x");
    appendPQExpBuffer(sql, QUERY_COVERED_END ") AS p%d ON true", number);
    termPQExpBuffer(&period);
}

/* The row that the key refers to from s, as p and the number. */
static void
append_join(PQExpBuffer sql, const StagingNames *names, const FkGraph *graph,
            const GraphKey *ignored, int number)
{
    const ForeignKey *key = ignored->foreign_key;
    char alias[32];

    if (key->period >= 0)
    {
        append_period_join(sql, names, graph, key, number);
        return;
    }
    snprintf(alias, sizeof(alias), "p%d", number);
    appendPQExpBuffer(sql, "\n  LEFT JOIN %s AS %s ON ",
                      names->tables[key->referenced].qname, alias);
    append_referenced_match_of(sql, names, graph, key, alias);
}

/* True where s refers to something by the key, and false elsewhere. */
static void
append_refers(PQExpBuffer sql, const StagingNames *names, const FkGraph *graph,
              const GraphKey *ignored)
{
    const ForeignKey *key = ignored->foreign_key;
    const Relation *relation = &graph->catalog->relations[key->referencing];

    if (ignored->n_leaves < relation->n_leaves)
    {
        appendPQExpBuffer(sql, "s.%s ", names->tables[key->referencing].leaf);
        query_parts_append_leaf_list(sql, relation, ignored->first_leaf,
                                     ignored->n_leaves);
        appendPQExpBufferStr(sql, " AND ");
    }
    /* a composite value of which a field is NULL is not NULL, yet IS NOT NULL is false */
    for (int i = 0; i < key->n_columns; i++)
        appendPQExpBuffer(sql, "%ss.%s IS DISTINCT FROM NULL",
                          i == 0               ? "("
                          : key->is_match_full ? " OR "
                                               : " AND ",
                          relation->columns[key->referencing_columns[i]].qname);
    appendPQExpBufferChar(sql, ')');
}

static void
append_missing(PQExpBuffer sql, const StagingNames *names, const FkGraph *graph,
               const GraphKey *ignored, int number)
{
    appendPQExpBuffer(sql, "p%d.%s IS NULL AND ", number,
                      names->tables[ignored->foreign_key->referenced].pass);
    append_refers(sql, names, graph, ignored);
}

/* "FROM s LEFT JOIN p0 ..." with all that the ignored keys refer to. */
static void
append_from(PQExpBuffer sql, const StagingNames *names, const FkGraph *graph,
            int relation)
{
    appendPQExpBuffer(sql, "\n  FROM %s AS s", names->tables[relation].qname);
    for (int i = 0; i < graph->ignored_of[relation].n_items; i++)
        append_join(sql, names, graph, graph_get_ignored(graph, relation, i), i);
}

static bool
is_set_null_by(const GraphKey *ignored, int column)
{
    for (int i = 0; i < ignored->n_set_null; i++)
    {
        if (ignored->set_null[i] == column)
            return true;
    }
    return false;
}

static void
append_column(PQExpBuffer sql, const StagingNames *names, const FkGraph *graph,
              int relation, int column)
{
    const char *name = graph->catalog->relations[relation].columns[column].qname;
    int n = 0;

    for (int i = 0; i < graph->ignored_of[relation].n_items; i++)
    {
        const GraphKey *ignored = graph_get_ignored(graph, relation, i);

        if (!is_set_null_by(ignored, column))
            continue;
        appendPQExpBufferStr(sql,
                             n++ == 0 ? ",\n       CASE WHEN (" : ")\n         OR (");
        append_missing(sql, names, graph, ignored, i);
    }
    if (n > 0)
        appendPQExpBuffer(sql, ") THEN NULL ELSE s.%s END AS %s", name, name);
    else
        appendPQExpBuffer(sql, ", s.%s", name);
}

void
query_set_null_rows(PQExpBuffer sql, const StagingNames *names, const FkGraph *graph,
                    int relation)
{
    const StagingTable *table = &names->tables[relation];

    appendPQExpBuffer(sql, "(SELECT s.%s AS tableoid, s.%s AS ctid", table->leaf,
                      table->place);
    if (graph->ignored_of[relation].n_items == 0)
    {
        appendPQExpBuffer(sql, ", s.* FROM %s AS s) AS t", table->qname);
        return;
    }
    for (int i = 0; i < graph->catalog->relations[relation].n_columns; i++)
        append_column(sql, names, graph, relation, i);
    append_from(sql, names, graph, relation);
    appendPQExpBufferStr(sql, ") AS t");
}

void
query_set_null_count(PQExpBuffer sql, const StagingNames *names, const FkGraph *graph,
                     const GraphKey *ignored)
{
    int relation = ignored->foreign_key->referencing;

    appendPQExpBufferStr(sql, "SELECT pg_catalog.count(*) FILTER (WHERE ");
    append_refers(sql, names, graph, ignored);
    appendPQExpBufferStr(sql, "),\n       pg_catalog.count(*) FILTER (WHERE ");
    append_missing(sql, names, graph, ignored, 0);
    appendPQExpBuffer(sql, ")\n  FROM %s AS s", names->tables[relation].qname);
    append_join(sql, names, graph, ignored, 0);
}

void
query_set_null_row_ids(PQExpBuffer sql, const StagingNames *names, const FkGraph *graph,
                       int relation)
{
    const StagingTable *table = &names->tables[relation];
    int n = graph->ignored_of[relation].n_items;

    appendPQExpBuffer(sql, "COPY (SELECT s.%s, s.%s", table->leaf, table->place);
    for (int i = 0; i < n; i++)
    {
        appendPQExpBufferStr(sql, ",\n       ");
        append_missing(sql, names, graph, graph_get_ignored(graph, relation, i), i);
    }
    append_from(sql, names, graph, relation);
    for (int i = 0; i < n; i++)
    {
        appendPQExpBufferStr(sql, i == 0 ? "\n WHERE (" : ")\n    OR (");
        append_missing(sql, names, graph, graph_get_ignored(graph, relation, i), i);
    }
    appendPQExpBufferStr(sql, ")) TO STDOUT");
}

/*
 * "(SELECT expression FROM the row)": its columns hide those of t, and the row as a whole
 * has the table's name and type.
 */
static void
append_check(PQExpBuffer sql, const Relation *relation, const CheckConstraint *check,
             const bool *is_set_null)
{
    appendPQExpBuffer(sql, "(SELECT (\n%s\n)\n  FROM pg_catalog.unnest(ARRAY[ROW(",
                      check->expression);
    for (int i = 0; i < relation->n_columns; i++)
    {
        appendPQExpBufferStr(sql, i == 0 ? "" : ", ");
        if (is_set_null != NULL && is_set_null[i])
            appendPQExpBufferStr(sql, "NULL");
        else
            appendPQExpBuffer(sql, "t.%s", relation->columns[i].qname);
    }
    appendPQExpBuffer(sql, ")::%s]) AS %s)", relation->qname, check->alias);
}

void
query_set_null_check(PQExpBuffer sql, const RowLayout *layout,
                     const CheckConstraint *check, const bool *is_set_null,
                     const RowId *ids, size_t n)
{
    const Relation *relation = layout->relation;

    appendPQExpBufferStr(sql, "SELECT pg_catalog.concat_ws(', '");
    for (int i = 0; i < relation->n_key; i++)
        appendPQExpBuffer(sql, ", t.%s", relation->columns[relation->key[i]].qname);
    if (relation->n_key == 0)
        appendPQExpBufferStr(sql, ", t.ctid");
    appendPQExpBufferStr(sql, ")\n  ");
    query_fetch_append_row_ids(sql, layout, ids, n);
    appendPQExpBufferStr(sql, "\n   AND ");
    append_check(sql, relation, check, is_set_null);
    appendPQExpBufferStr(sql, " IS FALSE\n   AND ");
    append_check(sql, relation, check, NULL);
    /* the first row of the scan, whatever the plan */
    appendPQExpBufferStr(sql, " IS NOT FALSE\n ORDER BY t.ctid\n LIMIT 1");
}
