/*
 * The locks of a session, and how many of the server's lock slots they may take.
 *
 * The lock table of a server is shared by all sessions, with max_locks_per_transaction *
 * (max_connections + max_prepared_transactions) slots; a run that fills it makes
 * others fail with "out of shared memory". Reading a table takes a slot for it, its
 * partitions and each of their indexes: 5,000 tables with two indexes each need 15,000, a
 * default server has 6,400. So a run plans for at most half of the slots that are left,
 * counts pg_dump's locks as well, and otherwise reads in chunks.
 */
#include "sample/session.h"

#include <stdlib.h>

#include "base/die.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/plural.h"
#include "base/strbuf.h"
#include "db/sqlstate.h"
#include "model/query.h"
#include "sample/skipped.h"

enum
{
    TABLES_PER_LOCK = 500,
    MIN_CHUNK_LOCKS = 100
};

int
session_locks_count(const Relation *relation)
{
    return 1 + (relation->is_partitioned ? relation->n_leaves : 0) + relation->n_indexes;
}

/*
 * Tables that only pg_dump reads are locked as well, since a wait can be reported here.
 * Without the lock, pg_dump could wait for DDL that waits for this program.
 */
static bool
is_to_lock(const Plan *plan, int i)
{
    const Relation *relation = &plan->catalog->relations[i];

    return plan->tables[i].is_needed || (plan->has_schema_dump && relation->is_readable &&
                                         !relation->is_extension_member);
}

void
session_locks_budget(Session *session, const Plan *plan)
{
    const Catalog *catalog = plan->catalog;
    int half = (catalog->lock_slots - catalog->lock_slots_used) / 2;
    int n_pg_dump = catalog->n_relations + catalog->n_partitions;
    int n_needed = n_pg_dump;

    for (int i = 0; i < catalog->n_relations; i++)
    {
        const Relation *relation = &catalog->relations[i];

        if (plan->tables[i].is_needed)
            n_needed += session_locks_count(relation);
        else if (is_to_lock(plan, i))
            n_needed += 1 + (relation->is_partitioned ? relation->n_leaves : 0);
    }
    for (int i = 0; i < catalog->n_sequences; i++)
        n_needed++;
    session->is_chunked = n_needed > half;
    session->is_crowded = n_pg_dump > half;
    session->chunk_locks = (half - n_pg_dump) / 2;
    if (session->chunk_locks < MIN_CHUNK_LOCKS)
        session->chunk_locks = MIN_CHUNK_LOCKS;
    if (session->is_chunked)
        log_verbose(
            "%d lock slot%s would be needed and half of those left is %d: reading "
            "in short transactions of %d",
            n_needed, plural(n_needed), half, session->chunk_locks);
}

static bool
is_gone(const PGresult *result)
{
    return sqlstate_is(result, SQLSTATE_UNDEFINED_TABLE) ||
           sqlstate_is(result, SQLSTATE_INVALID_SCHEMA_NAME);
}

/* False when one of them was dropped since the catalog was read. */
static bool
lock_tables(const Catalog *catalog, Db *db, const bool *is_locked)
{
    PQExpBufferData sql;
    bool are_there = true;

    initPQExpBuffer(&sql);
    db_set_context(db, "could not lock the tables");
    for (int i = 0; are_there && i < catalog->n_relations; i += TABLES_PER_LOCK)
    {
        int n = catalog->n_relations - i;
        PGresult *result;

        resetPQExpBuffer(&sql);
        query_lock_tables(&sql, catalog, is_locked, i,
                          n < TABLES_PER_LOCK ? n : TABLES_PER_LOCK, false);
        if (sql.len == 0)
            continue;
        result = db_try(db, sql.data);
        are_there = db_succeeded(result);
        if (!are_there && !is_gone(result))
            db_error_die(db, result, NULL);
        PQclear(result);
    }
    db_set_context(db, NULL);
    termPQExpBuffer(&sql);
    return are_there;
}

bool
session_locks_take(Session *session, const Plan *plan, Db *db, const bool *is_locked,
                   bool is_kept)
{
    if (!session->continue_on_error)
        return lock_tables(plan->catalog, db, is_locked);
    skipped_lock_tables(plan, db, is_locked, is_kept);
    return true;
}

bool
session_locks_take_all(Session *session, const Plan *plan)
{
    const Catalog *catalog = plan->catalog;
    bool *is_locked;
    bool are_there;

    if (session->is_chunked && !session->continue_on_error)
        return true;
    is_locked = mem_alloc_zero((size_t)catalog->n_relations, sizeof(bool));
    for (int i = 0; i < catalog->n_relations; i++)
        is_locked[i] = is_to_lock(plan, i);
    are_there = session_locks_take(session, plan, session->snapshot_db, is_locked,
                                   !session->is_chunked);
    free(is_locked);
    return are_there;
}

void
session_locks_unchanged(Db *db, const Relation *relation)
{
    PQExpBufferData sql;
    PGresult *result;

    initPQExpBuffer(&sql);
    appendPQExpBuffer(&sql, "LOCK TABLE %s%s IN ACCESS SHARE MODE;\nSELECT true",
                      relation->is_partitioned ? "" : "ONLY ", relation->qname);
    for (int i = 0; i < relation->n_leaves; i++)
    {
        const Leaf *leaf = &relation->leaves[i];

        if (!leaf->is_foreign)
            appendPQExpBuffer(&sql,
                              " AND pg_catalog.pg_relation_filenode(%u)"
                              " OPERATOR(pg_catalog.=) %u",
                              leaf->oid, leaf->filenode);
    }
    /* a detached partition keeps its file */
    if (relation->is_partitioned)
        appendPQExpBuffer(&sql,
                          " AND (SELECT pg_catalog.count(*)"
                          " FROM pg_catalog.pg_partition_tree(%u) WHERE isleaf)"
                          " OPERATOR(pg_catalog.=) %d",
                          relation->oid, relation->n_leaves);
    db_set_context(db, "could not lock table %s", relation->qname);
    result = db_query_row(db, sql.data);
    db_set_context(db, NULL);
    if (PQgetisnull(result, 0, 0) || PQgetvalue(result, 0, 0)[0] != 't')
        die_hint(EXIT_SERVER, "Run pg-sample again when the schema does not change.",
                 "table %s was rewritten, truncated or detached while it was sampled",
                 relation->qname);
    PQclear(result);
    termPQExpBuffer(&sql);
}
