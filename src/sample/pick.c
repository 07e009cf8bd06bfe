#include "sample/pick.h"

#include <stdlib.h>

#include "base/bigmem.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/plural.h"
#include "model/query.h"
#include "sample/fetch.h"
#include "sample/random.h"
#include "sample/row_ids.h"

enum
{
    BLOCKS_COUNTED_WHOLE = 500,     /* a table of up to so many is counted */
    BLOCKS_WITHOUT_SAMPLING = 4000, /* ... or up to so many without statistics */
    BLOCKS_SAMPLED = 1000
};

static void
set_rule_context(Db *db, const Plan *plan, const Pick *pick)
{
    const char *name = plan->catalog->relations[pick->relation].qname;
    const Rule *filter = plan->tables[pick->relation].filter;

    if (filter != NULL && pick->rule->condition == NULL)
        db_set_context(db, "--where-column \"%s\" on table %s", filter->text, name);
    else if (filter != NULL && !pick->is_unfiltered)
        db_set_context(db, "rule \"%s\" with --where-column \"%s\" on table %s",
                       pick->rule->text, filter->text, name);
    else
        db_set_context(db, "rule \"%s\" on table %s", pick->rule->text, name);
}

/* Is it one boolean expression that fits the table? what: for the message. */
static void
check_condition(Session *session, const Plan *plan, const Pick *pick, const char *what)
{
    const Relation *relation = &plan->catalog->relations[pick->relation];
    PQExpBufferData sql;
    Db *db;

    if (pick->rule->condition == NULL)
        return;
    db = session_get_user_reader(session, relation);
    initPQExpBuffer(&sql);
    query_check_condition(&sql, plan, pick);
    db_set_context(db, "%s \"%s\" on table %s", what, pick->rule->text, relation->qname);
    PQclear(db_query_rule(db, sql.data));
    db_set_context(db, NULL);
    termPQExpBuffer(&sql);
}

/* One by one, so that unbalanced parentheses of two do not make one valid condition. */
static void
check_filters(Session *session, const Plan *plan, int relation)
{
    for (size_t i = 0; i < plan->subset->n_filters; i++)
    {
        const WhereColumn *filter = &plan->subset->filters[i];
        const Rule rule = {.condition = filter->condition, .text = filter->condition};

        if (catalog_find_column(&plan->catalog->relations[relation], filter->column) >= 0)
            check_condition(session, plan, &(Pick){.relation = relation, .rule = &rule},
                            "--where-column");
    }
}

void
pick_check_conditions(Session *session, const Plan *plan)
{
    for (int i = 0; i < plan->catalog->n_relations; i++)
    {
        const PlanTable *table = &plan->tables[i];

        for (int j = 0; j < table->n_picks; j++)
            check_condition(session, plan, &table->picks[j], "rule");
        for (int j = 0; j < table->n_roots; j++)
            check_condition(session, plan, &table->roots[j], "root rule");
        if (table->filter != NULL && table->is_needed)
            check_filters(session, plan, i);
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

/* The user's SQL has a connection of its own. */
static Db *
get_pick_reader(Session *session, const Plan *plan, const Pick *pick)
{
    const Relation *relation = &plan->catalog->relations[pick->relation];

    return plan_has_condition(plan, pick) ? session_get_user_reader(session, relation)
                                          : session_get_reader(session, relation);
}

/* All rows that the percentage is of, counted. */
static int64_t
count_exactly(Session *session, const Plan *plan, const Pick *pick)
{
    Db *db = get_pick_reader(session, plan, pick);
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
 * The planner's own estimate: the rows of a block when the table was last analyzed, times
 * the blocks of today. False: a part of the table has no statistics. Counting the rows of
 * a thousand blocks instead took 4.0 of 14.8 s for 1 % of 33 tables with 9 GB.
 */
static bool
estimate_from_statistics(const Relation *relation, const int64_t *n_blocks, int64_t *n)
{
    double n_rows = 0;

    for (int i = 0; i < relation->n_leaves; i++)
    {
        const Leaf *leaf = &relation->leaves[i];

        if (n_blocks[i] == 0)
            continue;
        if (leaf->n_tuples <= 0 || leaf->n_pages <= 0)
            return false;
        n_rows += leaf->n_tuples / (double)leaf->n_pages * (double)n_blocks[i];
    }
    *n = (int64_t)n_rows;
    return true;
}

/* From the rows in a sample of about a thousand blocks. */
static int64_t
estimate_from_blocks(Session *session, const Plan *plan, const Pick *pick,
                     int64_t n_blocks)
{
    const Relation *relation = &plan->catalog->relations[pick->relation];
    double percent = 100.0 * BLOCKS_SAMPLED / (double)n_blocks;
    PQExpBufferData sql;
    int64_t n_rows;

    initPQExpBuffer(&sql);
    query_count_sampled(&sql, plan, pick, percent);
    n_rows = query_number(session_get_reader(session, relation), sql.data);
    termPQExpBuffer(&sql);
    return (int64_t)((double)n_rows * 100.0 / percent);
}

/* The rows of a large table; 0: they cannot be estimated. */
static int64_t
estimate(Session *session, const Plan *plan, const Pick *pick)
{
    const Relation *relation = &plan->catalog->relations[pick->relation];
    int64_t *n_blocks = mem_alloc_zero((size_t)relation->n_leaves + 1, sizeof(*n_blocks));
    int64_t n_all = random_count_blocks(session, plan, pick, n_blocks);
    int64_t n = 0;

    if (n_all > BLOCKS_COUNTED_WHOLE &&
        !estimate_from_statistics(relation, n_blocks, &n) &&
        n_all > BLOCKS_WITHOUT_SAMPLING)
        n = estimate_from_blocks(session, plan, pick, n_all);
    free(n_blocks);
    return n;
}

/* How many rows a percentage is of; a large table is not counted but estimated. */
static int64_t
count_for_percent(SampleTable *table, Session *session, const Plan *plan,
                  const Pick *pick)
{
    int64_t n = 0;

    if (!plan_has_condition(plan, pick) && plan->order != PICK_STABLE)
        n = estimate(session, plan, pick);
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

/* The first n of the ids by the hash of their keys; frees ids. */
static RowId *
rank_ids(const Sample *sample, Session *session, int relation, RowId *ids, size_t *n_ids,
         int64_t n)
{
    const RowLayout *layout = &sample->fetch_layouts[relation];
    PQExpBufferData sql;
    RowId *ranked;

    initPQExpBuffer(&sql);
    rowid_sort(ids, *n_ids);
    query_fetch_stable_order_of(&sql, layout, ids, *n_ids, n);
    ranked = row_ids_read(session_get_reader(session, layout->relation), layout->relation,
                          sql.data, n_ids);
    termPQExpBuffer(&sql);
    bigmem_free(ids);
    return ranked;
}

RowId *
pick_row_ids(Sample *sample, Session *session, const Pick *pick, size_t *n_ids)
{
    const Plan *plan = sample->plan;
    int64_t n = decide_count(&sample->tables[pick->relation], session, plan, pick);
    bool is_ranked = plan->order == PICK_STABLE && n >= 0;
    PQExpBufferData sql;
    Db *db;
    RowId *ids = NULL;

    *n_ids = 0;
    if (n == 0)
        return NULL;
    if (n > 0 && plan->order == PICK_RANDOM && !plan_has_condition(plan, pick))
        ids = random_draw(sample, session, pick, (size_t)n);
    if (ids != NULL)
    {
        *n_ids = (size_t)n;
        return ids;
    }
    db = get_pick_reader(session, plan, pick);
    initPQExpBuffer(&sql);
    query_pick_ids(&sql, plan, pick, is_ranked ? -1 : n);
    set_rule_context(db, plan, pick);
    ids = row_ids_read(db, &plan->catalog->relations[pick->relation], sql.data, n_ids);
    db_set_context(db, NULL);
    termPQExpBuffer(&sql);
    if (is_ranked && *n_ids > (size_t)n)
        ids = rank_ids(sample, session, pick->relation, ids, n_ids, n);
    return ids;
}

/* Batch by batch, so that memory does not grow with the number of rows. */
static void
pick_found(Sample *sample, Session *session, const Pick *pick, int64_t n)
{
    Db *db = get_pick_reader(session, sample->plan, pick);
    PQExpBufferData sql;

    initPQExpBuffer(&sql);
    query_pick_ids(&sql, sample->plan, pick, n);
    set_rule_context(db, sample->plan, pick);
    fetch_found(sample, session, pick->relation, db, sql.data);
    db_set_context(db, NULL);
    termPQExpBuffer(&sql);
}

/* Do all row ids come before the first row is fetched? */
static bool
is_by_row_id(const Plan *plan, const Pick *pick)
{
    const Rule *rule = pick->rule;
    bool is_limited =
        rule->kind == RULE_COUNT || (rule->kind == RULE_PERCENT && rule->percent < 100);

    if (plan_has_condition(plan, pick))
        return plan->order == PICK_STABLE && is_limited;
    return plan->order == PICK_RANDOM && is_limited;
}

/* A table that others refer to and that is small enough is taken whole. */
static bool
is_lookup(Session *session, const Plan *plan, const Pick *pick)
{
    const Relation *relation = &plan->catalog->relations[pick->relation];
    PQExpBufferData sql;
    int64_t n;

    if (pick->lookup_rows == 0)
        return false;
    initPQExpBuffer(&sql);
    query_count_up_to(&sql, relation, pick->lookup_rows + 1);
    n = query_number(session_get_reader(session, relation), sql.data);
    termPQExpBuffer(&sql);
    return n <= pick->lookup_rows;
}

static void
pick_one(Sample *sample, Session *session, const Pick *pick)
{
    const Plan *plan = sample->plan;
    int64_t n;
    PQExpBufferData sql;

    if (is_by_row_id(plan, pick))
    {
        size_t n_ids;
        RowId *ids = pick_row_ids(sample, session, pick, &n_ids);

        fetch_ids(sample, session, pick->relation, ids, n_ids);
        bigmem_free(ids);
        return;
    }
    n = decide_count(&sample->tables[pick->relation], session, plan, pick);
    if (n == 0)
        return;
    if (plan_has_condition(plan, pick))
    {
        pick_found(sample, session, pick, n);
        return;
    }
    initPQExpBuffer(&sql);
    query_pick_rows(&sql, plan, &sample->fetch_layouts[pick->relation], pick, n);
    fetch_rows(sample, session, pick->relation, sql.data);
    termPQExpBuffer(&sql);
}

/* Is it read by one statement that depends on no answer? */
static bool
is_plain_pick(const Plan *plan, const Pick *pick)
{
    const Rule *rule = pick->rule;

    return pick->lookup_rows == 0 && !plan_has_condition(plan, pick) &&
           !is_by_row_id(plan, pick) &&
           (rule->kind == RULE_ALL || (rule->kind == RULE_COUNT && rule->count > 0) ||
            (rule->kind == RULE_PERCENT && rule->percent >= 100));
}

bool
pick_is_plain(const Plan *plan, int relation)
{
    const PlanTable *planned = &plan->tables[relation];

    for (int i = 0; i < planned->n_picks; i++)
    {
        if (!is_plain_pick(plan, &planned->picks[i]))
            return false;
    }
    return planned->n_picks > 0;
}

bool
pick_took_all(const Sample *sample, int relation)
{
    const PlanTable *planned = &sample->plan->tables[relation];
    const SampleTable *table = &sample->tables[relation];

    /* partitions may be left out, and rows that roots or a budget have decided about */
    return table->is_picked && planned->n_picks == 1 && !planned->is_skipped &&
           !sample->plan->catalog->relations[relation].is_partitioned &&
           sample->plan->subset == NULL && sample->budget == NULL &&
           pick_is_plain(sample->plan, relation) &&
           (planned->picks[0].rule->kind != RULE_COUNT ||
            table->n_picked < (size_t)planned->picks[0].rule->count);
}

void
pick_append_plain(PQExpBuffer sql, const Sample *sample, int relation, int pick)
{
    const Pick *appended = &sample->plan->tables[relation].picks[pick];
    const Rule *rule = appended->rule;

    query_pick_rows(sql, sample->plan, &sample->fetch_layouts[relation], appended,
                    rule->kind == RULE_COUNT ? rule->count : -1);
}

void
pick_rows(Sample *sample, Session *session, int relation)
{
    static const Rule whole = {.kind = RULE_ALL, .text = "--lookup-rows"};
    const PlanTable *planned = &sample->plan->tables[relation];
    SampleTable *table = &sample->tables[relation];

    sample->picking = relation;
    for (int i = 0; i < planned->n_picks; i++)
    {
        Pick pick = planned->picks[i];

        if (is_lookup(session, sample->plan, &pick))
            pick.rule = &whole;
        pick_one(sample, session, &pick);
    }
    sample->picking = -1;
    table->n_picked = table->n_rows;
    if (table->percent_of >= 0 && planned->n_picks > 0)
        log_verbose("%s: picked %zu of %s%lld row%s",
                    sample->plan->catalog->relations[relation].qname, table->n_picked,
                    table->is_percent_estimated ? "about " : "",
                    (long long)table->percent_of, plural(table->percent_of));
}
