/*
 * The tables of the staging schema.
 *
 * To create a table and to drop it again costs the server 0.6 ms and more, half of it for
 * its TOAST table: three times as much as to fill it with a few rows. So a table is
 * created when it is needed: to be picked into, unless its source is empty, or because a
 * row of it, or one that refers to it, is staged. A sample that is kept, or whose
 * provenance is asked for, has all of them from the beginning.
 *
 * Many are created with one question; how many depends on the lock slots of the server.
 */
#include "sample/staging/staging_tables.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "db/row.h"
#include "model/query_staging.h"
#include "sample/staging/staging_schema.h"

void
staging_tables_need(Staging *staging, const int *relations, int n)
{
    int at_once = staging_schema_count_at_once(staging);
    PQExpBufferData sql;
    int n_new = 0;

    initPQExpBuffer(&sql);
    for (int i = 0; i < n; i++)
    {
        StagedTable *table = &staging->tables[relations[i]];

        if (table->is_created)
            continue;
        /* from here on it may exist, even if a signal ends the wait for the answer */
        table->is_created = true;
        query_staging_create(&sql, &staging->names, staging->catalog, relations[i]);
        if (++n_new % at_once != 0)
            continue;
        db_execute(staging->staging_db, sql.data);
        resetPQExpBuffer(&sql);
        log_progress("creating staging tables: %d", n_new);
    }
    if (sql.len > 0)
        db_execute(staging->staging_db, sql.data);
    termPQExpBuffer(&sql);
}

/* All that can get rows, or that such tables refer to. */
void
staging_tables_need_all(Staging *staging)
{
    const Plan *plan = staging->plan;
    int n = staging->catalog->n_relations;
    bool *is_wanted = mem_alloc_zero((size_t)n, sizeof(*is_wanted));
    int *relations = mem_alloc_zero((size_t)n, sizeof(*relations));
    int n_wanted = 0;

    for (int i = 0; i < n; i++)
        is_wanted[i] =
            plan->tables[i].is_needed || staging->catalog->relations[i].is_configuration;
    for (int i = 0; i < staging->graph->n_links; i++)
    {
        const Link *link = &staging->graph->links[i];

        if (plan->tables[link->referencing].is_needed)
            is_wanted[link->referenced] = true;
    }
    /* tables that ignored foreign keys refer to may be empty */
    for (int i = 0; i < staging->graph->n_ignored; i++)
    {
        const ForeignKey *key = staging->graph->ignored[i].foreign_key;

        if (plan->tables[key->referencing].is_needed)
            is_wanted[key->referenced] = true;
    }
    for (int i = 0; i < n; i++)
    {
        if (is_wanted[i])
            relations[n_wanted++] = i;
    }
    staging_tables_need(staging, relations, n_wanted);
    free(relations);
    free(is_wanted);
}

/* ---- transactions of the source connection */

/* The source tables, once each; those of one table are neighbours. */
static void
append_locks(PQExpBuffer sql, const Staging *staging, const int *relations, int n)
{
    for (int i = 0; i < n; i++)
    {
        const Relation *source = &staging->catalog->relations[relations[i]];

        if (i > 0 && relations[i] == relations[i - 1])
            continue;
        appendPQExpBuffer(sql, "%s%s%s", i == 0 ? "LOCK TABLE " : ", ",
                          source->is_partitioned ? "" : "ONLY ", source->qname);
    }
    if (n > 0)
        appendPQExpBufferStr(sql, " IN ACCESS SHARE MODE;\n");
}

void
staging_tables_append_begin(PQExpBuffer sql, const Staging *staging, const int *relations,
                            int n)
{
    char *snapshot = db_quote_literal(staging->source_db, staging->session->snapshot);

    appendPQExpBuffer(sql,
                      "BEGIN ISOLATION LEVEL REPEATABLE READ READ WRITE;\n"
                      "SET TRANSACTION SNAPSHOT %s;\n",
                      snapshot);
    PQfreemem(snapshot);
    append_locks(sql, staging, relations, n);
}

/* ---- tables that are picked from */

static bool
is_wanted_for_picks(const Sample *sample, int relation)
{
    const StagedTable *table = &sample->staging->tables[relation];

    return !table->is_created && !table->is_source_empty &&
           (sample->plan->tables[relation].n_picks > 0 ||
            (sample->down != NULL && sample->down[relation].n_rows > 0));
}

static int
list_for_picks(const Sample *sample, const Component *component, int *relations, int most)
{
    const FkGraph *graph = sample->graph;
    const Component *end = graph->components + graph->n_components;
    int n = 0;

    for (; component < end; component++)
    {
        for (int i = 0; i < component->relations.n_items; i++)
        {
            int relation = component->relations.items[i];

            if (!is_wanted_for_picks(sample, relation))
                continue;
            if (n == most)
                return n;
            relations[n++] = relation;
        }
    }
    return n;
}

/* SELECT of the positions of those that have rows, among those that may be empty. */
static void
append_probe(PQExpBuffer sql, const Staging *staging, const int *relations, int n)
{
    const char *junction = "";

    for (int i = 0; i < n; i++)
    {
        const Relation *source = &staging->catalog->relations[relations[i]];

        if (!staging->tables[relations[i]].is_source_empty)
            continue;
        appendPQExpBuffer(sql, "%sSELECT %d WHERE EXISTS (SELECT FROM %s%s)", junction, i,
                          source->is_partitioned ? "" : "ONLY ", source->qname);
        junction = "\nUNION ALL\n";
    }
}

/* Those that had rows when they were analyzed last are not asked about. */
static bool
suspect_empty(Staging *staging, const int *relations, int n)
{
    bool is_any = false;

    for (int i = 0; i < n; i++)
    {
        bool may_be_empty = staging->catalog->relations[relations[i]].n_tuples <= 0;

        staging->tables[relations[i]].is_source_empty = may_be_empty;
        is_any = is_any || may_be_empty;
    }
    return is_any;
}

/* Which of those that may be empty are so? On an error none, as far as is known. */
static void
probe_empty(Staging *staging, const int *relations, int n)
{
    PQExpBufferData sql;
    PGresult *result;
    RowReader row;

    initPQExpBuffer(&sql);
    staging_tables_append_begin(&sql, staging, relations, n);
    append_probe(&sql, staging, relations, n);
    result = db_try(staging->source_db, sql.data);
    termPQExpBuffer(&sql);
    if (!db_succeeded(result) && db_error_is_final(staging->source_db, result))
        db_error_die(staging->source_db, result, NULL);
    for (int i = 0; !db_succeeded(result) && i < n; i++)
        staging->tables[relations[i]].is_source_empty = false;
    row = row_reader(result);
    while (db_succeeded(result) && row_next(&row))
        staging->tables[relations[row_int(&row)]].is_source_empty = false;
    PQclear(result);
    db_execute(staging->source_db, "ROLLBACK");
}

/*
 * Leaves those in the list that have rows in the source, or of which that cannot be found
 * out; returns how many.
 */
static int
leave_out_empty(Staging *staging, int *relations, int n)
{
    int n_left = 0;

    if (staging->session->is_chunked || !suspect_empty(staging, relations, n))
        return n;
    probe_empty(staging, relations, n);
    for (int i = 0; i < n; i++)
    {
        if (!staging->tables[relations[i]].is_source_empty)
            relations[n_left++] = relations[i];
    }
    return n_left;
}

void
staging_tables_need_for_picks(Sample *sample, const Component *component)
{
    Staging *staging = sample->staging;
    int most = staging_schema_count_at_once(staging);
    bool is_any = false;
    int *relations;
    int n;

    for (int i = 0; i < component->relations.n_items; i++)
        is_any = is_any || is_wanted_for_picks(sample, component->relations.items[i]);
    if (!is_any)
        return;
    if (most < component->relations.n_items)
        most = component->relations.n_items;
    relations = mem_alloc((size_t)most * sizeof(*relations));
    n = list_for_picks(sample, component, relations, most);
    staging_tables_need(staging, relations, leave_out_empty(staging, relations, n));
    free(relations);
}
