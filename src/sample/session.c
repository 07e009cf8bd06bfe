#include "sample/session.h"

#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/plural.h"
#include "base/strbuf.h"
#include "db/db_pruning.h"
#include "db/sql_text.h"
#include "model/catalog_load.h"
#include "model/misread.h"
#include "model/query.h"
#include "sample/skipped.h"

#define SAVEPOINT "pg_sample_read"

enum
{
    TABLES_PER_LOCK = 500,
    MIN_CHUNK_LOCKS = 100
};

static void
apply_settings(Session *session, Db *db, const char *settings)
{
    db_session_set_by_query(db, settings);
    db_set_permission_hint(db, "Every table that is sampled or referred to needs SELECT, "
                               "the schemas of tables and of their types USAGE, "
                               "and one under row security --enable-row-security or a "
                               "role with BYPASSRLS; leave others out with "
                               "--exclude-table.");
    db_session_set(db, (const char *const[]){"lock_timeout", session->lock_timeout,
                                             "row_security",
                                             session->enable_row_security ? "on" : "off",
                                             NULL});
}

void
session_prepare(Session *session, Db *db)
{
    db_session_set_encoding(db, db_encoding(session->snapshot_db));
    apply_settings(session, db, sql_session_settings);
}

void
session_choose_path(const Session *session, Db *db)
{
    if (session->reads_own_path)
        db_session_set(db,
                       (const char *const[]){"search_path", session->search_path, NULL});
}

static void
choose_encoding(Db *db, const char *wanted)
{
    char *server;

    if (wanted == NULL)
        wanted = getenv("PGCLIENTENCODING");
    if (wanted != NULL && wanted[0] != '\0')
    {
        db_session_set_encoding(db, wanted);
        return;
    }
    server = db_query_value(db, "SHOW server_encoding");
    db_session_set_encoding(db, server);
    free(server);
}

Session *
session_open(Db *db, const SessionOptions *options)
{
    Session *session = mem_alloc_zero(1, sizeof(*session));

    session->snapshot_db = db;
    session->rows.db = db;
    session->lock_timeout = options->lock_timeout;
    session->enable_row_security = options->enable_row_security;
    session->continue_on_error = options->continue_on_error;
    session->answers = answers_new(db);
    session->search_path = mem_copy_string(answers_get_search_path(session->answers));
    choose_encoding(db, options->encoding);
    if (!db_encoding_is_ascii_safe(db))
        session->encoding = db_copy_encoding(db);
    apply_settings(session, db, sql_session_settings);
    return session;
}

Catalog *
session_load_catalog(Session *session)
{
    Catalog *catalog;

    if (answers_are_replayed(session->answers))
    {
        catalog = catalog_load(session->answers, session->search_path);
        session->catalog = catalog;
        return catalog;
    }
    answers_forget(session->answers);
    free(session->fingerprint);
    db_execute(session->snapshot_db, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    session->fingerprint = db_query_value(session->snapshot_db, sql_fingerprint);
    catalog = catalog_load(session->answers, session->search_path);
    db_execute(session->snapshot_db, "COMMIT");
    session->catalog = catalog;
    return catalog;
}

/* Lock slots for reading one relation: itself, its partitions and all indexes. */
static int
count_relation_locks(const Relation *relation)
{
    return 1 + (relation->is_partitioned ? relation->n_leaves : 0) + relation->n_indexes;
}

/*
 * What pg_dump will lock is locked as well, while it can be told who blocks: behind our
 * locks others queue, and pg_dump would wait for them and they for us.
 */
static bool
is_to_lock(const Plan *plan, int i)
{
    const Relation *relation = &plan->catalog->relations[i];

    return plan->tables[i].is_needed || (plan->has_schema_dump && relation->is_readable &&
                                         !relation->is_extension_member);
}

/* Never plan for more than half of what is left; pg_dump locks every table as well. */
static void
budget_locks(Session *session, const Plan *plan)
{
    const Catalog *catalog = plan->catalog;
    int half = (catalog->lock_slots - catalog->lock_slots_used) / 2;
    int n_pg_dump = catalog->n_relations + catalog->n_partitions;
    int n_needed = n_pg_dump;

    for (int i = 0; i < catalog->n_relations; i++)
    {
        const Relation *relation = &catalog->relations[i];

        if (plan->tables[i].is_needed)
            n_needed += count_relation_locks(relation);
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

static void
lock_tables(Session *session, Db *db, const bool *is_locked)
{
    const Catalog *catalog = session->catalog;
    PQExpBufferData sql;

    initPQExpBuffer(&sql);
    db_set_context(db, "could not lock the tables");
    for (int i = 0; i < catalog->n_relations; i += TABLES_PER_LOCK)
    {
        int n = catalog->n_relations - i;

        resetPQExpBuffer(&sql);
        query_lock_tables(&sql, catalog, is_locked, i,
                          n < TABLES_PER_LOCK ? n : TABLES_PER_LOCK, false);
        if (sql.len == 0)
            continue;
        db_execute(db, sql.data);
    }
    db_set_context(db, NULL);
    termPQExpBuffer(&sql);
}

static void
import_snapshot(Session *session, Db *db)
{
    char *literal = db_quote_literal(db, session->snapshot);
    char *sql = mem_format("SET TRANSACTION SNAPSHOT %s", literal);

    db_execute(db, sql);
    free(sql);
    PQfreemem(literal);
}

/* Which tables the user's conditions and references stand on. */
static void
open_user_reader(Session *session, const Plan *plan)
{
    const Catalog *catalog = plan->catalog;
    bool *is_locked;

    if (!plan->has_user_sql)
        return;
    session->user.db = db_connect_again(session->snapshot_db);
    db_set_user_sql(session->user.db);
    db_session_set_encoding(session->user.db, db_encoding(session->snapshot_db));
    apply_settings(session, session->user.db, sql_user_session_settings);
    if (session->is_chunked)
        return;
    is_locked = mem_alloc_zero((size_t)catalog->n_relations, sizeof(bool));
    for (int i = 0; i < catalog->n_relations; i++)
    {
        const PlanTable *table = &plan->tables[i];

        /* a filter stands in queries that read the parents, too */
        is_locked[i] = table->has_roots || table->is_entered ||
                       plan->graph->references_from[i].n_items > 0 ||
                       plan->graph->references_to[i].n_items > 0 ||
                       (table->filter != NULL && table->is_needed);
        for (int j = 0; j < table->n_picks; j++)
            is_locked[i] = is_locked[i] || plan_has_condition(plan, &table->picks[j]);
    }
    db_execute(session->user.db, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    if (session->continue_on_error)
        skipped_lock_tables(plan, session->user.db, is_locked, true);
    else
        lock_tables(session, session->user.db, is_locked);
    free(is_locked);
}

/* The holder asks for definitions, which are to be those of an empty path. */
static void
open_own_reader(Session *session, const Plan *plan)
{
    size_t n = (size_t)plan->catalog->n_relations;
    bool *is_locked;

    if (!session->is_chunked && !session->reads_own_path)
        return;
    session->rows.db = db_connect_again(session->snapshot_db);
    session_prepare(session, session->rows.db);
    session_choose_path(session, session->rows.db);
    if (session->is_chunked)
        return;
    is_locked = mem_alloc_zero(n, sizeof(bool));
    for (size_t i = 0; i < n; i++)
        is_locked[i] = plan->tables[i].is_needed;
    db_execute(session->rows.db, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    if (session->continue_on_error)
        skipped_lock_tables(plan, session->rows.db, is_locked, true);
    else
        lock_tables(session, session->rows.db, is_locked);
    free(is_locked);
}

static void
lock_needed(Session *session, const Plan *plan)
{
    const Catalog *catalog = plan->catalog;
    bool *is_locked;

    if (session->is_chunked && !session->continue_on_error)
        return;
    is_locked = mem_alloc_zero((size_t)catalog->n_relations, sizeof(bool));
    for (int i = 0; i < catalog->n_relations; i++)
        is_locked[i] = is_to_lock(plan, i);
    if (session->continue_on_error)
        skipped_lock_tables(plan, session->snapshot_db, is_locked, !session->is_chunked);
    else
        lock_tables(session, session->snapshot_db, is_locked);
    free(is_locked);
}

/* Those that read in chunks do it for each. */
static void
enter_snapshot(Session *session, Db *db)
{
    if (db == NULL || session->is_chunked)
        return;
    if (db != session->snapshot_db)
        import_snapshot(session, db);
    if (session->continue_on_error)
        db_execute(db, "SAVEPOINT " SAVEPOINT);
}

static void
forget_readers(Session *session)
{
    db_close(session->user.db);
    session->user.db = NULL;
    if (session->rows.db != session->snapshot_db)
        db_close(session->rows.db);
    session->rows.db = session->snapshot_db;
}

/* Only now, in the snapshot, are empty partitions empty for the whole run. */
static void
find_misread(const Session *session, const Plan *plan)
{
    const Catalog *catalog = plan->catalog;
    Misread misread;

    misread_find(&misread, session->snapshot_db, catalog,
                 plan->has_user_sql || session->enable_row_security ? MISREAD_USER_SQL
                                                                    : MISREAD_OWN_SQL);
    for (int i = 0; i < catalog->n_relations; i++)
    {
        if (plan->tables[i].is_needed)
            (void)misread_meet(&misread, i);
    }
    /* policies reach tables that no statement of ours names */
    if (misread.tables != NULL && session->enable_row_security)
        db_pruning_distrust_all();
    misread_warn(&misread, session->snapshot_db, catalog);
}

bool
session_begin(Session *session, const Plan *plan)
{
    char *fingerprint;
    bool is_same;

    budget_locks(session, plan);
    db_execute(session->snapshot_db, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    lock_needed(session, plan);
    open_own_reader(session, plan);
    open_user_reader(session, plan);
    session->snapshot =
        db_query_value(session->snapshot_db, "SELECT pg_catalog.pg_export_snapshot()");
    fingerprint = db_query_value(session->snapshot_db, sql_fingerprint);
    is_same = strcmp(fingerprint, session->fingerprint) == 0;
    free(fingerprint);
    if (!is_same)
    {
        db_execute(session->snapshot_db, "ROLLBACK");
        forget_readers(session);
        free(session->snapshot);
        session->snapshot = NULL;
        return false;
    }
    find_misread(session, plan);
    enter_snapshot(session, session->rows.db);
    enter_snapshot(session, session->user.db);
    return true;
}

void
session_lock_unchanged(Db *db, const Relation *relation)
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
        die_hint(EXIT_SERVER, "Run again when the schema is at rest.",
                 "table %s was rewritten, truncated or detached while it was sampled",
                 relation->qname);
    PQclear(result);
    termPQExpBuffer(&sql);
}

/* Goes on in the open transaction while its lock slots suffice, else in a new one. */
static void
enter_chunk(Session *session, Reader *reader, const Relation *relation)
{
    int n_locks = count_relation_locks(relation);

    if (reader->last_locked == relation)
        return;
    if (reader->is_open && reader->n_locks + n_locks > session->chunk_locks)
    {
        /* not COMMIT: the user's SQL leaves nothing behind, whatever it did */
        db_execute(reader->db, "ROLLBACK");
        reader->is_open = false;
    }
    if (!reader->is_open)
    {
        db_execute(reader->db, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
        import_snapshot(session, reader->db);
        reader->is_open = true;
        reader->n_locks = 0;
    }
    reader->n_locks += n_locks;
    session_lock_unchanged(reader->db, relation);
    reader->last_locked = relation;
}

Db *
session_get_reader(Session *session, const Relation *relation)
{
    session->reading = relation;
    if (session->is_chunked)
        enter_chunk(session, &session->rows, relation);
    return session->rows.db;
}

Db *
session_get_user_reader(Session *session, const Relation *relation)
{
    session->reading = relation;
    if (session->is_chunked)
        enter_chunk(session, &session->user, relation);
    return session->user.db;
}

/* In chunks its transaction ends; else what happened since the savepoint is forgotten. */
static bool
recover(const Session *session, Reader *reader)
{
    if (reader->db == NULL)
        return true;
    db_set_context(reader->db, NULL);
    if (!session->is_chunked)
        return db_recover_stop(reader->db) &&
               db_attempt(reader->db, "ROLLBACK TO SAVEPOINT " SAVEPOINT);
    reader->is_open = false;
    reader->last_locked = NULL;
    return db_recover(reader->db);
}

void
session_recover(Session *session)
{
    /* without the holder there is no snapshot, and nothing can be read */
    if (!recover(session, &session->rows) || !recover(session, &session->user) ||
        !db_attempt(session->snapshot_db, "SELECT"))
        die_message(EXIT_CONNECTION, "lost the connection to the server");
}

static void
end_reading(const Session *session, Reader *reader)
{
    /* those that read in chunks have no transaction between two of them */
    if (reader->db != NULL && reader->db != session->snapshot_db &&
        (reader->is_open || !session->is_chunked))
        db_execute(reader->db, "ROLLBACK");
    reader->is_open = false;
}

void
session_release_snapshot(Session *session)
{
    end_reading(session, &session->user);
    end_reading(session, &session->rows);
    db_execute(session->snapshot_db, "ROLLBACK");
}

void
session_replay(Session *session, Answers *answers)
{
    answers_free(session->answers);
    session->answers = answers;
    free(session->search_path);
    session->search_path = mem_copy_string(answers_get_search_path(answers));
    db_session_set_encoding(session->snapshot_db, answers_get_encoding(answers));
    session->encoding = (CopyEncoding){0};
    if (!db_encoding_is_ascii_safe(session->snapshot_db))
        session->encoding = db_copy_encoding(session->snapshot_db);
}

void
session_settle(Session *session)
{
    if (!db_attempt_discard(session->snapshot_db) ||
        !db_attempt_discard(session->rows.db) || !db_attempt_discard(session->user.db))
        die_message(EXIT_CONNECTION, "lost the connection to the server");
}

void
session_close(Session *session)
{
    forget_readers(session);
    db_close(session->snapshot_db);
    answers_free(session->answers);
    free(session->search_path);
    free(session->snapshot);
    free(session->fingerprint);
    free(session);
}
