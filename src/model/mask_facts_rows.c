/* What rows must satisfy: unique indexes, checks, generated columns. */
#include "model/mask_facts_load.h"

#include <string.h>

#include "db/row.h"
#include "db/sql_text.h"

static const char *
copy_or_null(const Catalog *catalog, const char *text)
{
    return text != NULL ? arena_copy_string(catalog->arena, text) : NULL;
}

/* The relation of the table or partition, or -1, and the leaves that it stands for. */
static int
find_range(const Catalog *catalog, CatalogOid oid, int *first_leaf, int *n_leaves)
{
    int relation = catalog_find_root(catalog, oid);

    if (relation >= 0)
        catalog_get_leaf_range(catalog, &catalog->relations[relation],
                               catalog_find_relation(catalog, oid) >= 0 ? 0 : oid,
                               first_leaf, n_leaves);
    return relation;
}

/* The column of that name, or -1 where name is NULL. */
static int
find_named(const Catalog *catalog, int relation, const char *name)
{
    return name != NULL ? catalog_find_column(&catalog->relations[relation], name) : -1;
}

/* ---- indexes */

/* What the rows of one index have in common. */
static void
read_index_head(const Catalog *catalog, MaskUniqueIndex *index, bool *is_exclusion,
                RowReader *row)
{
    index->relation =
        find_range(catalog, row_oid(row), &index->first_leaf, &index->n_leaves);
    index->qname = copy_or_null(catalog, row_text(row));
    *is_exclusion = row_bool(row);
    index->nulls_not_distinct = row_bool(row);
    index->predicate = copy_or_null(catalog, row_text(row));
    index->expressions = copy_or_null(catalog, row_text(row));
}

static void
add_index_column(const MaskFacts *facts, const Catalog *catalog, MaskIndexFacts *index,
                 bool is_exclusion, bool is_key, const char *name)
{
    int relation = index->index.relation;
    int column = find_named(catalog, relation, name);

    if (column < 0)
        return;
    if (is_exclusion)
        facts->columns[relation][column].exclusion = index->index.qname;
    else if (is_key)
        index->index.columns[index->index.n_columns++] = column;
    else
        index->mentioned[index->n_mentioned++] = column;
}

static void
load_index_facts(MaskFacts *facts, const Catalog *catalog, Answers *answers)
{
    PGresult *result = answers_query(answers, sql_mask_indexes);
    size_t n = (size_t)PQntuples(result);
    int *columns = ARENA_ARRAY(catalog->arena, 2 * n, int);
    MaskIndexFacts *index = NULL;
    RowReader row = row_reader(result);
    bool is_exclusion = false;
    CatalogOid last = 0;

    facts->indexes = ARENA_ARRAY(catalog->arena, n + 1, MaskIndexFacts);
    while (row_next(&row))
    {
        CatalogOid oid = row_oid(&row);

        if (oid != last)
        {
            /* the last one is overwritten where it is none of a relation, or excludes */
            index = &facts->indexes[facts->n_indexes];
            *index = (MaskIndexFacts){.index.columns = columns + row.row,
                                      .mentioned = columns + n + row.row};
            read_index_head(catalog, &index->index, &is_exclusion, &row);
            if (index->index.relation >= 0 && !is_exclusion)
                facts->n_indexes++;
        }
        row.column = 7;
        if (index != NULL && index->index.relation >= 0)
        {
            bool is_key = row_bool(&row);

            add_index_column(facts, catalog, index, is_exclusion, is_key, row_text(&row));
        }
        last = oid;
    }
    PQclear(result);
}

/* ---- checks */

static void
add_check_column(const Catalog *catalog, MaskCheckFacts *check, const char *name)
{
    int column = find_named(catalog, check->check.relation, name);

    if (column >= 0)
        check->columns[check->n_columns++] = column;
    else
        check->has_whole_row = true;
}

static void
read_check_head(const Catalog *catalog, MaskCheck *check, RowReader *row)
{
    check->relation =
        find_range(catalog, row_oid(row), &check->first_leaf, &check->n_leaves);
    check->qname = copy_or_null(catalog, row_text(row));
    check->alias = copy_or_null(catalog, row_text(row));
    check->expression = copy_or_null(catalog, row_text(row));
}

static void
load_check_facts(MaskFacts *facts, const Catalog *catalog, Answers *answers)
{
    PGresult *result = answers_query(answers, sql_mask_checks);
    size_t n = (size_t)PQntuples(result);
    int *columns = ARENA_ARRAY(catalog->arena, n, int);
    MaskCheckFacts *check = NULL;
    RowReader row = row_reader(result);
    CatalogOid last = 0;

    facts->checks = ARENA_ARRAY(catalog->arena, n + 1, MaskCheckFacts);
    while (row_next(&row))
    {
        CatalogOid oid = row_oid(&row);

        if (oid != last)
        {
            check = &facts->checks[facts->n_checks];
            *check = (MaskCheckFacts){.columns = columns + row.row};
            read_check_head(catalog, &check->check, &row);
            if (check->check.relation >= 0)
                facts->n_checks++;
        }
        row.column = 5;
        if (check != NULL && check->check.relation >= 0)
            add_check_column(catalog, check, row_text(&row));
        last = oid;
    }
    PQclear(result);
}

/* ---- generated columns */

static void
load_generated_facts(MaskFacts *facts, const Catalog *catalog, Answers *answers)
{
    PGresult *result = answers_query(answers, sql_mask_generated);
    size_t n = (size_t)PQntuples(result);
    int *sources = ARENA_ARRAY(catalog->arena, n, int);
    MaskGeneratedFacts *last = NULL;
    RowReader row = row_reader(result);

    facts->generated = ARENA_ARRAY(catalog->arena, n + 1, MaskGeneratedFacts);
    while (row_next(&row))
    {
        MaskGeneratedFacts *next = &facts->generated[facts->n_generated];
        MaskGenerated *generated = &next->generated;
        int source;

        *next = (MaskGeneratedFacts){.sources = sources + row.row};
        generated->relation = find_range(catalog, row_oid(&row), &generated->first_leaf,
                                         &generated->n_leaves);
        if (generated->relation < 0)
            continue;
        generated->column = find_named(catalog, generated->relation, row_text(&row));
        generated->expression = copy_or_null(catalog, row_text(&row));
        source = find_named(catalog, generated->relation, row_text(&row));
        if (last == NULL || last->generated.relation != generated->relation ||
            last->generated.column != generated->column ||
            last->generated.first_leaf != generated->first_leaf ||
            strcmp(last->generated.expression, generated->expression) != 0)
        {
            last = next;
            facts->n_generated++;
        }
        if (source >= 0)
            last->sources[last->n_sources++] = source;
    }
    PQclear(result);
}

void
mask_facts_rows_load(MaskFacts *facts, const Catalog *catalog, Answers *answers)
{
    load_index_facts(facts, catalog, answers);
    load_check_facts(facts, catalog, answers);
    load_generated_facts(facts, catalog, answers);
}
