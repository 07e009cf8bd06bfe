/* A part of check_query.h: rows with the same key, or with the key of other rows. */
#include "load/check/check_query.h"
#include "load/commit/diff_query.h"
#include "load/effective.h"

enum
{
    N_EXAMPLES = 3
};

/* "k1 COLLATE x, k2" of the table's key, as the key compares them. */
static void
append_key(PQExpBuffer sql, const TargetKey *key)
{
    for (int i = 0; i < key->n_parts; i++)
        appendPQExpBuffer(sql, "%s%s%s", i > 0 ? ", " : "", key->parts[i].expression,
                          key->parts[i].collation);
}

static void
append_no_null(PQExpBuffer sql, const TargetKey *key)
{
    for (int i = 0; i < key->n_parts; i++)
        appendPQExpBuffer(sql, "%s%s IS NOT NULL", i > 0 ? " AND " : "",
                          key->parts[i].expression);
}

/* Of records of a key, that which is loaded, or gives the number, is first. */
static void
append_preference(PQExpBuffer sql, const LoadTable *table)
{
    const TableSettings *settings = table->settings;
    bool is_first_kept = effective_is_first_kept(table);
    bool is_null_first = settings->is_null_timestamp_newest != is_first_kept;

    if (table->timestamp >= 0)
        appendPQExpBuffer(sql, "%s%s NULLS %s, ",
                          table->target->relation->columns[table->timestamp].qname,
                          is_first_kept ? "" : " DESC", is_null_first ? "FIRST" : "LAST");
    appendPQExpBuffer(sql, RECORD_COLUMN "%s",
                      settings->duplicates == DUPLICATES_FIRST || is_first_kept
                          ? ""
                          : " DESC");
}

/* "(SELECT ...) AS r": records with their places among those of the same key. */
static void
append_places(PQExpBuffer sql, const LoadTable *table)
{
    appendPQExpBufferStr(sql, "(SELECT " RECORD_COLUMN " AS record,\n"
                              "               pg_catalog.row_number() OVER (\n"
                              "                 PARTITION BY ");
    append_key(sql, table->key);
    appendPQExpBufferStr(sql, "\n                 ORDER BY ");
    append_preference(sql, table);
    appendPQExpBufferStr(sql, ") AS place");
    if (effective_is_folded(table))
    {
        appendPQExpBufferStr(sql, ",\n               pg_catalog.count(*) OVER (\n"
                                  "                 PARTITION BY ");
        append_key(sql, table->key);
        appendPQExpBufferStr(sql, ") AS n");
    }
    appendPQExpBufferStr(sql, "\n          FROM ");
    check_query_append_staged(sql, table, "s");
    appendPQExpBufferStr(sql, "\n         WHERE ");
    append_no_null(sql, table->key);
    appendPQExpBufferStr(sql, ") AS r");
}

void
check_query_keys_duplicates(PQExpBuffer sql, const LoadTable *table)
{
    appendPQExpBufferStr(sql, "SELECT record\n  FROM ");
    append_places(sql, table);
    appendPQExpBufferStr(sql, "\n WHERE place OPERATOR(pg_catalog.>) 1");
}

void
check_query_keys_folded(PQExpBuffer sql, const LoadTable *table)
{
    appendPQExpBufferStr(sql, "SELECT record, CASE WHEN place OPERATOR(pg_catalog.=) 1"
                              " THEN 'f' ELSE 'd' END::pg_catalog.\"char\" AS reason\n"
                              "  FROM ");
    append_places(sql, table);
    appendPQExpBufferStr(sql, "\n WHERE n OPERATOR(pg_catalog.>) 1");
}

void
check_query_keys_folded_count(PQExpBuffer sql, const LoadTable *table)
{
    appendPQExpBuffer(sql,
                      "SELECT pg_catalog.count(*)\n  FROM %s AS x\n"
                      " WHERE x.reason OPERATOR(pg_catalog.=) 'f'",
                      table->excluded);
}

/* Groups of staged rows with the same key. */
static void
append_groups(PQExpBuffer sql, const LoadTable *table)
{
    appendPQExpBufferStr(sql, "\n          FROM ");
    check_query_append_staged(sql, table, "s");
    appendPQExpBufferStr(sql, "\n         WHERE ");
    append_no_null(sql, table->key);
    appendPQExpBufferStr(sql, "\n         GROUP BY ");
    append_key(sql, table->key);
    appendPQExpBufferStr(sql,
                         "\n        HAVING pg_catalog.count(*) OPERATOR(pg_catalog.>) 1");
}

/* Are equal keys equal in all bytes, so that they are adjacent in any order? */
static bool
is_canonical(const LoadTable *table)
{
    for (int i = 0; i < table->key->n_parts; i++)
    {
        if (!table->target->relation->columns[table->key->parts[i].column].is_canonical ||
            table->key->parts[i].collation[0] != '\0')
            return false;
    }
    return true;
}

/*
 * Sorting for DISTINCT takes half of the time of grouping by hash, and much less if the
 * input is sorted by its key, as it often is; but not in a collation other than "C".
 */
static void
append_distinct(PQExpBuffer sql, const LoadTable *table)
{
    const TargetKey *key = table->key;

    appendPQExpBufferStr(sql, "SELECT pg_catalog.count(*) OPERATOR(pg_catalog.-)\n"
                              "       pg_catalog.count(DISTINCT ");
    appendPQExpBufferStr(sql, key->n_parts > 1 ? "ROW(" : "");
    for (int i = 0; i < key->n_parts; i++)
    {
        const Column *column = &table->target->relation->columns[key->parts[i].column];
        bool has_collation = column->collation != NULL && column->collation[0] != '\0';

        appendPQExpBuffer(sql, "%s%s%s", i > 0 ? ", " : "", column->qname,
                          has_collation ? " COLLATE pg_catalog.\"C\"" : "");
    }
    appendPQExpBufferStr(sql, key->n_parts > 1 ? "))\n  FROM " : ")\n  FROM ");
    check_query_append_staged(sql, table, "s");
    appendPQExpBufferStr(sql, "\n WHERE ");
    append_no_null(sql, key);
}

void
check_query_keys_duplicate_count(PQExpBuffer sql, const LoadTable *table)
{
    if (is_canonical(table))
    {
        append_distinct(sql, table);
        return;
    }
    appendPQExpBufferStr(
        sql, "SELECT COALESCE(pg_catalog.sum(n), 0)\n"
             "  FROM (SELECT pg_catalog.count(*) OPERATOR(pg_catalog.-) 1 AS n");
    append_groups(sql, table);
    appendPQExpBufferStr(sql, ") AS g");
}

void
check_query_keys_duplicate_keys(PQExpBuffer sql, const LoadTable *table)
{
    appendPQExpBufferStr(sql, "SELECT key, first, last\n"
                              "  FROM (SELECT pg_catalog.min(ROW(");
    for (int i = 0; i < table->key->n_parts; i++)
        appendPQExpBuffer(sql, "%s%s", i > 0 ? ", " : "",
                          table->key->parts[i].expression);
    appendPQExpBufferStr(sql,
                         ")::pg_catalog.text) AS key,\n"
                         "               pg_catalog.min(" RECORD_COLUMN ") AS first,\n"
                         "               pg_catalog.max(" RECORD_COLUMN ") AS last");
    append_groups(sql, table);
    appendPQExpBuffer(sql, ") AS g\n ORDER BY first\n LIMIT %d", N_EXAMPLES);
}

/* ", part AS p0, ..." and the columns of the table's own key as k0, ... */
static void
append_key_values(PQExpBuffer sql, const LoadTable *table, const TargetKey *key)
{
    for (int i = 0; i < key->n_parts; i++)
        appendPQExpBuffer(sql, ", %s AS p%d", key->parts[i].expression, i);
    for (int i = 0; table->key != NULL && i < table->key->n_parts; i++)
        appendPQExpBuffer(sql, ", %s AS k%d", table->key->parts[i].expression, i);
}

/* Rows to be written, with their values of the key: r, o, p0, ..., k0, ... */
static void
append_written_values(PQExpBuffer sql, const LoadTable *table, const TargetKey *key,
                      bool is_rekeyed, const char *alias)
{
    appendPQExpBufferStr(sql, "(SELECT " RECORD_COLUMN " AS r, " OP_COLUMN " AS o");
    append_key_values(sql, table, key);
    appendPQExpBufferStr(sql, " FROM ");
    check_query_append_written(sql, table, key->used_columns, key->n_used_columns,
                               check_query_alias(table->target));
    appendPQExpBuffer(sql, " WHERE %s", key->predicate != NULL ? key->predicate : "true");
    if (is_rekeyed)
        appendPQExpBufferStr(sql, " AND (" OP_COLUMN " OPERATOR(pg_catalog.=) 'I'"
                                  " OR " REKEYED_COLUMN ")");
    appendPQExpBuffer(sql, ") AS %s", alias);
}

static void
append_all_values(PQExpBuffer sql, const LoadTable *table, const TargetKey *key,
                  const char *alias)
{
    append_written_values(sql, table, key, false, alias);
}

/* The same, without those that are known to keep their values. */
static void
append_new_values(PQExpBuffer sql, const LoadTable *table, const TargetKey *key,
                  const char *alias)
{
    append_written_values(sql, table, key,
                          table->diff != NULL && diff_query_columns_has_rekeyed(table),
                          alias);
}

/* Rows of the target, or those of them that remain, with their values of the key. */
static void
append_old_values(PQExpBuffer sql, const LoadTable *table, const TargetKey *key,
                  bool is_kept, const char *alias)
{
    appendPQExpBufferStr(sql, "(SELECT true AS is_there");
    append_key_values(sql, table, key);
    appendPQExpBufferStr(sql, " FROM ");
    if (is_kept)
        check_query_append_kept(sql, table, check_query_alias(table->target));
    else
    {
        appendPQExpBufferStr(sql, table->rows);
        appendPQExpBuffer(sql, " AS %s", check_query_alias(table->target));
    }
    appendPQExpBuffer(sql, " WHERE %s) AS %s",
                      key->predicate != NULL ? key->predicate : "true", alias);
}

/* True if two rows cannot both have these values. */
static void
append_equal(PQExpBuffer sql, const TargetKey *key, const char *left, const char *right)
{
    for (int i = 0; i < key->n_parts; i++)
    {
        const KeyPart *part = &key->parts[i];
        bool is_overlap = key->is_period && i + 1 == key->n_parts;

        appendPQExpBufferStr(sql, i > 0 ? " AND " : "");
        if (key->is_null_equal)
            appendPQExpBuffer(sql, "(%s.p%d IS NULL AND %s.p%d IS NULL OR ", left, i,
                              right, i);
        appendPQExpBuffer(sql, "%s.p%d %s %s.p%d%s", left, i,
                          is_overlap ? "OPERATOR(pg_catalog.&&)" : part->operator, right,
                          i, part->collation);
        if (key->is_null_equal)
            appendPQExpBufferChar(sql, ')');
    }
}

/* Is it the same row, by the table's own key? */
static void
append_same(PQExpBuffer sql, const LoadTable *table, const char *left, const char *right,
            bool is_named)
{
    for (int i = 0; i < table->key->n_parts; i++)
    {
        const KeyPart *part = &table->key->parts[i];

        appendPQExpBufferStr(sql, i > 0 ? " AND " : "");
        if (is_named)
            appendPQExpBuffer(sql, "%s.%s", left, part->expression);
        else
            appendPQExpBuffer(sql, "%s.k%d", left, i);
        appendPQExpBuffer(sql, " %s %s.k%d%s", part->operator, right, i, part->collation);
    }
}

static void
append_partition(PQExpBuffer sql, const TargetKey *key)
{
    for (int i = 0; i < key->n_parts; i++)
        appendPQExpBuffer(sql, "%sp%d%s", i > 0 ? ", " : "", i, key->parts[i].collation);
}

/* Written rows (n) with a value of the target's rows, or of those that remain (o). */
static void
append_met(PQExpBuffer sql, const LoadTable *table, const TargetKey *key, bool is_kept)
{
    append_new_values(sql, table, key, "n");
    appendPQExpBufferStr(sql, "\n       JOIN ");
    append_old_values(sql, table, key, is_kept, "o");
    appendPQExpBufferStr(sql, "\n         ON ");
    append_equal(sql, key, "o", "n");
}

/*
 * Of rows of the batch with the same value one is kept: that which has it in the target,
 * or else the first one.
 */
static void
append_unique_in_batch(PQExpBuffer sql, const LoadTable *table, const TargetKey *key)
{
    appendPQExpBufferStr(sql, "SELECT r AS record\n"
                              "  FROM (SELECT g.r, pg_catalog.row_number() OVER (\n"
                              "                 PARTITION BY ");
    append_partition(sql, key);
    appendPQExpBufferStr(sql, "\n                 ORDER BY ");
    if (table->key != NULL && table->diff != NULL)
    {
        appendPQExpBufferStr(sql,
                             "(g.o OPERATOR(pg_catalog.=) 'U' AND EXISTS (SELECT FROM ");
        append_old_values(sql, table, key, false, "h");
        appendPQExpBufferStr(sql, " WHERE ");
        append_same(sql, table, "h", "g", false);
        appendPQExpBufferStr(sql, " AND ");
        append_equal(sql, key, "h", "g");
        appendPQExpBufferStr(sql, ")) DESC, ");
    }
    appendPQExpBufferStr(sql, "g.r) AS place\n"
                              "          FROM (SELECT n.*, pg_catalog.count(*) OVER (\n"
                              "                         PARTITION BY ");
    append_partition(sql, key);
    appendPQExpBufferStr(sql, ") AS n_alike\n                  FROM ");
    append_all_values(sql, table, key, "n");
    if (!key->is_null_equal)
    {
        appendPQExpBufferStr(sql, "\n                 WHERE ");
        for (int i = 0; i < key->n_parts; i++)
            appendPQExpBuffer(sql, "%sn.p%d IS NOT NULL", i > 0 ? " AND " : "", i);
    }
    appendPQExpBufferStr(
        sql, ") AS g\n         WHERE g.n_alike OPERATOR(pg_catalog.>) 1) AS c\n"
             " WHERE place OPERATOR(pg_catalog.>) 1");
}

/* Of rows of the batch that overlap, the first one is kept. */
static void
append_overlaps_in_batch(PQExpBuffer sql, const LoadTable *table, const TargetKey *key)
{
    appendPQExpBufferStr(sql, "SELECT n.r AS record\n  FROM ");
    append_all_values(sql, table, key, "n");
    appendPQExpBufferStr(sql, "\n       JOIN ");
    append_all_values(sql, table, key, "f");
    appendPQExpBufferStr(sql, "\n         ON f.r OPERATOR(pg_catalog.<) n.r AND ");
    append_equal(sql, key, "f", "n");
}

void
check_query_keys_met(PQExpBuffer sql, const LoadTable *table, const TargetKey *key)
{
    appendPQExpBufferStr(sql, "SELECT (SELECT pg_catalog.count(*)\n          FROM ");
    append_met(sql, table, key, false);
    appendPQExpBufferStr(sql, "),\n       (SELECT pg_catalog.count(*)\n          FROM ");
    append_new_values(sql, table, key, "n");
    appendPQExpBufferStr(sql, "\n       JOIN ");
    append_all_values(sql, table, key, "o");
    appendPQExpBufferStr(sql, "\n         ON o.r OPERATOR(pg_catalog.<>) n.r AND ");
    append_equal(sql, key, "o", "n");
    appendPQExpBufferChar(sql, ')');
}

void
check_query_keys_unique(PQExpBuffer sql, const LoadTable *table, const TargetKey *key,
                        bool has_target)
{
    if (has_target)
    {
        appendPQExpBufferStr(sql, "SELECT n.r AS record\n  FROM ");
        append_met(sql, table, key, true);
        appendPQExpBufferStr(sql, "\nUNION\n");
    }
    if (key->is_period)
        append_overlaps_in_batch(sql, table, key);
    else
        append_unique_in_batch(sql, table, key);
}

void
check_query_keys_taken(PQExpBuffer sql, const LoadTable *table, const TargetKey *key)
{
    const char *swaps =
        "FILTER (WHERE " CHECK_IS("x", "U") " AND n.o OPERATOR(pg_catalog.=) 'U'"
                                            " AND x." RECORD_COLUMN
                                            " OPERATOR(pg_catalog.<>) n.r)";

    appendPQExpBuffer(
        sql,
        "SELECT pg_catalog.count(*)"
        " FILTER (WHERE " CHECK_IS("x", "D") "),\n"
                                             "       pg_catalog.count(*) %s,\n"
                                             "       pg_catalog.min(n.r) %s,\n"
                                             "       pg_catalog.max(n.r) %s\n  FROM ",
        swaps, swaps, swaps);
    append_met(sql, table, key, false);
    appendPQExpBuffer(sql, "\n       JOIN %s AS x\n         ON ", table->diff);
    append_same(sql, table, "x", "o", true);
    appendPQExpBufferStr(sql, " AND " CHECK_IS_ANY("x", "U,D"));
}

void
check_query_keys_foreign_scope(PQExpBuffer sql, const LoadTable *table)
{
    appendPQExpBufferStr(sql, "SELECT pg_catalog.count(*), pg_catalog.min(ROW(");
    for (int i = 0; i < table->key->n_parts; i++)
        appendPQExpBuffer(sql, "%sd.%s", i > 0 ? ", " : "",
                          table->key->parts[i].expression);
    appendPQExpBufferStr(sql, ")::pg_catalog.text)\n  FROM ");
    check_query_append_written(sql, table, NULL, 0, "d");
    appendPQExpBufferStr(sql, "\n       JOIN ");
    if (table->diff != NULL)
    {
        appendPQExpBufferStr(sql, table->rows);
        appendPQExpBufferStr(sql, " AS t");
    }
    else
        check_query_append_kept(sql, table, "t");
    appendPQExpBufferStr(sql, "\n         ON ");
    check_query_append_key_match(sql, table->key, "t", "d");
    appendPQExpBufferStr(sql, "\n WHERE " CHECK_IS("d", "I"));
}
