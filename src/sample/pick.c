#include "sample/pick.h"

#include <stdlib.h>

#include "base/bigmem.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/plural.h"
#include "model/query.h"
#include "sample/fetch.h"
#include "sample/pick_rule.h"
#include "sample/random.h"
#include "sample/row_ids.h"

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
    int64_t n = pick_rule_count(sample, session, pick);
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
    db = pick_rule_get_reader(session, plan, pick);
    initPQExpBuffer(&sql);
    query_pick_ids(&sql, plan, pick, is_ranked ? -1 : n);
    pick_rule_set_context(db, plan, pick);
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
    Db *db = pick_rule_get_reader(session, sample->plan, pick);
    PQExpBufferData sql;

    initPQExpBuffer(&sql);
    query_pick_ids(&sql, sample->plan, pick, n);
    pick_rule_set_context(db, sample->plan, pick);
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
    n = pick_rule_query_number(session_get_reader(session, relation), sql.data);
    termPQExpBuffer(&sql);
    return n <= pick->lookup_rows;
}

/* n: how many rows it takes, if that is decided. */
static void
pick_one(Sample *sample, Session *session, const Pick *pick, int64_t n)
{
    const Plan *plan = sample->plan;
    PQExpBufferData sql;

    if (is_by_row_id(plan, pick))
    {
        size_t n_ids;
        RowId *ids = pick_row_ids(sample, session, pick, &n_ids);

        fetch_ids(sample, session, pick->relation, ids, n_ids);
        bigmem_free(ids);
        return;
    }
    if (n == PICK_RULE_UNDECIDED)
        n = pick_rule_count(sample, session, pick);
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

static int64_t
get_decided_count(const SampleTable *table, int pick)
{
    return table->pick_counts != NULL ? table->pick_counts[pick] : PICK_RULE_UNDECIDED;
}

/* Is it read by one statement that depends on no answer? */
static bool
is_plain_pick(const Plan *plan, const Pick *pick, int64_t n)
{
    const Rule *rule = pick->rule;

    return pick->lookup_rows == 0 && !plan_has_condition(plan, pick) &&
           !is_by_row_id(plan, pick) &&
           (rule->kind == RULE_ALL || (rule->kind == RULE_COUNT && rule->count > 0) ||
            (rule->kind == RULE_PERCENT && (rule->percent >= 100 || n >= 0)));
}

bool
pick_is_plain(const Sample *sample, int relation)
{
    const PlanTable *planned = &sample->plan->tables[relation];

    for (int i = 0; i < planned->n_picks; i++)
    {
        if (!is_plain_pick(sample->plan, &planned->picks[i],
                           get_decided_count(&sample->tables[relation], i)))
            return false;
    }
    return planned->n_picks > 0;
}

/* How many rows a plain pick takes, or PICK_RULE_ALL. */
static int64_t
get_plain_count(const Sample *sample, int relation, int pick)
{
    const Rule *rule = sample->plan->tables[relation].picks[pick].rule;
    int64_t n = get_decided_count(&sample->tables[relation], pick);

    if (n != PICK_RULE_UNDECIDED)
        return n;
    return rule->kind == RULE_COUNT ? rule->count : PICK_RULE_ALL;
}

bool
pick_took_all(const Sample *sample, int relation)
{
    const PlanTable *planned = &sample->plan->tables[relation];
    const SampleTable *table = &sample->tables[relation];
    int64_t n = planned->n_picks > 0 ? get_plain_count(sample, relation, 0) : 0;

    /* partitions may be left out, and rows that roots or a budget have decided about */
    return table->is_picked && planned->n_picks == 1 && !planned->is_skipped &&
           !sample->plan->catalog->relations[relation].is_partitioned &&
           sample->plan->subset == NULL && sample->budget == NULL &&
           pick_is_plain(sample, relation) &&
           (n == PICK_RULE_ALL || table->n_picked < (size_t)n);
}

void
pick_append_plain(PQExpBuffer sql, const Sample *sample, int relation, int pick)
{
    const Pick *appended = &sample->plan->tables[relation].picks[pick];

    query_pick_rows(sql, sample->plan, &sample->fetch_layouts[relation], appended,
                    get_plain_count(sample, relation, pick));
}

void
pick_settle(Sample *sample, int relation)
{
    SampleTable *table = &sample->tables[relation];

    table->n_picked = table->n_rows;
    if (table->percent_of >= 0 && sample->plan->tables[relation].n_picks > 0)
        log_verbose("%s: picked %zu of %s%lld row%s",
                    sample->plan->catalog->relations[relation].qname, table->n_picked,
                    table->is_percent_estimated ? "about " : "",
                    (long long)table->percent_of, plural(table->percent_of));
}

void
pick_rows(Sample *sample, Session *session, int relation)
{
    static const Rule whole = {.kind = RULE_ALL, .text = "--lookup-rows"};
    const PlanTable *planned = &sample->plan->tables[relation];

    sample->picking = relation;
    for (int i = 0; i < planned->n_picks; i++)
    {
        Pick pick = planned->picks[i];

        if (is_lookup(session, sample->plan, &pick))
            pick.rule = &whole;
        pick_one(sample, session, &pick, get_decided_count(&sample->tables[relation], i));
    }
    sample->picking = -1;
    pick_settle(sample, relation);
}
