/* The parts of the schema that are not pg_dump's, after its own. */
#include "dump/emit.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/copytext.h"
#include "base/log.h"
#include "base/mem.h"
#include "dump/do_block.h"
#include "dump/late_constraint.h"

bool
emit_schema_is_broken_key(const Plan *plan, const Proof *proof, int foreign_key)
{
    const ForeignKey *key = &plan->catalog->foreign_keys[foreign_key];
    const ProvenKey *proven;

    if (proof->keys == NULL || plan->tables[key->referenced].has_no_definition)
        return false;
    proven = &proof->keys[foreign_key];
    /* pg_dump writes a key that is not validated as NOT VALID already */
    return proven->n_dangling + proven->n_skipped > 0 && key->is_validated;
}

static bool
is_on_partitioned(const Catalog *catalog, const ForeignKey *key)
{
    const Partition *partition =
        catalog_find_partition(catalog, key->referencing_partition);

    return partition != NULL ? !partition->is_leaf
                             : catalog->relations[key->referencing].is_partitioned;
}

bool
emit_schema_can_write_broken_key(const Catalog *catalog, const ForeignKey *key)
{
    return catalog->server_version >= 180000 || !is_on_partitioned(catalog, key);
}

static void
write_broken_key(Sink *sink, const Catalog *catalog, const ForeignKey *key)
{
    PQExpBufferData sql;

    initPQExpBuffer(&sql);
    appendPQExpBuffer(&sql, "ALTER TABLE %s%s ADD CONSTRAINT %s %s NOT VALID",
                      is_on_partitioned(catalog, key) ? "" : "ONLY ",
                      key->referencing_qname, key->qname, key->definition);
    if (!emit_schema_can_write_broken_key(catalog, key))
    {
        PQExpBufferData line;

        initPQExpBuffer(&line);
        copytext_append_comment(&line, sql.data);
        sink_format(sink,
                    "-- It is left out: before version 18 a key of a partitioned table\n"
                    "-- cannot be NOT VALID.\n-- %s;\n",
                    line.data);
        log_warning(
            "foreign key %s of %s is left out of the dump: on a partitioned table "
            "it cannot be NOT VALID",
            key->qname, key->referencing_qname);
        termPQExpBuffer(&line);
    }
    else
    {
        appendPQExpBufferStr(&sql, ";\n");
        if (key->comment != NULL)
            late_constraint_append_comment(&sql, key->qname, key->referencing_qname,
                                           key->comment);
        sink_write_string(sink, sql.data);
    }
    termPQExpBuffer(&sql);
}

static void
write_reason(Sink *sink, const Catalog *catalog, const ForeignKey *key,
             const ProvenKey *proven)
{
    PQExpBufferData name;

    if (proven->n_dangling > 0)
        sink_format(sink,
                    "\n-- The rows of the source break this foreign key: %zu of %zu\n"
                    "-- sampled references have no row to refer to.\n",
                    proven->n_dangling, proven->n_references);
    if (proven->n_skipped == 0)
        return;
    initPQExpBuffer(&name);
    copytext_append_comment(&name, catalog->relations[key->referenced].qname);
    sink_format(sink,
                "\n-- The rows of table %s could not be read: %zu of %zu\n"
                "-- sampled references have no row to refer to.\n",
                name.data, proven->n_skipped, proven->n_references);
    termPQExpBuffer(&name);
}

void
emit_schema_broken_keys(Sink *sink, const Plan *plan, const Proof *proof)
{
    const Catalog *catalog = plan->catalog;

    for (int i = 0; i < catalog->n_foreign_keys; i++)
    {
        const ForeignKey *key = &catalog->foreign_keys[i];

        if (!emit_schema_is_broken_key(plan, proof, i))
            continue;
        write_reason(sink, catalog, key, &proof->keys[i]);
        write_broken_key(sink, catalog, key);
    }
}

static void
write_refresh(Sink *sink, const MaterializedView *view)
{
    char *statement = mem_format("REFRESH MATERIALIZED VIEW %s;", view->qname);
    PQExpBufferData then;
    PQExpBufferData block;

    initPQExpBuffer(&then);
    initPQExpBuffer(&block);
    appendPQExpBufferStr(
        &then, "\n    RAISE WARNING 'materialized view % stays unpopulated: %', ");
    copytext_append_string(&then, view->qname, strlen(view->qname));
    appendPQExpBufferStr(&then, ", SQLERRM");
    do_block_append_caught(&block, "refresh", statement, strlen(statement), "OTHERS",
                           then.data);
    sink_write_string(sink, block.data);
    termPQExpBuffer(&then);
    termPQExpBuffer(&block);
    free(statement);
}

/* What is known of the views while they are put in order; by position in the catalog. */
typedef struct Refreshing
{
    Sink *sink;
    const Plan *plan;
    const Toc *toc;
    bool *is_done;
    bool *is_populated;
    bool has_any;
} Refreshing;

static bool
is_to_refresh(const Refreshing *refreshing, const MaterializedView *view)
{
    return view->is_populated &&
           toc_is_kept(refreshing->toc, CATALOG_PG_CLASS, view->oid) &&
           !plan_is_data_excluded(refreshing->plan, view->schema, view->name);
}

static void
begin_refreshes(Refreshing *refreshing)
{
    if (!refreshing->has_any)
        sink_write_string(refreshing->sink,
                          "\n-- All rows are committed. A materialized view that cannot "
                          "be refreshed stays\n-- unpopulated, with a warning. Policies "
                          "apply to its owner as in the source.\n"
                          "SET row_security = on;\n");
    refreshing->has_any = true;
}

/* Writes the view after those that it uses; false when it must stay unpopulated. */
static bool
refresh(Refreshing *refreshing, int position)
{
    const MaterializedView *views = refreshing->plan->catalog->materialized_views;
    const MaterializedView *view = &views[position];
    bool can_refresh = is_to_refresh(refreshing, view);

    if (refreshing->is_done[position])
        return refreshing->is_populated[position];
    refreshing->is_done[position] = true;
    for (size_t i = 0; i < view->n_uses; i++)
    {
        bool is_ready = refresh(refreshing, view->uses[i]);

        if (can_refresh && !is_ready)
        {
            log_notice(
                "materialized view %s stays unpopulated: it reads %s, which is not "
                "populated",
                view->qname, views[view->uses[i]].qname);
            can_refresh = false;
        }
    }
    if (can_refresh)
    {
        begin_refreshes(refreshing);
        write_refresh(refreshing->sink, view);
    }
    refreshing->is_populated[position] = can_refresh;
    return can_refresh;
}

void
emit_schema_refreshes(Sink *sink, const Plan *plan, const Toc *toc)
{
    const Catalog *catalog = plan->catalog;
    size_t n = (size_t)catalog->n_materialized_views;
    Refreshing refreshing = {.sink = sink,
                             .plan = plan,
                             .toc = toc,
                             .is_done = ARENA_ARRAY(catalog->arena, n, bool),
                             .is_populated = ARENA_ARRAY(catalog->arena, n, bool)};

    for (int i = 0; i < catalog->n_materialized_views; i++)
        refresh(&refreshing, i);
}
