#include "sample/skipped.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "db/sqlstate.h"
#include "model/query.h"

#define SAVEPOINT "pg_sample_lock"

enum
{
    TABLES_AT_ONCE = 100
};

static void
warn_skipped(const Plan *plan, int relation, const char *reason, const char *detail)
{
    log_warning_detail(detail, NULL, "table %s is skipped: %s",
                       plan->catalog->relations[relation].qname, reason);
}

void
skipped_add(const Plan *plan, int relation, const char *reason, const char *detail)
{
    plan_skip_table(plan, relation, reason);
    warn_skipped(plan, relation, reason, detail);
}

bool *
skipped_mark_dumped(const Plan *plan)
{
    size_t n = (size_t)plan->catalog->n_relations;
    bool *is_dumped = mem_alloc_zero(n, sizeof(*is_dumped));

    for (size_t i = 0; plan->has_schema_dump && i < n; i++)
        is_dumped[i] = plan->tables[i].is_selected;
    graph_mark_defined(plan->graph, is_dumped);
    return is_dumped;
}

void
skipped_add_unreadable(const Plan *plan)
{
    const Catalog *catalog = plan->catalog;
    bool *is_dumped = skipped_mark_dumped(plan);

    for (int i = 0; i < catalog->n_relations; i++)
    {
        const Relation *relation = &catalog->relations[i];

        if (relation->is_extension_member)
            continue;
        if (!relation->is_readable && (is_dumped[i] || plan->tables[i].is_needed))
            skipped_add(plan, i, "no SELECT privilege", NULL);
        else if (is_dumped[i] && !catalog_is_dumpable(catalog, i))
            skipped_add(plan, i, "no SELECT privilege on one of its partitions", NULL);
        plan->tables[i].has_no_definition = plan->tables[i].is_skipped;
    }
    free(is_dumped);
}

static void
fail_to_lock(const Plan *plan, Db *db, int relation, bool is_wanted,
             const PGresult *result)
{
    const char *name = plan->catalog->relations[relation].qname;
    bool is_late = sqlstate_is(result, SQLSTATE_LOCK_NOT_AVAILABLE);
    const char *primary = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    char *detail = db_error_detail(db, result);

    if (db_error_is_final(db, result) || primary == NULL)
        db_error_die(db, result, NULL);
    db_execute(db, "ROLLBACK TO SAVEPOINT " SAVEPOINT ";RELEASE SAVEPOINT " SAVEPOINT);
    if (is_late)
        primary = "it could not be locked within --lock-timeout";
    if (is_wanted)
        skipped_add(plan, relation, primary, detail);
    else
        log_notice("table %s is left out: %s", name, primary);
    plan->tables[relation].has_no_definition = true;
    free(detail);
}

/* Those of the marked tables that were not skipped before; owned by the caller. */
static bool *
mark_lockable(const Plan *plan, const bool *is_locked)
{
    size_t n = (size_t)plan->catalog->n_relations;
    bool *is_lockable = mem_alloc_zero(n, sizeof(*is_lockable));

    for (size_t i = 0; i < n; i++)
        is_lockable[i] = is_locked[i] && !plan->tables[i].has_no_definition;
    return is_lockable;
}

/* Locks n marked tables from the first on, within a savepoint. */
static PGresult *
try_locks(const Plan *plan, Db *db, const bool *is_locked, int first, int n, bool is_kept,
          bool is_nowait)
{
    PQExpBufferData sql;
    PGresult *result;

    initPQExpBuffer(&sql);
    appendPQExpBufferStr(&sql, "SAVEPOINT " SAVEPOINT ";");
    /* no statement if none is marked */
    query_lock_tables(&sql, plan->catalog, is_locked, first, n, is_nowait);
    appendPQExpBufferStr(&sql, is_kept ? ";" : ";ROLLBACK TO SAVEPOINT " SAVEPOINT ";");
    appendPQExpBufferStr(&sql, "RELEASE SAVEPOINT " SAVEPOINT);
    result = db_try(db, sql.data);
    termPQExpBuffer(&sql);
    return result;
}

/* All n at once, if that is possible without waiting: most often it is. */
static bool
lock_together(const Plan *plan, Db *db, const bool *is_locked, int first, int n,
              bool is_kept)
{
    PGresult *result = try_locks(plan, db, is_locked, first, n, is_kept, true);
    bool is_done = db_succeeded(result);

    if (!is_done && db_error_is_final(db, result))
        db_error_die(db, result, NULL);
    PQclear(result);
    if (!is_done)
        db_execute(db,
                   "ROLLBACK TO SAVEPOINT " SAVEPOINT ";RELEASE SAVEPOINT " SAVEPOINT);
    return is_done;
}

void
skipped_lock_tables(const Plan *plan, Db *db, const bool *is_locked, bool is_kept)
{
    bool *is_dumped = skipped_mark_dumped(plan);
    bool *is_lockable = mark_lockable(plan, is_locked);
    int n = plan->catalog->n_relations;

    db_set_context(db, "could not lock the tables");
    for (int first = 0; first < n; first += TABLES_AT_ONCE)
    {
        int end = n - first < TABLES_AT_ONCE ? n : first + TABLES_AT_ONCE;

        if (lock_together(plan, db, is_lockable, first, end - first, is_kept))
            continue;
        for (int i = first; i < end; i++)
        {
            PGresult *result;

            if (!is_lockable[i])
                continue;
            result = try_locks(plan, db, is_lockable, i, 1, is_kept, false);
            if (!db_succeeded(result))
                fail_to_lock(plan, db, i, is_dumped[i] || plan->tables[i].is_needed,
                             result);
            PQclear(result);
        }
    }
    db_set_context(db, NULL);
    free(is_lockable);
    free(is_dumped);
}

const FkGraph *
skipped_choose_graph(const Plan *plan)
{
    size_t n = (size_t)plan->catalog->n_relations;
    const FkGraph *graph = plan->graph;
    bool *is_skipped;

    if (plan_count_skipped(plan) == 0 && graph->n_ignored == 0)
        return graph;
    is_skipped = mem_alloc_zero(n, sizeof(*is_skipped));
    for (size_t i = 0; i < n; i++)
        /* an ignored foreign key may refer to a table that is not sampled */
        is_skipped[i] = plan->tables[i].is_skipped || !plan->tables[i].is_needed;
    graph = graph_build_without(plan->catalog, is_skipped);
    free(is_skipped);
    return graph;
}

/* The message without "could not read table x: ". */
static const char *
trim_reason(const Relation *relation, const Diag *diag)
{
    char *known = mem_format("table %s: ", relation->qname);
    const char *found = strstr(diag->message, known);
    const char *reason = found != NULL ? found + strlen(known) : diag->message;

    free(known);
    return reason;
}

/*
 * Which block or value comes first depends on how the table was read, and numbers of
 * files on the server. The reason that is written into the dump must not depend on that,
 * so numbers are in the warning only.
 */
void
skipped_add_failed(const Plan *plan, const Relation *reading, const Diag *diag)
{
    int relation = (int)(reading - plan->catalog->relations);
    const char *reason = trim_reason(reading, diag);
    char *general = mem_copy_string(reason);
    char *out = general;

    warn_skipped(plan, relation, reason, diag->detail);
    for (const char *in = reason; *in != '\0';)
    {
        size_t n_digits = strspn(in, "0123456789");

        *out++ = n_digits > 0 ? 'N' : *in;
        in += n_digits > 0 ? n_digits : 1;
    }
    *out = '\0';
    plan_skip_table(plan, relation, general);
    free(general);
}
