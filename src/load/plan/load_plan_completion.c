/*
 * Rows of a dump that complete others (see InputTable.is_postponed): which of their
 * columns are the key. The dump does not mark where the key ends and the foreign key
 * begins, and the key of the source's table may not be that of the target. So the columns
 * are compared with the primary key, and then with the foreign keys of the target.
 */
#include "load/plan/load_plan_internal.h"

#include <string.h>

#include "base/arena.h"
#include "base/die.h"

/* ---- the key */

static bool
begins_with_key(const Relation *relation, const int *columns, int n_columns)
{
    return relation->n_key > 0 && relation->n_key < n_columns &&
           memcmp(columns, relation->key, (size_t)relation->n_key * sizeof(int)) == 0;
}

static bool
ends_with_foreign_key(const int *columns, int n_columns, const ForeignKey *foreign_key)
{
    int n = foreign_key->n_columns;

    return n < n_columns &&
           memcmp(columns + n_columns - n, foreign_key->referencing_columns,
                  (size_t)n * sizeof(int)) == 0;
}

int
load_plan_completion_count_key(const Catalog *catalog, int relation, const int *columns,
                               int n_columns)
{
    const Relation *found = &catalog->relations[relation];
    int n_key = 0;

    if (begins_with_key(found, columns, n_columns))
        return found->n_key;
    /* the dump has another key: what precedes a foreign key is the key */
    for (int i = 0; i < catalog->n_foreign_keys; i++)
    {
        const ForeignKey *foreign_key = &catalog->foreign_keys[i];

        if (foreign_key->referencing != relation ||
            !ends_with_foreign_key(columns, n_columns, foreign_key))
            continue;
        if (n_key != 0 && n_key != n_columns - foreign_key->n_columns)
            return 0;
        n_key = n_columns - foreign_key->n_columns;
    }
    return n_key;
}

/* ---- the columns */

static _Noreturn void
die_not_completing(const LoadTable *table, const char *path, const char *problem)
{
    die_hint(EXIT_SERVER, "Make the dump without --data-only.",
             "%s: could not complete rows of table %s: %s", path, table->name, problem);
}

/* False if the last column, one of the foreign key, is not loaded. */
static bool
find_completion_columns(const LoadBatch *batch, const LoadTable *table, const char *path,
                        const InputTable *input, int *columns)
{
    for (size_t i = 0; i < input->n_columns; i++)
    {
        columns[i] = load_plan_columns_find(batch, table, input->columns[i]);
        if (columns[i] >= 0 && batch_has_column(table, columns[i]))
            continue;
        if (i + 1 == input->n_columns && table->settings->ignores_unknown_columns)
            return false;
        die_not_completing(table, path, "the rows lack a column to be set");
    }
    return true;
}

void
load_plan_completion(LoadBatch *batch, const LoadTable *into, int source,
                     const char *path, const InputTable *input, StageInput *result)
{
    size_t n = input->n_columns;
    int *columns = ARENA_ARRAY(batch->arena, n, int);
    int *fields = ARENA_ARRAY(batch->arena, n, int);
    StageCompletion *completion = arena_alloc(batch->arena, sizeof(*completion));

    if (!find_completion_columns(batch, into, path, input, columns))
        return;
    for (size_t i = 0; i < n; i++)
        fields[i] = (int)i;
    *completion =
        (StageCompletion){.rows = {.target = into->target,
                                   .settings = into->settings,
                                   .name = into->name,
                                   .qname = into->qname,
                                   .columns = columns,
                                   .n_columns = (int)n},
                          .table = batch_get_index(batch, into),
                          .source = source,
                          .n_key =
                              load_plan_completion_count_key(batch->catalog,
                                                             into->target->relation_index,
                                                             columns, (int)n)};
    if (completion->n_key == 0)
        die_not_completing(into, path, "the columns of the key are not known");
    *result = (StageInput){.table = batch_get_index(batch, into),
                           .fields = fields,
                           .constants = ARENA_ARRAY(batch->arena, n, char *),
                           .n_fields = n,
                           .n_record_fields = n,
                           .completion = completion};
}
