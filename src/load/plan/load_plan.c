#include "load/plan/load_plan.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/die.h"
#include "base/log.h"
#include "base/mem.h"
#include "db/db.h"
#include "load/plan/load_plan_internal.h"
#include "load/plan/target.h"

void
load_plan_begin(LoadBatch *batch, PlanContext *context)
{
    size_t n = context->only != NULL ? context->only->n_items : 0;

    /* tables never move, since others point to them */
    batch->tables = ARENA_ARRAY(batch->arena, batch->catalog->n_relations, LoadTable);
    batch->order = ARENA_ARRAY(batch->arena, batch->catalog->n_relations, int);
    context->only_relations = ARENA_ARRAY(batch->arena, n, int);
    context->is_only_used = ARENA_ARRAY(batch->arena, n, bool);
    for (size_t i = 0; i < n; i++)
        context->only_relations[i] =
            target_find(batch->db, batch->catalog, context->only->items[i]);
}

bool
load_plan_wants(PlanContext *context, int relation)
{
    size_t n = context->only != NULL ? context->only->n_items : 0;
    bool is_found = n == 0;

    for (size_t i = 0; i < n; i++)
    {
        if (context->only_relations[i] != relation)
            continue;
        context->is_only_used[i] = true;
        is_found = true;
    }
    return is_found;
}

/* The relations that the server reads to enforce foreign keys of the relation. */
static bool *
find_reached(const Catalog *catalog, int relation)
{
    bool *is_included = mem_alloc_zero((size_t)catalog->n_relations, sizeof(bool));
    bool is_growing = true;

    is_included[relation] = true;
    while (is_growing)
    {
        is_growing = false;
        for (int i = 0; i < catalog->n_foreign_keys; i++)
        {
            const ForeignKey *key = &catalog->foreign_keys[i];

            if (!is_included[key->referenced] || is_included[key->referencing])
                continue;
            is_growing = is_included[key->referencing] = true;
        }
    }
    for (int i = 0; i < catalog->n_foreign_keys; i++)
    {
        const ForeignKey *key = &catalog->foreign_keys[i];

        if (key->referencing == relation)
            is_included[key->referenced] = true;
    }
    return is_included;
}

/*
 * Foreign keys, triggers and --check execute statements that the loader did not write: if
 * these can read a table that the server misreads, partition pruning is turned off.
 */
static void
meet_misread(LoadBatch *batch, const LoadTable *table)
{
    const Catalog *catalog = batch->catalog;
    bool *is_included;

    if (batch->misread.tables == NULL)
        return;
    is_included = find_reached(catalog, table->target->relation_index);
    for (int i = 0; i < catalog->n_relations; i++)
    {
        if ((is_included[i] || table->settings->n_assertions > 0) &&
            misread_meet(&batch->misread, i))
            db_pruning_distrust_all();
    }
    free(is_included);
}

void
load_plan_refuse_own(const LoadBatch *batch, int relation)
{
    const Relation *found = &batch->catalog->relations[relation];

    if (found->is_of_loader || strcmp(found->schema, batch->settings->schema_name) == 0)
        die_hint(EXIT_SERVER,
                 "What it keeps about loads cannot be loaded; leave such tables out with "
                 "--exclude-table.",
                 "%s is a table of pg-sample-load itself", found->qname);
}

/* Adds the table, without columns. */
static LoadTable *
add_table(LoadBatch *batch, int relation, const TableSettings *settings)
{
    LoadTable *table = &batch->tables[batch->n_tables];

    load_plan_refuse_own(batch, relation);
    *table = (LoadTable){.target = target_load(batch->db, batch->catalog, &relation, 1),
                         .settings = settings,
                         .timestamp = -1};
    load_plan_table_open(batch, table);
    meet_misread(batch, table);
    batch->n_tables++;
    return table;
}

static const TableSettings *
find_settings_of(const PlanContext *context, const LoadBatch *batch, int relation)
{
    const Relation *found = &batch->catalog->relations[relation];

    return context->find_settings(context->find_context, found->schema, found->name);
}

static const char *
get_target_name(const PlanContext *context, const LoadSource *from,
                const InputTable *input)
{
    const char *name = from->table;

    if (name == NULL || (from->is_guess && input->name != NULL))
        name = input->name;
    else if (input->name != NULL)
        die_hint(EXIT_USAGE, "Use --table-name to select tables of the dump.",
                 "cannot load %s into a given table: a dump names its tables",
                 from->name);
    if (name == NULL)
        die_hint(EXIT_USAGE, "Write TABLE=FILE, or TABLE=- for standard input.",
                 "target table of \"%s\" is not specified", from->name);
    return context->find_target(context->find_context, name);
}

static bool
is_excluded_table(const PlanContext *plan, const char *name)
{
    return plan->is_excluded != NULL && plan->is_excluded(plan->find_context, name);
}

/*
 * Rows of a partition are loaded into the partitioned table. -1: the table is excluded,
 * by its name in the source or by its own; it does not have to exist.
 */
static int
find_relation(const PlanContext *plan, const LoadBatch *batch, int source,
              const InputTable *input, const Partition **partition)
{
    const char *name = get_target_name(plan, &batch->sources[source], input);
    int relation;

    *partition = NULL;
    if ((input->name != NULL && is_excluded_table(plan, input->name)) ||
        is_excluded_table(plan, name))
        return -1;
    relation = input->name != NULL
                   ? target_find_root(batch->db, batch->catalog, name, partition)
                   : target_find(batch->db, batch->catalog, name);
    return is_excluded_table(plan, batch->catalog->relations[relation].qname) ? -1
                                                                              : relation;
}

static void
note_partition(const LoadBatch *batch, LoadTable *table, const Partition *partition)
{
    if (partition == NULL)
    {
        table->has_whole = true;
        return;
    }
    if (table->has_leaf == NULL)
        table->has_leaf =
            arena_alloc(batch->arena, (size_t)table->target->relation->n_leaves);
    for (int i = 0; i < partition->n_leaves; i++)
        table->has_leaf[partition->first_leaf + i] = true;
}

StageInput
load_plan_input(void *context, LoadBatch *batch, int source, const InputTable *input)
{
    PlanContext *plan = context;
    const char *path = batch->sources[source].name;
    const Partition *partition;
    int relation = find_relation(plan, batch, source, input, &partition);
    StageInput result = {.table = -1};
    LoadTable *table;
    bool is_new;

    load_plan_origin_check(batch, path, input->origin, input->mark);
    if (relation < 0 || !load_plan_wants(plan, relation))
        return result;
    table = batch_find_table(batch, relation);
    is_new = table == NULL;
    if (input->is_postponed)
    {
        if (is_new)
            die_message(EXIT_SERVER,
                        "%s completes rows of table %s, but does not "
                        "contain them",
                        path, batch->catalog->relations[relation].name);
        load_plan_completion(batch, table, source, path, input, &result);
        return result;
    }
    if (is_new)
        table = add_table(batch, relation, find_settings_of(plan, batch, relation));
    result.table = batch_get_index(batch, table);
    if (input->has_members)
        load_plan_members_match(batch, table, path, &result);
    else
        load_plan_columns_match(batch, table, path, input, &result);
    if (is_new)
        load_plan_table_settle(batch, table);
    load_plan_origin_note(batch, table, path, input);
    note_partition(batch, table, partition);
    batch_note_source(table, source);
    return result;
}

int
load_plan_staged(PlanContext *context, LoadBatch *batch, const StagedLoad *staged)
{
    int relation = target_find(batch->db, batch->catalog, staged->target);
    LoadTable *table =
        add_table(batch, relation, find_settings_of(context, batch, relation));
    InputTable input = {.name = staged->target,
                        .columns = staged->columns,
                        .n_columns = staged->n_columns};
    StageInput unused = {.table = -1};

    load_plan_origin_check(batch, staged->qname, staged->origin, staged->mark);
    load_plan_columns_match(batch, table, staged->target, &input, &unused);
    table->has_presence = staged->has_presence;
    load_plan_table_settle(batch, table);
    input.origin = staged->origin;
    input.mark = staged->mark;
    load_plan_origin_note(batch, table, staged->qname, &input);
    return batch_get_index(batch, table);
}

LoadTable *
load_plan_restored(const PlanContext *context, LoadBatch *batch, int relation,
                   const StringList *key, const int *columns, int n_columns,
                   bool is_audited)
{
    TableSettings *settings = arena_alloc(batch->arena, sizeof(*settings));
    LoadTable *table;

    *settings = *find_settings_of(context, batch, relation);
    settings->mode = MODE_FULL; /* rows are inserted, updated and deleted */
    settings->strategy = STRATEGY_UPSERT;
    settings->conflict = CONFLICT_REPLACE;
    settings->apply = APPLY_DIFF;
    settings->natural_key = *key;
    settings->immutable_fields = (StringList){0};
    settings->updated_at_column = NULL;
    settings->has_no_updated_at = true;
    settings->has_soft_delete = false;
    settings->has_no_timestamp = true;
    settings->n_assertions = 0;
    settings->has_undo = false;
    settings->is_audited = settings->is_audited || is_audited;
    table = add_table(batch, relation, settings);
    table->columns = columns;
    table->n_columns = n_columns;
    load_plan_table_settle(batch, table);
    return table;
}

/* ---- the order: referenced tables before referencing ones */

/* Components are numbered with the referencing ones first. Insertion sort: n is small. */
static void
sort_tables(LoadBatch *batch)
{
    for (int i = 0; i < batch->n_tables; i++)
    {
        int at = i;

        while (at > 0 && batch_get_component(batch, batch->order[at - 1]) <
                             batch_get_component(batch, i))
        {
            batch->order[at] = batch->order[at - 1];
            at--;
        }
        batch->order[at] = i;
    }
}

void
load_plan_check_only(const LoadBatch *batch, const PlanContext *context)
{
    for (size_t i = 0; context->only != NULL && i < context->only->n_items; i++)
    {
        int relation = context->only_relations[i];

        if (!context->is_only_used[i] &&
            !is_excluded_table(context, batch->catalog->relations[relation].qname))
            die_hint(EXIT_SERVER, "Use --table-name with tables of the sources.",
                     "Table %s not found in batch", context->only->items[i]);
    }
}

void
load_plan_end(LoadBatch *batch, const PlanContext *context)
{
    sort_tables(batch);
    misread_warn(&batch->misread, batch->db, batch->catalog);
    load_plan_check_only(batch, context);
}
