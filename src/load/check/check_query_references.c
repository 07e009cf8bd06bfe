/* A part of check_query.h: foreign keys, and rows that are deleted or moved. */
#include "load/check/check_query.h"

#include <string.h>

#include "load/effective.h"

/* The key's comparison: of columns of p (referenced) with those of c (referencing). */
static void
append_reference(PQExpBuffer sql, const Catalog *catalog, const ForeignKey *foreign_key)
{
    const Column *referencing = catalog->relations[foreign_key->referencing].columns;
    const Column *referenced = catalog->relations[foreign_key->referenced].columns;

    for (int i = 0; i < foreign_key->n_columns; i++)
        appendPQExpBuffer(sql, "%sp.%s %s c.%s%s", i > 0 ? " AND " : "",
                          referenced[foreign_key->referenced_columns[i]].operand,
                          foreign_key->operators[i],
                          referencing[foreign_key->referencing_columns[i]].operand,
                          foreign_key->collations[i]);
}

/* The condition for rows that must have a referenced row. */
static void
append_is_referring(PQExpBuffer sql, const Catalog *catalog,
                    const ForeignKey *foreign_key)
{
    const Column *columns = catalog->relations[foreign_key->referencing].columns;
    const char *joiner = foreign_key->is_match_full ? " OR " : " AND ";

    appendPQExpBufferChar(sql, '(');
    for (int i = 0; i < foreign_key->n_columns; i++)
        appendPQExpBuffer(sql, "%sc.%s IS NOT NULL", i > 0 ? joiner : "",
                          columns[foreign_key->referencing_columns[i]].qname);
    appendPQExpBufferChar(sql, ')');
}

/* All other keys are compared by equality. */
bool
check_query_references_has_period(const ForeignKey *foreign_key)
{
    return strcmp(foreign_key->operators[foreign_key->n_columns - 1],
                  "OPERATOR(pg_catalog.&&)") == 0;
}

/* The referenced columns of the alias. */
static void
append_referenced(PQExpBuffer sql, const Relation *relation,
                  const ForeignKey *foreign_key, const char *alias)
{
    for (int i = 0; i < foreign_key->n_columns; i++)
        appendPQExpBuffer(sql, "%s%s.%s", i > 0 ? ", " : "", alias,
                          relation->columns[foreign_key->referenced_columns[i]].qname);
}

/* "(SELECT ...) AS p": referenced rows as they are after the load. */
static void
append_later(PQExpBuffer sql, const Relation *relation, const LoadTable *referenced,
             const ForeignKey *foreign_key)
{
    appendPQExpBufferStr(sql, "(SELECT ");
    append_referenced(sql, relation, foreign_key, "k");
    appendPQExpBufferStr(sql, " FROM ");
    check_query_append_kept(sql, referenced, "k");
    appendPQExpBufferStr(sql, "\n          UNION ALL\n        SELECT ");
    append_referenced(sql, relation, foreign_key, "w");
    appendPQExpBufferStr(sql, " FROM ");
    check_query_append_written(sql, referenced, foreign_key->referenced_columns,
                               foreign_key->n_columns, "w");
    appendPQExpBufferStr(sql, ") AS p");
}

/* The periods of the referenced rows do not cover that of c. */
static void
append_uncovered(PQExpBuffer sql, const Catalog *catalog, const ForeignKey *foreign_key,
                 const LoadTable *referenced)
{
    const Relation *relation = &catalog->relations[foreign_key->referenced];
    const Relation *referencing = &catalog->relations[foreign_key->referencing];
    int last = foreign_key->n_columns - 1;

    appendPQExpBuffer(sql, "NOT COALESCE((SELECT pg_catalog.range_agg(p.%s) FROM ",
                      relation->columns[foreign_key->referenced_columns[last]].operand);
    if (referenced != NULL)
        append_later(sql, relation, referenced, foreign_key);
    else
        appendPQExpBuffer(sql, "%s%s AS p", relation->is_partitioned ? "" : "ONLY ",
                          relation->qname);
    appendPQExpBufferStr(sql, " WHERE ");
    append_reference(sql, catalog, foreign_key);
    appendPQExpBuffer(
        sql, ") OPERATOR(pg_catalog.@>) c.%s, false)",
        referencing->columns[foreign_key->referencing_columns[last]].operand);
}

void
check_query_references_orphans(PQExpBuffer sql, const Catalog *catalog,
                               const LoadTable *table, const ForeignKey *foreign_key,
                               const LoadTable *referenced)
{
    const Relation *relation = &catalog->relations[foreign_key->referenced];

    appendPQExpBufferStr(sql, "SELECT c." RECORD_COLUMN " AS record\n  FROM ");
    check_query_append_written(sql, table, foreign_key->referencing_columns,
                               foreign_key->n_columns, "c");
    appendPQExpBufferStr(sql, "\n WHERE ");
    append_is_referring(sql, catalog, foreign_key);
    if (check_query_references_has_period(foreign_key))
    {
        appendPQExpBufferStr(sql, "\n   AND ");
        append_uncovered(sql, catalog, foreign_key, referenced);
        return;
    }
    appendPQExpBufferStr(sql, "\n   AND NOT EXISTS (SELECT FROM ");
    if (referenced != NULL)
        check_query_append_kept(sql, referenced, "p");
    else
        appendPQExpBuffer(sql, "%s%s AS p", relation->is_partitioned ? "" : "ONLY ",
                          relation->qname);
    appendPQExpBufferStr(sql, " WHERE ");
    append_reference(sql, catalog, foreign_key);
    appendPQExpBufferChar(sql, ')');
    if (referenced == NULL)
        return;
    appendPQExpBufferStr(sql, "\n   AND NOT EXISTS (SELECT FROM ");
    check_query_append_written(sql, referenced, foreign_key->referenced_columns,
                               foreign_key->n_columns, "p");
    appendPQExpBufferStr(sql, " WHERE ");
    append_reference(sql, catalog, foreign_key);
    appendPQExpBufferChar(sql, ')');
}

/* "(SELECT ...) AS p": rows of the target that are deleted. */
static void
append_doomed(PQExpBuffer sql, const LoadTable *table)
{
    appendPQExpBufferStr(sql, "(SELECT t.* FROM ");
    appendPQExpBufferStr(sql, table->rows);
    appendPQExpBufferStr(sql, " AS t");
    if (table->diff != NULL)
    {
        appendPQExpBuffer(sql, " JOIN %s AS d ON ", table->diff);
        check_query_append_key_match(sql, table->key, "d", "t");
        appendPQExpBufferStr(sql, " WHERE " CHECK_IS("d", "D"));
    }
    else if (table->settings->mode == MODE_SLICE)
        appendPQExpBuffer(sql, " WHERE %s", table->scope_condition);
    else if (table->settings->mode != MODE_FULL)
        appendPQExpBufferStr(sql, " WHERE false");
    appendPQExpBufferStr(sql, ") AS p");
}

/* Do updates of the table not change the columns of the foreign key? */
static bool
is_reference_absent(const LoadTable *table, const ForeignKey *foreign_key)
{
    return !batch_has_any_column(table, foreign_key->referencing_columns,
                                 foreign_key->n_columns);
}

void
check_query_references_children(PQExpBuffer sql, const Catalog *catalog,
                                const LoadTable *table, const ForeignKey *foreign_key,
                                const LoadTable *referencing)
{
    const Relation *relation = &catalog->relations[foreign_key->referencing];

    appendPQExpBufferStr(sql, "SELECT pg_catalog.count(*)\n  FROM ");
    if (referencing != NULL && is_reference_absent(referencing, foreign_key))
        check_query_append_left(sql, referencing, "c");
    else if (referencing != NULL)
        check_query_append_kept(sql, referencing, "c");
    else
        appendPQExpBuffer(sql, "%s%s AS c", relation->is_partitioned ? "" : "ONLY ",
                          foreign_key->referencing_qname);
    appendPQExpBufferStr(sql, "\n WHERE EXISTS (SELECT FROM ");
    append_doomed(sql, table);
    appendPQExpBufferStr(sql, " WHERE ");
    append_reference(sql, catalog, foreign_key);
    appendPQExpBufferChar(sql, ')');
    if (!check_query_references_has_period(foreign_key))
        return;
    appendPQExpBufferStr(sql, "\n   AND ");
    append_uncovered(sql, catalog, foreign_key, table);
}

void
check_query_references_moved(PQExpBuffer sql, const LoadTable *table)
{
    const Target *target = table->target;
    const char *aliases[] = {"d", "t"};

    appendPQExpBufferStr(sql, "SELECT pg_catalog.count(*)\n  FROM ");
    appendPQExpBuffer(sql, "%s AS d\n       JOIN ", table->diff);
    appendPQExpBufferStr(sql, table->rows);
    appendPQExpBufferStr(sql, " AS t\n         ON ");
    check_query_append_key_match(sql, table->key, "t", "d");
    appendPQExpBufferStr(sql, "\n WHERE " CHECK_IS("d", "U") "\n   AND ");
    for (int side = 0; side < 2; side++)
    {
        bool is_first = true;

        appendPQExpBufferStr(sql, side == 0 ? "ROW("
                                            : ")::pg_catalog.record"
                                              " OPERATOR(pg_catalog.*<>) ROW(");
        for (int i = 0; i < target->n_partition_columns; i++)
        {
            int column = target->partition_columns[i];

            if (!batch_has_column(table, column))
                continue;
            appendPQExpBuffer(sql, "%s%s.%s", is_first ? "" : ", ", aliases[side],
                              target->relation->columns[column].qname);
            is_first = false;
        }
    }
    appendPQExpBufferStr(sql, ")::pg_catalog.record");
}

/* " FROM target AS t WHERE ...": the rows of the table or slice that are not marked. */
static void
append_replaced(PQExpBuffer sql, const LoadTable *table)
{
    appendPQExpBufferStr(sql, " FROM ");
    appendPQExpBufferStr(sql, table->rows);
    appendPQExpBufferStr(sql, " AS t WHERE ");
    if (table->settings->mode == MODE_SLICE)
        appendPQExpBuffer(sql, "(%s)", table->scope_condition);
    else
        appendPQExpBufferStr(sql, "true");
    if (effective_has_soft_delete(table))
        appendPQExpBuffer(
            sql, " AND t.%s IS NULL",
            table->target->relation->columns[table->rules->deleted_at].qname);
}

void
check_query_references_deletes(PQExpBuffer sql, const LoadTable *table)
{
    appendPQExpBufferStr(sql, "SELECT (SELECT pg_catalog.count(*)");
    append_replaced(sql, table);
    appendPQExpBufferStr(sql, "),\n       (SELECT pg_catalog.count(*)");
    if (table->diff != NULL)
        appendPQExpBuffer(sql, " FROM %s AS d WHERE " CHECK_IS("d", "%s") ")",
                          table->diff, effective_has_soft_delete(table) ? "X" : "D");
    else if (table->key != NULL)
    {
        append_replaced(sql, table);
        appendPQExpBuffer(sql, " AND NOT EXISTS (SELECT FROM %s AS s WHERE ",
                          table->stage);
        check_query_append_key_match(sql, table->key, "t", "s");
        appendPQExpBufferStr(sql, "))");
    }
    else
    {
        append_replaced(sql, table);
        appendPQExpBuffer(sql,
                          ") OPERATOR(pg_catalog.-) (SELECT pg_catalog.count(*)"
                          " FROM %s AS s)",
                          table->stage);
    }
}

void
check_query_references_lost(PQExpBuffer sql, const LoadTable *table)
{
    appendPQExpBuffer(sql,
                      "SELECT pg_catalog.count(*)\n  FROM %s AS s\n"
                      "       JOIN %s AS e\n"
                      "         ON e.record OPERATOR(pg_catalog.=) s." RECORD_COLUMN
                      " AND e.reason OPERATOR(pg_catalog.=) 'e'",
                      table->stage, table->excluded);
    if (table->key == NULL)
        return;
    appendPQExpBufferStr(sql, "\n       JOIN ");
    append_doomed(sql, table);
    appendPQExpBufferStr(sql, " ON ");
    check_query_append_key_match(sql, table->key, "p", "s");
}

void
check_query_references_operations(PQExpBuffer sql, const LoadTable *table, char operation)
{
    appendPQExpBuffer(sql,
                      "SELECT pg_catalog.count(*)\n  FROM %s AS d\n"
                      " WHERE " CHECK_IS("d", "%c"),
                      table->diff, operation);
}
