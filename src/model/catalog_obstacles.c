/* What keeps columns from becoming NULL: only needed where foreign keys are ignored. */
#include "model/catalog_load.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "db/row.h"
#include "db/sql_text.h"
#include "db/sqlstate.h"

/* The relation that the table or partition belongs to, or -1, and its leaves. */
static int
find_leaves(const Catalog *catalog, CatalogOid oid, int *first, int *n)
{
    int relation = catalog_find_root(catalog, oid);

    if (relation >= 0)
        catalog_get_leaf_range(catalog, &catalog->relations[relation],
                               catalog_find_relation(catalog, oid) >= 0 ? 0 : oid, first,
                               n);
    return relation;
}

static int
count_ignored_columns(const Catalog *catalog)
{
    int n = 0;

    for (int i = 0; i < catalog->n_foreign_keys; i++)
    {
        if (catalog->foreign_keys[i].is_ignored)
            n += catalog->foreign_keys[i].n_columns;
    }
    return n;
}

static void
load_null_obstacles(Catalog *catalog, Answers *answers)
{
    PGresult *result = answers_query(answers, sql_null_obstacles);
    RowReader row = row_reader(result);
    int n = PQntuples(result) + count_ignored_columns(catalog);

    catalog->n_obstacles = 0;
    catalog->obstacles = ARENA_ARRAY(catalog->arena, n, NullObstacle);
    while (row_next(&row))
    {
        NullObstacle *obstacle = &catalog->obstacles[catalog->n_obstacles];

        *obstacle = (NullObstacle){0};
        obstacle->relation = find_leaves(catalog, row_oid(&row), &obstacle->first_leaf,
                                         &obstacle->n_leaves);
        if (obstacle->relation < 0)
            continue;
        obstacle->column =
            catalog_find_column(&catalog->relations[obstacle->relation], row_text(&row));
        obstacle->reason = arena_copy_string(catalog->arena, row_text(&row));
        if (obstacle->column >= 0)
            catalog->n_obstacles++;
    }
    PQclear(result);
}

/* A domain can reject NULL, by NOT NULL or a CHECK of its own. */
static bool
is_null_forbidden(const Column *column, Answers *answers)
{
    char *sql = mem_format("SELECT NULL::%s", column->declared_type);
    PGresult *result = answers_try(answers, sql);
    bool is_violation =
        sqlstate_is(result, SQLSTATE_CLASS_INTEGRITY_CONSTRAINT_VIOLATION);

    PQclear(result);
    free(sql);
    return is_violation;
}

static void
find_domain_obstacles(Catalog *catalog, Answers *answers, const ForeignKey *key)
{
    const Relation *relation = &catalog->relations[key->referencing];

    for (int i = 0; i < key->n_columns; i++)
    {
        int position = key->referencing_columns[i];
        const Column *column = &relation->columns[position];
        NullObstacle *obstacle = &catalog->obstacles[catalog->n_obstacles];
        char *reason;

        if (column->is_not_null || column->is_generated ||
            strcmp(column->declared_type, column->type_name) == 0 ||
            !is_null_forbidden(column, answers))
            continue;
        reason = mem_format("its type %s allows no NULL", column->declared_type);
        *obstacle = (NullObstacle){.relation = key->referencing,
                                   .column = position,
                                   .n_leaves = relation->n_leaves,
                                   .reason = arena_copy_string(catalog->arena, reason)};
        catalog->n_obstacles++;
        free(reason);
    }
}

/*
 * Reads what the rows of one constraint have in common; false: its table is not in the
 * catalog.
 */
static bool
read_check(const Catalog *catalog, CheckConstraint *check, RowReader *row)
{
    check->relation =
        find_leaves(catalog, row_oid(row), &check->first_leaf, &check->n_leaves);
    check->qname = arena_copy_string(catalog->arena, row_text(row));
    check->table_qname = arena_copy_string(catalog->arena, row_text(row));
    check->alias = arena_copy_string(catalog->arena, row_text(row));
    check->expression = arena_copy_string(catalog->arena, row_text(row));
    return check->relation >= 0;
}

static void
add_column(const Catalog *catalog, CheckConstraint *check, const char *name)
{
    int column = name != NULL
                     ? catalog_find_column(&catalog->relations[check->relation], name)
                     : -1;

    if (column >= 0)
        check->columns[check->n_columns++] = column;
    else
        check->has_whole_row = true;
}

static void
load_checks(Catalog *catalog, Answers *answers)
{
    PGresult *result = answers_query(answers, sql_check_constraints);
    size_t n = (size_t)PQntuples(result);
    int *columns = ARENA_ARRAY(catalog->arena, n, int);
    RowReader row = row_reader(result);
    CheckConstraint *check = NULL;
    CatalogOid last = 0;

    catalog->n_checks = 0;
    catalog->checks = ARENA_ARRAY(catalog->arena, n, CheckConstraint);
    while (row_next(&row))
    {
        CatalogOid oid = row_oid(&row);

        if (oid != last)
        {
            CheckConstraint *next = &catalog->checks[catalog->n_checks];

            *next = (CheckConstraint){.columns = &columns[row.row]};
            check = read_check(catalog, next, &row) ? next : NULL;
            catalog->n_checks += check != NULL ? 1 : 0;
        }
        row.column = 6;
        if (check != NULL)
            add_column(catalog, check, row_text(&row));
        last = oid;
    }
    PQclear(result);
}

void
catalog_obstacles_load(Catalog *catalog, Answers *answers)
{
    answers_set_context(answers, "could not read the catalogs");
    load_null_obstacles(catalog, answers);
    load_checks(catalog, answers);
    /* a run that is resumed has found none */
    for (int i = 0; !answers_are_replayed(answers) && i < catalog->n_foreign_keys; i++)
    {
        if (catalog->foreign_keys[i].is_ignored)
            find_domain_obstacles(catalog, answers, &catalog->foreign_keys[i]);
    }
    answers_set_context(answers, NULL);
}
