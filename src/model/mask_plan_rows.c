#include "model/mask_plan_rows.h"

#include <stdlib.h>

#include "base/strbuf.h"

/* Is the column masked, or computed from one that is? */
static bool
is_changed(const MaskPlan *plan, int relation, int column)
{
    if (plan->column_of[relation] != NULL && plan->column_of[relation][column] != NULL)
        return true;
    for (int i = 0; i < plan->n_generated; i++)
    {
        if (plan->generated[i].relation == relation &&
            plan->generated[i].column == column)
            return true;
    }
    return false;
}

static bool
is_any_changed(const MaskPlan *plan, int relation, const int *columns, int n)
{
    for (int i = 0; i < n; i++)
    {
        if (is_changed(plan, relation, columns[i]))
            return true;
    }
    return false;
}

static void
find_generated(MaskPlan *plan, const MaskFacts *facts)
{
    plan->generated =
        ARENA_ARRAY(plan->catalog->arena, facts->n_generated, MaskGenerated);
    for (int i = 0; i < facts->n_generated; i++)
    {
        const MaskGeneratedFacts *of = &facts->generated[i];

        /* no generated column is computed from another */
        if (is_any_changed(plan, of->generated.relation, of->sources, of->n_sources))
            plan->generated[plan->n_generated++] = of->generated;
    }
}

static bool
has_generated(const Relation *relation, const int *columns, int n)
{
    for (int i = 0; i < n; i++)
    {
        if (relation->columns[columns[i]].is_generated)
            return true;
    }
    return false;
}

/* The key's columns as SQL. */
static const char *
format_index_columns(const MaskPlan *plan, const MaskUniqueIndex *index)
{
    const Relation *relation = &plan->catalog->relations[index->relation];
    PQExpBufferData text;
    const char *copy;

    initPQExpBuffer(&text);
    for (int i = 0; i < index->n_columns; i++)
        appendPQExpBuffer(&text, "%s%s", i == 0 ? "" : ", ",
                          relation->columns[index->columns[i]].qname);
    copy = arena_copy_string(plan->catalog->arena, text.data);
    termPQExpBuffer(&text);
    return copy;
}

static void
add_index(MaskPlan *plan, const MaskIndexFacts *of)
{
    MaskUniqueIndex *index = &plan->indexes[plan->n_indexes++];
    const Relation *relation = &plan->catalog->relations[of->index.relation];

    *index = of->index;
    if (index->expressions == NULL && index->predicate == NULL &&
        !has_generated(relation, index->columns, index->n_columns))
        return;
    if (index->expressions == NULL)
        index->expressions = format_index_columns(plan, index);
    index->columns = NULL;
    index->n_columns = 0;
}

static void
find_indexes(MaskPlan *plan, const MaskFacts *facts)
{
    plan->indexes = ARENA_ARRAY(plan->catalog->arena, facts->n_indexes, MaskUniqueIndex);
    for (int i = 0; i < facts->n_indexes; i++)
    {
        const MaskIndexFacts *of = &facts->indexes[i];

        if (is_any_changed(plan, of->index.relation, of->index.columns,
                           of->index.n_columns) ||
            is_any_changed(plan, of->index.relation, of->mentioned, of->n_mentioned))
            add_index(plan, of);
    }
}

/* "code (people.code = hash), ..."; generated columns stand for what is masked there. */
static const char *
list_masked(const MaskPlan *plan, const MaskCheckFacts *of)
{
    const Relation *relation = &plan->catalog->relations[of->check.relation];
    MaskColumn **masked = plan->column_of[of->check.relation];
    PQExpBufferData text;
    const char *copy;

    initPQExpBuffer(&text);
    for (int i = 0; masked != NULL && i < of->n_columns; i++)
    {
        const MaskColumn *column = masked[of->columns[i]];

        if (column != NULL)
            appendPQExpBuffer(&text, "%s%s (%s)", text.len > 0 ? ", " : "",
                              relation->columns[of->columns[i]].qname, column->rule);
    }
    copy = arena_copy_string(plan->catalog->arena, text.data);
    termPQExpBuffer(&text);
    return copy;
}

static void
find_checks(MaskPlan *plan, const MaskFacts *facts)
{
    plan->checks = ARENA_ARRAY(plan->catalog->arena, facts->n_checks, MaskCheck);
    for (int i = 0; i < facts->n_checks; i++)
    {
        const MaskCheckFacts *of = &facts->checks[i];

        if ((of->has_whole_row && plan->column_of[of->check.relation] != NULL) ||
            is_any_changed(plan, of->check.relation, of->columns, of->n_columns))
        {
            MaskCheck *check = &plan->checks[plan->n_checks++];

            *check = of->check;
            check->masked = list_masked(plan, of);
        }
    }
}

/* Whatever they are computed from: expressions use them beside masked columns. */
static void
list_generated_columns(MaskPlan *plan, const MaskFacts *facts)
{
    plan->n_generated = 0;
    for (int i = 0; i < facts->n_generated; i++)
    {
        if (plan->column_of[facts->generated[i].generated.relation] != NULL)
            plan->generated[plan->n_generated++] = facts->generated[i].generated;
    }
}

void
mask_plan_rows_find(MaskPlan *plan, const MaskFacts *facts)
{
    find_generated(plan, facts);
    find_indexes(plan, facts);
    find_checks(plan, facts);
    list_generated_columns(plan, facts);
}
