#include "sample/masked/mask_checks.h"

#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/sqltext.h"
#include "sample/masked/mask_failure.h"

/* Conditions over the same rows. */
typedef struct CheckGroup
{
    int relation;
    int first_leaf;
    int n_leaves;
    QueryExpression *conditions;
    const char **names;  /* of the constraints */
    const char **masked; /* columns that they use, as a message has them */
    int n;
    QueryGeneratedList generated;
    int *domains; /* instead of conditions: columns whose domains are checked */
    int n_domains;
} CheckGroup;

struct MaskChecks
{
    const MaskPlan *plan;
    CheckGroup *groups;
    int n_groups;
};

/* ---- what is checked */

/* The place of the column in the list, or its end. */
static int
find_listed(const QueryGenerated *items, int n, int column)
{
    int i = 0;

    while (i < n && items[i].column != column)
        i++;
    return i;
}

/* Generated columns of all rows in these leaves; those of partitions come last. */
static QueryGeneratedList
list_generated(const MaskPlan *plan, int relation, int first_leaf, int n_leaves)
{
    QueryGenerated *items =
        ARENA_ARRAY(plan->catalog->arena, plan->n_generated + 1, QueryGenerated);
    QueryGeneratedList list = {.items = items};

    for (int i = 0; i < plan->n_generated; i++)
    {
        const MaskGenerated *generated = &plan->generated[i];
        int at = find_listed(items, list.n_items, generated->column);

        if (generated->relation != relation || generated->first_leaf > first_leaf ||
            generated->first_leaf + generated->n_leaves < first_leaf + n_leaves)
            continue;
        items[at] =
            (QueryGenerated){.column = generated->column, .sql = generated->expression};
        list.n_items += at == list.n_items ? 1 : 0;
    }
    return list;
}

static CheckGroup *
find_or_add_group(MaskChecks *checks, const MaskCheck *check)
{
    const MaskPlan *plan = checks->plan;
    CheckGroup *group;

    for (int i = 0; i < checks->n_groups; i++)
    {
        group = &checks->groups[i];
        if (group->n_domains == 0 && group->relation == check->relation &&
            group->first_leaf == check->first_leaf && group->n_leaves == check->n_leaves)
            return group;
    }
    group = &checks->groups[checks->n_groups++];
    group->relation = check->relation;
    group->first_leaf = check->first_leaf;
    group->n_leaves = check->n_leaves;
    group->conditions =
        ARENA_ARRAY(plan->catalog->arena, plan->n_checks, QueryExpression);
    group->names = ARENA_ARRAY(plan->catalog->arena, plan->n_checks, const char *);
    group->masked = ARENA_ARRAY(plan->catalog->arena, plan->n_checks, const char *);
    group->generated =
        list_generated(plan, check->relation, check->first_leaf, check->n_leaves);
    return group;
}

static void
add_domains(MaskChecks *checks, int relation)
{
    const Catalog *catalog = checks->plan->catalog;
    const Relation *source = &catalog->relations[relation];
    CheckGroup *group = &checks->groups[checks->n_groups];

    if (checks->plan->column_of[relation] == NULL)
        return;
    group->domains = ARENA_ARRAY(catalog->arena, source->n_columns, int);
    for (int i = 0; i < source->n_columns; i++)
    {
        const MaskColumn *column = checks->plan->column_of[relation][i];

        if (column != NULL && column->has_domain)
            group->domains[group->n_domains++] = i;
    }
    if (group->n_domains == 0)
        return;
    group->relation = relation;
    catalog_get_leaf_range(catalog, source, 0, &group->first_leaf, &group->n_leaves);
    checks->n_groups++;
}

MaskChecks *
mask_checks_new(const MaskPlan *plan)
{
    MaskChecks *checks = mem_alloc_zero(1, sizeof(*checks));

    checks->plan = plan;
    checks->groups =
        mem_alloc_zero((size_t)plan->n_checks + (size_t)plan->catalog->n_relations,
                       sizeof(*checks->groups));
    for (int i = 0; i < plan->n_checks; i++)
    {
        const MaskCheck *check = &plan->checks[i];
        CheckGroup *group = find_or_add_group(checks, check);

        group->names[group->n] = check->qname;
        group->masked[group->n] = check->masked;
        group->conditions[group->n++] =
            (QueryExpression){.alias = check->alias, .sql = check->expression};
    }
    for (int i = 0; i < plan->catalog->n_relations; i++)
        add_domains(checks, i);
    return checks;
}

void
mask_checks_free(MaskChecks *checks)
{
    if (checks == NULL)
        return;
    free(checks->groups);
    free(checks);
}

/* ---- statements */

/* NULL when the server reports an error, of which *error becomes the result. */
static PGresult *
try_statement(MaskBatch *batch, const char *sql, PGresult **error)
{
    Db *db = mask_server_get_db(batch->server);
    PGresult *result;

    db_execute(db, "SAVEPOINT pg_sample_masks");
    result = db_try(db, sql);
    if (!db_succeeded(result))
    {
        *error = result;
        db_execute(db, "ROLLBACK TO SAVEPOINT pg_sample_masks");
        result = NULL;
    }
    db_execute(db, "RELEASE SAVEPOINT pg_sample_masks");
    return result;
}

static QueryRows
choose_rows(MaskBatch *batch, MaskSide side, const size_t *rows, size_t n)
{
    QueryRows chosen = mask_batch_get_rows(batch, side);

    chosen.rows = rows;
    chosen.n_rows = n;
    return chosen;
}

static void
append_evaluation(PQExpBuffer sql, MaskBatch *batch, const CheckGroup *group,
                  MaskSide side, const size_t *rows, size_t n)
{
    const QueryRows chosen = choose_rows(batch, side, rows, n);

    if (group->n_domains > 0)
        query_masked_domains(sql, &chosen, group->domains, group->n_domains);
    else
        query_masked_check(sql, &chosen, group->conditions, group->n, &group->generated);
}

static PGresult *
evaluate(MaskBatch *batch, const CheckGroup *group, MaskSide side, const size_t *rows,
         size_t n, PGresult **error)
{
    PQExpBufferData sql;
    PGresult *result;

    initPQExpBuffer(&sql);
    append_evaluation(&sql, batch, group, side, rows, n);
    result = try_statement(batch, sql.data, error);
    termPQExpBuffer(&sql);
    return result;
}

/* ---- what it means */

static _Noreturn void
die_of_check(const MaskBatch *batch, const CheckGroup *group, int i)
{
    char *detail = mem_format("The masked columns that it uses: %s.", group->masked[i]);

    mask_failure_die(group->masked[i][0] != '\0' ? detail : NULL,
                     "masked rows do not satisfy CHECK constraint %s of table %s",
                     group->names[i], batch->layout->relation->qname);
}

static _Noreturn void
die_of_error(const MaskBatch *batch, const CheckGroup *group, const PGresult *error)
{
    const char *constraint = PQresultErrorField(error, PG_DIAG_CONSTRAINT_NAME);
    const char *domain = PQresultErrorField(error, PG_DIAG_DATATYPE_NAME);
    const char *message = PQresultErrorField(error, PG_DIAG_MESSAGE_PRIMARY);

    if (group->n_domains > 0 && domain != NULL)
        mask_failure_die(message,
                         "masked rows do not satisfy %s%s%s of domain %s, in table %s",
                         constraint != NULL ? "constraint \"" : "NOT NULL",
                         constraint != NULL ? constraint : "",
                         constraint != NULL ? "\"" : "", domain,
                         batch->layout->relation->qname);
    mask_failure_die(message, "%s cannot be evaluated for masked rows of table %s",
                     group->n_domains > 0 ? "domains" : group->names[0],
                     batch->layout->relation->qname);
}

/* Does the raw row break it as well? */
static bool
is_broken_raw(MaskBatch *batch, const CheckGroup *group, size_t row)
{
    PGresult *error = NULL;
    PGresult *result = evaluate(batch, group, MASK_RAW, &row, 1, &error);
    bool is_broken = result == NULL || (group->n_domains == 0 && PQntuples(result) > 0);

    PQclear(result);
    PQclear(error);
    return is_broken;
}

static CheckGroup
get_single(const CheckGroup *group, int i)
{
    CheckGroup single = *group;

    single.conditions = &group->conditions[i];
    single.names = &group->names[i];
    single.masked = &group->masked[i];
    single.n = 1;
    return single;
}

/* Of a row that breaks some of the conditions. */
static void
check_broken_row(MaskBatch *batch, const CheckGroup *group, const PGresult *result,
                 int found, size_t row)
{
    for (int i = 0; i < group->n; i++)
    {
        const CheckGroup single = get_single(group, i);

        if (PQgetvalue(result, found, i + 1)[0] == 't' &&
            !is_broken_raw(batch, &single, row))
            die_of_check(batch, group, i);
    }
}

/* Of one condition, or the domains: the server reports an error for some of the rows. */
static void
check_one_by_one(MaskBatch *batch, const CheckGroup *single, const size_t *rows, size_t n)
{
    for (size_t i = 0; i < n; i++)
    {
        PGresult *error = NULL;
        PGresult *result = evaluate(batch, single, MASK_MASKED, &rows[i], 1, &error);

        if (result == NULL && !is_broken_raw(batch, single, rows[i]))
            die_of_error(batch, single, error);
        if (result != NULL && single->n_domains == 0 && PQntuples(result) > 0 &&
            !is_broken_raw(batch, single, rows[i]))
            die_of_check(batch, single, 0);
        PQclear(result);
        PQclear(error);
    }
}

/* Is it the statement that is wrong, and not a value? */
static bool
is_wrong_statement(const PGresult *error)
{
    const char *state = PQresultErrorField(error, PG_DIAG_SQLSTATE);

    return state != NULL && strncmp(state, "42", 2) == 0;
}

/* From now on the condition is left out. */
static void
drop_condition(MaskBatch *batch, CheckGroup *group, int i, const PGresult *error)
{
    log_warning(
        "masks: CHECK constraint %s of table %s cannot be proved for masked rows: "
        "%s",
        group->names[i], batch->layout->relation->qname,
        PQresultErrorField(error, PG_DIAG_MESSAGE_PRIMARY));
    group->n--;
    memmove(&group->conditions[i], &group->conditions[i + 1],
            (size_t)(group->n - i) * sizeof(*group->conditions));
    memmove(&group->names[i], &group->names[i + 1],
            (size_t)(group->n - i) * sizeof(*group->names));
}

static void
check_conditions_alone(MaskBatch *batch, CheckGroup *group, const size_t *rows, size_t n)
{
    for (int i = group->n - 1; i >= 0; i--)
    {
        const CheckGroup single = get_single(group, i);
        PGresult *error = NULL;
        PGresult *result = evaluate(batch, &single, MASK_MASKED, rows, n, &error);

        if (result == NULL && is_wrong_statement(error))
            drop_condition(batch, group, i, error);
        else
            check_one_by_one(batch, &single, rows, n);
        PQclear(result);
        PQclear(error);
    }
}

static size_t
list_leaf_rows(const MaskBatch *batch, const CheckGroup *group, size_t *rows)
{
    size_t n = 0;

    for (size_t i = 0; i < batch->n_rows; i++)
    {
        if (batch->leaves[i] >= group->first_leaf &&
            batch->leaves[i] < group->first_leaf + group->n_leaves)
            rows[n++] = i;
    }
    return n;
}

static void
run_group(MaskBatch *batch, CheckGroup *group)
{
    size_t *rows = ARENA_ARRAY(batch->arena, batch->n_rows + 1, size_t);
    size_t n = list_leaf_rows(batch, group, rows);
    PGresult *error = NULL;
    PGresult *result;

    if (n == 0 || (group->n == 0 && group->n_domains == 0))
        return;
    result = evaluate(batch, group, MASK_MASKED, rows, n, &error);
    if (result == NULL && group->n_domains > 0)
        check_one_by_one(batch, group, rows, n);
    else if (result == NULL)
        check_conditions_alone(batch, group, rows, n);
    for (int i = 0; result != NULL && group->n_domains == 0 && i < PQntuples(result); i++)
    {
        size_t position = strtoul(PQgetvalue(result, i, 0), NULL, 10);

        check_broken_row(batch, group, result, i, rows[position - 1]);
    }
    PQclear(result);
    PQclear(error);
}

void
mask_checks_run(MaskChecks *checks, MaskBatch *batch)
{
    for (int i = 0; i < checks->n_groups; i++)
    {
        if (checks->groups[i].relation == batch->layout->position)
            run_group(batch, &checks->groups[i]);
    }
}

PGresult *
mask_checks_compute_keys(MaskBatch *batch, const MaskUniqueIndex *index,
                         const size_t *rows, size_t n)
{
    const Relation *relation = batch->layout->relation;
    const QueryRows chosen = choose_rows(batch, MASK_MASKED, rows, n);
    const QueryGeneratedList generated =
        list_generated(batch->plan, index->relation, index->first_leaf, index->n_leaves);
    Db *db = mask_server_get_db(batch->server);
    QueryExpression keys = {.sql = index->expressions};
    PQExpBufferData alias;
    PQExpBufferData sql;
    PGresult *result;

    initPQExpBuffer(&alias);
    initPQExpBuffer(&sql);
    sqltext_append_quoted(&alias, relation->name, strlen(relation->name));
    keys.alias = alias.data;
    query_masked_keys(&sql, &chosen, &keys, index->predicate, &generated);
    db_set_context(db, "could not compute the keys of index %s for masked rows",
                   index->qname);
    result = db_query(db, sql.data);
    db_set_context(db, NULL);
    if ((size_t)PQntuples(result) != n)
        die_message(EXIT_SERVER, "index %s returned another number of keys",
                    index->qname);
    termPQExpBuffer(&alias);
    termPQExpBuffer(&sql);
    return result;
}
