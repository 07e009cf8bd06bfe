#include "model/query.h"

#include <inttypes.h>

#include "model/query_parts.h"

void
query_lock_tables(PQExpBuffer sql, const Catalog *catalog, const bool *is_locked,
                  int first, int n, bool is_nowait)
{
    bool has_any = false;

    for (int i = first; i < first + n; i++)
    {
        const Relation *relation = &catalog->relations[i];

        if (!is_locked[i])
            continue;
        appendPQExpBuffer(sql, "%s%s%s", has_any ? ", " : "LOCK TABLE ",
                          relation->is_partitioned ? "" : "ONLY ", relation->qname);
        has_any = true;
    }
    if (has_any)
        appendPQExpBuffer(sql, " IN ACCESS SHARE MODE%s", is_nowait ? " NOWAIT" : "");
}

/*
 * Leaves of partitions that have picks of their own, and foreign tables, do not belong to
 * the pick of the root.
 */
static void
append_leaf_exclusion(PQExpBuffer sql, const char *table, const Plan *plan,
                      const Pick *pick, bool *has_where)
{
    const Relation *relation = &plan->catalog->relations[pick->relation];
    int first = pick->partition != NULL ? pick->partition->first_leaf : 0;
    int last = first +
               (pick->partition != NULL ? pick->partition->n_leaves : relation->n_leaves);
    int n = 0;

    for (int leaf = first; leaf < last; leaf++)
    {
        if (plan_covers_leaf(plan, pick, leaf) && !relation->leaves[leaf].is_foreign)
            continue;
        if (n++ == 0)
        {
            query_parts_append_and(sql, has_where);
            appendPQExpBuffer(sql, "%stableoid OPERATOR(pg_catalog.<>) ALL ('{", table);
        }
        appendPQExpBuffer(sql, "%s%u", n == 1 ? "" : ",", relation->leaves[leaf].oid);
    }
    if (n > 0)
        appendPQExpBufferStr(sql, "}'::pg_catalog.oid[])");
}

static void
append_pick_from(PQExpBuffer sql, const Relation *relation, const Pick *pick,
                 const char *suffix)
{
    if (pick->partition != NULL)
        appendPQExpBuffer(sql, "\n  FROM %s%s", pick->partition->qname, suffix);
    else
        appendPQExpBuffer(sql, "\n  FROM %s%s%s", relation->is_partitioned ? "" : "ONLY ",
                          relation->qname, suffix);
}

/* The condition is on a line of its own, so that a comment in it ends there. */
static void
append_condition(PQExpBuffer sql, const Rule *rule, bool *has_where)
{
    if (rule == NULL || rule->condition == NULL)
        return;
    query_parts_append_and(sql, has_where);
    appendPQExpBuffer(sql, "(\n%s\n)", rule->condition);
}

static void
append_pick_conditions(PQExpBuffer sql, const Plan *plan, const Pick *pick,
                       bool *has_where)
{
    append_condition(sql, pick->rule, has_where);
    if (!pick->is_unfiltered)
        append_condition(sql, plan->tables[pick->relation].filter, has_where);
}

static void
append_row_id_hash(PQExpBuffer sql, const char *table, uint64_t seed)
{
    appendPQExpBuffer(sql,
                      "pg_catalog.hashtextextended(pg_catalog.concat(%stableoid, "
                      "%sctid), %" PRId64 ")",
                      table, table, (int64_t)seed);
}

static void
append_pick_order(PQExpBuffer sql, const Plan *plan, const Relation *relation,
                  const char *table)
{
    PickOrder order = plan->order;

    if (relation->n_key == 0 && (order == PICK_NEWEST || order == PICK_OLDEST))
        order = PICK_FIRST;
    appendPQExpBufferStr(sql, "\n ORDER BY ");
    if (order == PICK_NEWEST)
        query_parts_append_key_columns(sql, relation, table, " DESC");
    else if (order == PICK_OLDEST)
        query_parts_append_key_columns(sql, relation, table, "");
    else if (order == PICK_RANDOM)
        append_row_id_hash(sql, table, plan->seed);
    else if (order == PICK_STABLE)
        query_parts_append_key_hash(sql, relation, table);
    if (order != PICK_FIRST)
        appendPQExpBufferStr(sql, ", ");
    query_parts_append_scan_order(sql, relation, table);
}

void
query_pick_rows(PQExpBuffer sql, const Plan *plan, const RowLayout *layout,
                const Pick *pick, int64_t n)
{
    bool has_where = false;

    query_parts_begin_rows(sql, layout);
    append_pick_from(sql, layout->relation, pick, " AS t");
    append_leaf_exclusion(sql, "t.", plan, pick, &has_where);
    if (n >= 0)
    {
        /* without an order the scan stops after n rows */
        if (plan->order != PICK_FIRST &&
            !(layout->relation->n_key == 0 && plan->order != PICK_RANDOM &&
              plan->order != PICK_STABLE))
            append_pick_order(sql, plan, layout->relation, "t.");
        appendPQExpBuffer(sql, "\n LIMIT %" PRId64, n);
    }
    query_parts_end_rows(sql, layout);
}

void
query_pick_ids(PQExpBuffer sql, const Plan *plan, const Pick *pick, int64_t n)
{
    const Relation *relation = &plan->catalog->relations[pick->relation];
    bool has_where = false;

    appendPQExpBufferStr(sql, "COPY (SELECT tableoid, ctid");
    append_pick_from(sql, relation, pick, "");
    append_leaf_exclusion(sql, "", plan, pick, &has_where);
    append_pick_conditions(sql, plan, pick, &has_where);
    if (n >= 0)
    {
        /* without a condition, the scan that the settings force is in order anyway */
        if (plan->order != PICK_FIRST || plan_has_condition(plan, pick))
            append_pick_order(sql, plan, relation, "");
        appendPQExpBuffer(sql, "\n LIMIT %" PRId64, n);
    }
    appendPQExpBufferStr(sql, ") TO STDOUT");
}

void
query_count(PQExpBuffer sql, const Plan *plan, const Pick *pick)
{
    bool has_where = false;

    appendPQExpBufferStr(sql, "SELECT pg_catalog.count(*)");
    append_pick_from(sql, &plan->catalog->relations[pick->relation], pick, "");
    append_leaf_exclusion(sql, "", plan, pick, &has_where);
    append_pick_conditions(sql, plan, pick, &has_where);
}

void
query_count_up_to(PQExpBuffer sql, const Relation *relation, int64_t n)
{
    appendPQExpBufferStr(sql, "SELECT pg_catalog.count(*) FROM (SELECT ");
    query_parts_append_from(sql, relation, "t");
    appendPQExpBuffer(sql, " LIMIT %" PRId64 ") AS c", n);
}

void
query_count_sampled(PQExpBuffer sql, const Plan *plan, const Pick *pick, double percent)
{
    bool has_where = false;

    appendPQExpBufferStr(sql, "SELECT pg_catalog.count(*)");
    append_pick_from(sql, &plan->catalog->relations[pick->relation], pick, "");
    appendPQExpBuffer(sql, " TABLESAMPLE SYSTEM (%.9f) REPEATABLE (0)", percent);
    append_leaf_exclusion(sql, "", plan, pick, &has_where);
}

void
query_check_condition(PQExpBuffer sql, const Plan *plan, const Pick *pick)
{
    bool has_where = false;

    /* what closes this parenthesis cannot close the bracket, too */
    appendPQExpBuffer(sql, "SELECT CASE WHEN (\n%s\n) THEN ARRAY[\n%s\n] END",
                      pick->rule->condition, pick->rule->condition);
    append_pick_from(sql, &plan->catalog->relations[pick->relation], pick, "");
    append_condition(sql, pick->rule, &has_where);
    appendPQExpBufferStr(sql, "\n LIMIT 0");
}

void
query_append_pick_order(PQExpBuffer sql, const Plan *plan, const Relation *relation,
                        const char *table)
{
    PickOrder order = plan->order == PICK_FIRST ? PICK_OLDEST : plan->order;

    if (relation->n_key == 0 && (order == PICK_NEWEST || order == PICK_OLDEST))
        query_parts_append_scan_order(sql, relation, table);
    else if (order == PICK_NEWEST || order == PICK_OLDEST)
        query_parts_append_key_columns(sql, relation, table,
                                       order == PICK_NEWEST ? " DESC" : "");
    else
    {
        if (order == PICK_RANDOM)
            append_row_id_hash(sql, table, plan->seed);
        else
            query_parts_append_key_hash(sql, relation, table);
        appendPQExpBufferStr(sql, ", ");
        query_parts_append_scan_order(sql, relation, table);
    }
}
