#include "model/query_reference.h"

#include <string.h>

#include "base/sqltext.h"
#include "model/query_parts.h"

/* The columns by name: those of a leaf can be in another order. */
static void
append_rows_of(PQExpBuffer sql, const Relation *relation, const Leaf *leaf)
{
    appendPQExpBufferStr(sql, "FROM (SELECT l.tableoid, l.ctid");
    for (int i = 0; i < relation->n_columns; i++)
        appendPQExpBuffer(sql, ", l.%s", relation->columns[i].qname);
    if (leaf != NULL && leaf->is_direct)
        appendPQExpBuffer(sql, " FROM ONLY %s AS l) AS ", leaf->qname);
    else
        appendPQExpBuffer(sql, " FROM %s AS l) AS ", relation->qname);
    sqltext_append_quoted(sql, relation->name, strlen(relation->name));
}

/*
 * The table that the user's SQL is over, which can name it. One leaf of a partitioned
 * table (NULL: all) shows its rows under the name of the root.
 */
static void
append_user_from(PQExpBuffer sql, const Relation *relation, const Leaf *leaf)
{
    if (relation->is_partitioned)
        append_rows_of(sql, relation, leaf);
    else
        appendPQExpBuffer(sql, "FROM ONLY %s", relation->qname);
}

/*
 * The i-th value that a row refers by; where the condition fails it is NULL. Without one
 * it is the bare expression, so that an index on it can be of use.
 */
static void
append_reference_value(PQExpBuffer sql, const Reference *reference, int i)
{
    if (reference->condition != NULL)
        appendPQExpBuffer(sql, "CASE WHEN (\n%s\n) THEN ", reference->condition);
    appendPQExpBuffer(sql, "(\n%s\n)%s%s%s", reference->expressions[i],
                      reference->casts[i], reference->collations[i],
                      reference->condition != NULL ? " END" : "");
}

static void
append_referenced_match(PQExpBuffer sql, const Relation *referenced,
                        const Reference *reference)
{
    for (int i = 0; i < reference->n_columns; i++)
        appendPQExpBuffer(sql, "%sp.%s %s k.k%d", i == 0 ? "" : " AND ",
                          referenced->columns[reference->referenced_columns[i]].operand,
                          reference->operators[i], i);
    query_parts_append_local_leaves(sql, "p.", referenced);
}

static void
append_target(PQExpBuffer sql, const Relation *referenced, const char *join)
{
    appendPQExpBuffer(sql, "\n  %s %s%s AS p ON ", join,
                      referenced->is_partitioned ? "" : "ONLY ", referenced->qname);
}

/* A NULL refers to nothing; a composite value with a NULL in it is not one. */
static void
append_complete(PQExpBuffer sql, const Reference *reference)
{
    for (int i = 0; i < reference->n_columns; i++)
        appendPQExpBuffer(sql, "%s k.k%d IS DISTINCT FROM NULL",
                          i == 0 ? "\n WHERE" : " AND", i);
}

void
query_reference_check(PQExpBuffer sql, const Catalog *catalog, const Reference *reference)
{
    const Relation *referencing = &catalog->relations[reference->referencing];
    const Relation *referenced = &catalog->relations[reference->referenced];

    appendPQExpBufferStr(sql, "SELECT p.ctid\n  FROM (SELECT ");
    for (int i = 0; i < reference->n_columns; i++)
    {
        appendPQExpBufferStr(sql, i == 0 ? "" : ", ");
        append_reference_value(sql, reference, i);
        appendPQExpBuffer(sql, " AS k%d", i);
    }
    appendPQExpBufferStr(sql, "\n  ");
    append_user_from(sql, referencing, NULL);
    /*
     * What closes this parenthesis cannot close the bracket, too; and a WHERE allows
     * neither aggregates nor set-returning functions.
     */
    appendPQExpBufferStr(sql, "\n WHERE true");
    for (int i = 0; i < reference->n_columns; i++)
        appendPQExpBuffer(sql, "\n   AND ARRAY[\n%s\n] IS NOT NULL",
                          reference->expressions[i]);
    if (reference->condition != NULL)
        appendPQExpBuffer(sql, "\n   AND ARRAY[\n%s\n] IS NOT NULL",
                          reference->condition);
    appendPQExpBufferStr(sql, ") AS k");
    append_target(sql, referenced, "JOIN");
    append_referenced_match(sql, referenced, reference);
    appendPQExpBufferStr(sql, "\n LIMIT 0");
}

/* The rows with the ids as k: their ctid and values, computed for no other row. */
static void
append_values_at(PQExpBuffer sql, const Relation *referencing, const Reference *reference,
                 const RowId *ids, size_t n)
{
    const Leaf *leaf = &referencing->leaves[rowid_leaf(ids[0])];

    appendPQExpBufferStr(sql, "WITH k AS MATERIALIZED (\nSELECT ctid AS place");
    for (int i = 0; i < reference->n_columns; i++)
    {
        appendPQExpBufferStr(sql, ", ");
        append_reference_value(sql, reference, i);
        appendPQExpBuffer(sql, " AS k%d", i);
    }
    appendPQExpBufferStr(sql, "\n  ");
    append_user_from(sql, referencing, leaf);
    /* joined, not searched: the array may be long, and the planner knows how long */
    appendPQExpBufferStr(sql, "\n WHERE ctid OPERATOR(pg_catalog.=)"
                              " ANY (SELECT pg_catalog.unnest(");
    query_parts_append_tids(sql, ids, n);
    appendPQExpBufferStr(sql, "))");
    if (referencing->is_partitioned && !leaf->is_direct)
        appendPQExpBuffer(sql, "\n   AND tableoid OPERATOR(pg_catalog.=) '%u'",
                          leaf->oid);
    appendPQExpBufferStr(sql, ")\n");
}

void
query_reference_find(PQExpBuffer sql, const Catalog *catalog, const Reference *reference,
                     const RowId *ids, size_t n, bool is_followed)
{
    const Relation *referencing = &catalog->relations[reference->referencing];
    const Relation *referenced = &catalog->relations[reference->referenced];

    appendPQExpBufferStr(sql, "COPY (");
    append_values_at(sql, referencing, reference, ids, n);
    appendPQExpBufferStr(sql, "SELECT pg_catalog.count(*) AS n, NULL::pg_catalog.oid AS"
                              " leaf, NULL::pg_catalog.tid AS place\n  FROM k");
    append_complete(sql, reference);
    if (is_followed)
    {
        appendPQExpBufferStr(sql, "\nUNION ALL\nSELECT NULL, found.leaf, found.place\n"
                                  "  FROM (SELECT DISTINCT p.tableoid AS leaf,"
                                  " p.ctid AS place,\n"
                                  "               CASE WHEN p.ctid IS NULL"
                                  " THEN k.place END AS dangling\n  FROM k");
        append_target(sql, referenced, "LEFT JOIN");
        append_referenced_match(sql, referenced, reference);
        append_complete(sql, reference);
        appendPQExpBufferStr(sql, ") AS found");
    }
    appendPQExpBufferStr(sql, ") TO STDOUT");
}

void
query_reference_pairs(PQExpBuffer sql, const Catalog *catalog, const Reference *reference,
                      const RowId *ids, size_t n)
{
    const Relation *referenced = &catalog->relations[reference->referenced];

    appendPQExpBufferStr(sql, "COPY (");
    append_values_at(sql, &catalog->relations[reference->referencing], reference, ids, n);
    appendPQExpBufferStr(sql, "SELECT k.place, p.tableoid, p.ctid\n  FROM k");
    append_target(sql, referenced, "JOIN");
    append_referenced_match(sql, referenced, reference);
    append_complete(sql, reference);
    appendPQExpBufferStr(sql, ") TO STDOUT");
}

void
query_reference_declare(PQExpBuffer sql, const StagingNames *names, int relation,
                        int pass, int before)
{
    const StagingTable *table = &names->tables[relation];

    appendPQExpBuffer(sql,
                      "CLOSE ALL;\n"
                      "DECLARE places NO SCROLL CURSOR WITH HOLD FOR\n"
                      "SELECT s.%s, s.%s FROM %s AS s\n"
                      " WHERE s.%s %s %d\n"
                      " ORDER BY s.%s, s.%s",
                      table->leaf, table->place, table->qname, table->pass,
                      pass >= 0 ? "OPERATOR(pg_catalog.=)" : "OPERATOR(pg_catalog.<)",
                      pass >= 0 ? pass : before, table->leaf, table->place);
}

/* No column's name begins with it and a digit. */
static const char *
choose_prefix(const Relation *relation)
{
    static const char ks[] = "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk";
    size_t length = 1;

    for (int i = 0; i < relation->n_columns; i++)
    {
        size_t n = strspn(relation->columns[i].name, "k");

        if (n >= length && n < sizeof(ks) - 1)
            length = n + 1;
    }
    return ks + sizeof(ks) - 1 - length;
}

void
query_reference_append_referencing(PQExpBuffer sql, const Relation *referencing,
                                   const Reference *reference, const char *filter)
{
    const char *prefix = choose_prefix(referencing);

    appendPQExpBufferStr(sql, "(SELECT tableoid, ctid");
    for (int i = 0; i < referencing->n_columns; i++)
        appendPQExpBuffer(sql, ", %s", referencing->columns[i].qname);
    for (int i = 0; i < reference->n_columns; i++)
    {
        appendPQExpBufferStr(sql, ", ");
        append_reference_value(sql, reference, i);
        appendPQExpBuffer(sql, " AS %s%d", prefix, i);
    }
    appendPQExpBufferStr(sql, "\n  ");
    append_user_from(sql, referencing, NULL);
    if (filter != NULL)
        appendPQExpBuffer(sql, "\n WHERE (\n%s\n)", filter);
    appendPQExpBufferStr(sql, ") AS t");
}

void
query_reference_append_match(PQExpBuffer sql, const Relation *referencing,
                             const Reference *reference)
{
    const char *prefix = choose_prefix(referencing);

    for (int i = 0; i < reference->n_columns; i++)
        appendPQExpBuffer(sql, "%sp.k%d %s t.%s%d", i == 0 ? "" : " AND ", i,
                          reference->operators[i], prefix, i);
}
