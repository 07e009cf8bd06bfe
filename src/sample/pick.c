#include "sample/pick.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "model/query.h"
#include "sample/fetch.h"
#include "sample/random.h"

enum
{
    BLOCKS_COUNTED_WHOLE = 4000, /* a table of up to so many is counted row by row */
    BLOCKS_SAMPLED = 1000
};

static void
set_rule_context(Db *db, const Plan *plan, const Pick *pick)
{
    db_set_context(db, "rule \"%s\" on table %s", pick->rule->text,
                   plan->catalog->relations[pick->relation].qname);
}

static void
check_condition(Session *session, const Plan *plan, const Pick *pick)
{
    Db *db = session_get_user_reader(session, &plan->catalog->relations[pick->relation]);
    PQExpBufferData sql;
    PGresult *result;

    initPQExpBuffer(&sql);
    query_check_condition(&sql, plan, pick);
    set_rule_context(db, plan, pick);
    result = db_try(db, sql.data);
    if (!db_succeeded(result))
        db_die_rule(db, result);
    PQclear(result);
    db_set_context(db, NULL);
    termPQExpBuffer(&sql);
}

void
pick_check_conditions(Session *session, const Plan *plan)
{
    for (int i = 0; i < plan->catalog->n_relations; i++)
    {
        const PlanTable *table = &plan->tables[i];

        for (int j = 0; j < table->n_picks; j++)
        {
            if (table->picks[j].rule->condition != NULL)
                check_condition(session, plan, &table->picks[j]);
        }
    }
}

static int64_t
query_number(Db *db, const char *sql)
{
    char *text = db_query_value(db, sql);
    int64_t number = strtoll(text, NULL, 10);

    free(text);
    return number;
}

/* All rows that the rule is a share of, counted one by one. */
static int64_t
count_exactly(Session *session, const Plan *plan, const Pick *pick)
{
    const Relation *relation = &plan->catalog->relations[pick->relation];
    Db *db = pick->rule->condition != NULL ? session_get_user_reader(session, relation)
                                           : session_get_reader(session, relation);
    PQExpBufferData sql;
    int64_t n;

    initPQExpBuffer(&sql);
    query_count(&sql, plan, pick);
    set_rule_context(db, plan, pick);
    n = query_number(db, sql.data);
    db_set_context(db, NULL);
    termPQExpBuffer(&sql);
    return n;
}

/*
 * The rows of the table from those in a sample of about a thousand of its blocks, which
 * errs by a few percent. Where nearly every block has rows, the rows in a block are what
 * varies least; otherwise the share of the blocks is all there is to go by.
 */
static int64_t
estimate_from_blocks(Session *session, const Plan *plan, const Pick *pick,
                     int64_t n_blocks)
{
    const Relation *relation = &plan->catalog->relations[pick->relation];
    double percent = 100.0 * BLOCKS_SAMPLED / (double)n_blocks;
    PQExpBufferData sql;
    PGresult *result;
    double n_rows;
    double n_filled;

    initPQExpBuffer(&sql);
    query_count_blocks(&sql, plan, pick, percent);
    result = db_query_row(session_get_reader(session, relation), sql.data);
    n_rows = strtod(PQgetvalue(result, 0, 0), NULL);
    n_filled = strtod(PQgetvalue(result, 0, 1), NULL);
    PQclear(result);
    termPQExpBuffer(&sql);
    if (n_filled > 0.85 * BLOCKS_SAMPLED)
        return (int64_t)(n_rows / n_filled * (double)n_blocks);
    return (int64_t)(n_rows * 100.0 / percent);
}

/* How many rows a percent is of; a large table is not counted but estimated. */
static int64_t
count_for_percent(SampleTable *table, Session *session, const Plan *plan,
                  const Pick *pick)
{
    int64_t n_blocks;
    int64_t n;

    if (pick->rule->condition != NULL || plan->order == PICK_STABLE)
        return count_exactly(session, plan, pick);
    n_blocks = random_count_blocks(session, plan, pick, NULL);
    if (n_blocks <= BLOCKS_COUNTED_WHOLE)
        return count_exactly(session, plan, pick);
    n = estimate_from_blocks(session, plan, pick, n_blocks);
    if (n == 0)
        return count_exactly(session, plan, pick);
    table->is_percent_estimated = true;
    return n;
}

/* The number of rows to take; -1: all. */
static int64_t
decide_count(SampleTable *table, Session *session, const Plan *plan, const Pick *pick)
{
    const Rule *rule = pick->rule;
    int64_t total;
    int64_t n;

    if (rule->kind == RULE_ALL)
        return -1;
    if (rule->kind == RULE_COUNT)
        return rule->count;
    if (rule->percent >= 100)
        return -1;
    total = count_for_percent(table, session, plan, pick);
    table->percent_of = (table->percent_of > 0 ? table->percent_of : 0) + total;
    n = (int64_t)((double)total * rule->percent / 100.0 + 0.5);
    return n == 0 && total > 0 ? 1 : n;
}

/* The first n of the places by the hash of their keys; takes over ids. */
static RowId *
rank_ids(const Sample *sample, Session *session, int relation, RowId *ids, size_t *n_ids,
         int64_t n)
{
    const RowLayout *layout = &sample->fetch_layouts[relation];
    PQExpBufferData sql;
    RowId *ranked;

    initPQExpBuffer(&sql);
    rowids_sort(ids, *n_ids);
    query_stable_order_of(&sql, layout, ids, *n_ids, n);
    ranked = fetch_places(session_get_reader(session, layout->relation), layout->relation,
                          sql.data, n_ids);
    termPQExpBuffer(&sql);
    free(ids);
    return ranked;
}

static void
pick_by_condition(Sample *sample, Session *session, const Pick *pick, int64_t n)
{
    const Plan *plan = sample->plan;
    const Relation *relation = &plan->catalog->relations[pick->relation];
    Db *db = session_get_user_reader(session, relation);
    bool is_ranked = plan->order == PICK_STABLE && n >= 0;
    PQExpBufferData sql;
    RowId *ids;
    size_t n_ids;

    initPQExpBuffer(&sql);
    query_pick_ids(&sql, plan, pick, is_ranked ? -1 : n);
    set_rule_context(db, plan, pick);
    if (is_ranked)
    {
        ids = fetch_places(db, relation, sql.data, &n_ids);
        if (n_ids > (size_t)n)
            ids = rank_ids(sample, session, pick->relation, ids, &n_ids, n);
        fetch_ids(sample, session, pick->relation, ids, n_ids);
        free(ids);
    }
    else
        fetch_found(sample, session, pick->relation, db, sql.data);
    db_set_context(db, NULL);
    termPQExpBuffer(&sql);
}

static void
pick_one(Sample *sample, Session *session, const Pick *pick)
{
    const Plan *plan = sample->plan;
    SampleTable *table = &sample->tables[pick->relation];
    int64_t n = decide_count(table, session, plan, pick);
    PQExpBufferData sql;

    if (n == 0)
        return;
    if (pick->rule->condition != NULL)
    {
        pick_by_condition(sample, session, pick, n);
        return;
    }
    if (n > 0 && plan->order == PICK_RANDOM &&
        random_pick(sample, session, pick, (size_t)n))
        return;
    initPQExpBuffer(&sql);
    query_pick_rows(&sql, plan, &sample->fetch_layouts[pick->relation], pick, n);
    fetch_rows(sample, session, pick->relation, sql.data);
    termPQExpBuffer(&sql);
}

void
pick_rows(Sample *sample, Session *session, int relation)
{
    const PlanTable *planned = &sample->plan->tables[relation];
    SampleTable *table = &sample->tables[relation];

    for (int i = 0; i < planned->n_picks; i++)
        pick_one(sample, session, &planned->picks[i]);
    table->n_picked = table->n_rows;
    if (table->percent_of >= 0)
        log_verbose("%s: %zu rows are the share of %s%lld",
                    sample->plan->catalog->relations[relation].qname, table->n_picked,
                    table->is_percent_estimated ? "about " : "",
                    (long long)table->percent_of);
}
