#include "sample/session.h"

#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "db/sql_text.h"
#include "model/catalog_load.h"
#include "model/misread.h"
#include "model/query.h"
#include "sample/session_early.h"
#include "sample/skipped.h"

#define SAVEPOINT "pg_sample_read"

/* which transactions the snapshot sees as running; all versions have this function */
#define SQL_RUNNING "SELECT pg_catalog.txid_current_snapshot()"

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

/* It is that of the snapshot already, so there is nothing to compare it with later. */
static Catalog *
load_early_catalog(Session *session)
{
    Catalog *catalog = catalog_load(session->answers, session->search_path);

    catalog->lock_slots_used = session->early_slots_used;
    session->catalog = catalog;
    return catalog;
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
    if (session->is_early)
        return load_early_catalog(session);
    free(session->fingerprint);
    free(session->running);
    db_execute(session->snapshot_db, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    session->fingerprint = db_query_value(session->snapshot_db, sql_fingerprint);
    session->running = db_query_value(session->snapshot_db, SQL_RUNNING);
    catalog = catalog_load(session->answers, session->search_path);
    db_execute(session->snapshot_db, "COMMIT");
    session->catalog = catalog;
    return catalog;
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

/* Frees is_locked. The snapshot connection has locked these tables already. */
static void
begin_locked(Session *session, const Plan *plan, Db *db, bool *is_locked)
{
    db_execute(db, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    if (!session_locks_take(session, plan, db, is_locked, true))
        die_message(EXIT_SERVER, "a table was dropped while it was locked");
    free(is_locked);
}

/* Locks the tables that the user's conditions and references name. */
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

        /* queries of its children contain the filter, too */
        is_locked[i] = table->has_roots || table->is_entered ||
                       plan->graph->references_from[i].n_items > 0 ||
                       plan->graph->references_to[i].n_items > 0 ||
                       (table->filter != NULL && table->is_needed);
        for (int j = 0; j < table->n_picks; j++)
            is_locked[i] = is_locked[i] || plan_has_condition(plan, &table->picks[j]);
    }
    begin_locked(session, plan, session->user.db, is_locked);
}

/*
 * The snapshot connection keeps the empty search_path, under which definitions are read.
 */
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
    begin_locked(session, plan, session->rows.db, is_locked);
}

/* Connections that read in chunks do it for each chunk. */
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

/* In the snapshot, since a partition that is empty now stays so for the whole run. */
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
    /* policies read tables that no own statement names */
    if (misread.tables != NULL && session->enable_row_security)
        db_pruning_distrust_all();
    misread_warn(&misread, session->snapshot_db, catalog);
}

/* Is what the query returns still this? */
static bool
is_still(const Session *session, const char *query, const char *text)
{
    char *now = db_query_value(session->snapshot_db, query);
    bool is_same = strcmp(now, text) == 0;

    free(now);
    return is_same;
}

/*
 * Is the catalog, in the snapshot, the one that the plan was made from? It is where no
 * transaction has begun or ended that could change it, which is cheap to find out; a
 * standby does not tell which transactions run on its primary.
 */
static bool
export_snapshot(Session *session)
{
    session->snapshot =
        db_query_value(session->snapshot_db, "SELECT pg_catalog.pg_export_snapshot()");
    return (!session->catalog->is_standby &&
            is_still(session, SQL_RUNNING, session->running)) ||
           is_still(session, sql_fingerprint, session->fingerprint);
}

/* False when the catalog is not the one that the plan was made from. */
static bool
begin_locked_snapshot(Session *session, const Plan *plan)
{
    bool is_same = false;

    session_locks_budget(session, plan);
    db_execute(session->snapshot_db, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    if (session_locks_take_all(session, plan))
    {
        open_own_reader(session, plan);
        open_user_reader(session, plan);
        is_same = export_snapshot(session);
    }
    if (!is_same)
    {
        db_execute(session->snapshot_db, "ROLLBACK");
        forget_readers(session);
        free(session->snapshot);
        session->snapshot = NULL;
    }
    return is_same;
}

static bool
go_on_early(Session *session, const Plan *plan)
{
    if (!session_early_settle(session, plan))
        return false;
    open_own_reader(session, plan);
    open_user_reader(session, plan);
    return true;
}

bool
session_begin(Session *session, const Plan *plan)
{
    if (!(session->is_early ? go_on_early(session, plan)
                            : begin_locked_snapshot(session, plan)))
        return false;
    find_misread(session, plan);
    enter_snapshot(session, session->rows.db);
    enter_snapshot(session, session->user.db);
    return true;
}

/* Goes on in the open transaction while its lock slots suffice, else in a new one. */
static void
enter_chunk(Session *session, Reader *reader, const Relation *relation)
{
    int n_locks = session_locks_count(relation);

    if (reader->last_locked == relation)
        return;
    if (reader->is_open && reader->n_locks + n_locks > session->chunk_locks)
    {
        /* not COMMIT, since the user's SQL may have done anything */
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
    session_locks_unchanged(reader->db, relation);
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

Db *
session_open_beside(Session *session, bool is_user)
{
    Db *db = db_connect_again(session->snapshot_db);

    session_prepare(session, db);
    session_choose_path(session, db);
    if (is_user)
    {
        db_set_user_sql(db);
        db_session_set(db,
                       (const char *const[]){"search_path", session->search_path, NULL});
    }
    db_execute(db, "BEGIN READ ONLY");
    return db;
}

/* In chunks its transaction ends; else it returns to the savepoint. */
static bool
recover(const Session *session, Reader *reader)
{
    if (reader->db == NULL)
        return true;
    db_set_context(reader->db, NULL);
    db_set_idle_work(reader->db, NULL, NULL);
    if (!session->is_chunked)
        return db_recover_stop(reader->db) &&
               db_attempt(reader->db, "ROLLBACK TO SAVEPOINT " SAVEPOINT);
    reader->is_open = false;
    reader->last_locked = NULL;
    return db_recover(reader->db);
}

void
session_recover(Session *session, const Plan *plan, Diag *diag)
{
    const Relation *reading = session->reading;

    if (reading == NULL && session->avoids_recursion)
        die(EXIT_SERVER, diag);
    /* without the snapshot connection there is no snapshot, and nothing can be read */
    if (!recover(session, &session->rows) || !recover(session, &session->user) ||
        !db_attempt(session->snapshot_db, "SELECT"))
        die_message(EXIT_CONNECTION, "lost the connection to the server");
    session->reading = NULL;
    session->avoids_recursion = reading == NULL;
    if (reading != NULL)
        skipped_add_failed(plan, reading, diag);
    else
        log_verbose("a recursive query failed, references are followed without "
                    "one: %s",
                    diag->message);
    diag_free(diag);
}

static void
end_reading(const Session *session, Reader *reader)
{
    /* in chunks there may be no open transaction */
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
    session_early_release_spares(session);
    db_close(session->snapshot_db);
    answers_free(session->answers);
    free(session->search_path);
    free(session->snapshot);
    free(session->fingerprint);
    free(session->running);
    free(session);
}
