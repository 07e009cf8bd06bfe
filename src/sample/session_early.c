#include "sample/session_early.h"

#include <stdlib.h>
#include <string.h>

#include "base/signals.h"
#include "base/strbuf.h"
#include "db/row.h"
#include "db/sql_text.h"

enum
{
    TABLES_PER_STATEMENT = 500
};

/* What lockable_tables.sql says of one of them; the text is the query result's. */
typedef struct Lockable
{
    const char *qname;
    bool is_to_lock;
    bool is_partitioned;
    bool is_plain; /* pg_dump need not leave it out */
    int n_indexes; /* of all tables together */
} Lockable;

static Lockable
read_lockable(RowReader *row)
{
    Lockable table;

    (void)row_oid(row);
    table.qname = row_text(row);
    table.is_to_lock = row_bool(row);
    table.is_partitioned = row_bool(row);
    table.is_plain = row_bool(row);
    table.n_indexes = row_int(row);
    return table;
}

/* Half of the lock slots that are left, as session_locks_budget() counts them. */
static int
count_half_of_slots(Session *session)
{
    PGresult *result = db_query_row(session->snapshot_db, sql_server);
    RowReader row = row_reader(result);
    int n_slots;

    row_next(&row);
    (void)row_bool(&row);
    n_slots = row_int(&row);
    session->early_slots_used = row_int(&row);
    PQclear(result);
    return (n_slots - session->early_slots_used) / 2;
}

/* Is there nothing to leave out, and room for the locks of any plan, and of pg_dump? */
static bool
is_fit(Session *session, const EarlyOptions *options, PGresult *tables)
{
    RowReader row = row_reader(tables);
    int n_slots = 2 * PQntuples(tables);
    int n_to_lock = 0;
    Lockable table = {0};

    while (row_next(&row))
    {
        table = read_lockable(&row);
        if (!table.is_plain)
            return false;
        n_to_lock += table.is_to_lock ? 1 : 0;
    }
    n_slots += table.n_indexes;
    return n_to_lock >= options->min_tables && n_slots <= count_half_of_slots(session);
}

/* False when a table cannot be locked at once. */
static bool
lock_now(Db *db, PQExpBuffer sql)
{
    PGresult *result;
    bool is_locked;

    appendPQExpBufferStr(sql, " IN ACCESS SHARE MODE NOWAIT");
    result = db_try(db, sql->data);
    is_locked = db_succeeded(result);
    if (!is_locked && db_error_is_final(db, result))
        db_error_die(db, result, NULL);
    PQclear(result);
    resetPQExpBuffer(sql);
    return is_locked;
}

static bool
lock_all_now(Db *db, PGresult *tables)
{
    RowReader row = row_reader(tables);
    PQExpBufferData sql;
    bool is_locked = true;
    int n = 0;

    initPQExpBuffer(&sql);
    while (is_locked && row_next(&row))
    {
        Lockable table = read_lockable(&row);

        if (!table.is_to_lock)
            continue;
        appendPQExpBuffer(&sql, "%s%s%s", sql.len == 0 ? "LOCK TABLE " : ", ",
                          table.is_partitioned ? "" : "ONLY ", table.qname);
        if (++n % TABLES_PER_STATEMENT == 0)
            is_locked = lock_now(db, &sql);
    }
    if (is_locked && sql.len > 0)
        is_locked = lock_now(db, &sql);
    termPQExpBuffer(&sql);
    return is_locked;
}

static bool
is_same_result(const PGresult *a, const PGresult *b)
{
    if (PQntuples(a) != PQntuples(b))
        return false;
    for (int i = 0; i < PQntuples(a); i++)
    {
        for (int j = 0; j < PQnfields(a); j++)
        {
            if (strcmp(PQgetvalue(a, i, j), PQgetvalue(b, i, j)) != 0)
                return false;
        }
    }
    return true;
}

Db *
session_early_take_spare(Session *session)
{
    for (int i = 0; i < SESSION_SPARES; i++)
    {
        Db *db = session->spares[i];

        session->spares[i] = NULL;
        if (db != NULL)
            return db;
    }
    return NULL;
}

/* Others will connect instead, so the server must have noticed that they have ended. */
static void
close_spares_surely(Session *session)
{
    Db *db;

    while ((db = session_early_take_spare(session)) != NULL)
        db_close_surely(db, session->snapshot_db);
}

static void
roll_back(Session *session)
{
    db_execute(session->snapshot_db, "ROLLBACK");
    free(session->snapshot);
    session->snapshot = NULL;
    session->is_early = false;
    close_spares_surely(session);
}

/* As in session_begin(): the locks come first, then the snapshot. */
static bool
begin_with(Session *session, PGresult *tables)
{
    Db *db = session->snapshot_db;

    db_execute(db, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    if (lock_all_now(db, tables))
    {
        PGresult *locked;

        session->snapshot = db_query_value(db, "SELECT pg_catalog.pg_export_snapshot()");
        locked = db_query(db, sql_lockable_tables);
        session->is_early = is_same_result(tables, locked);
        PQclear(locked);
    }
    if (!session->is_early)
        roll_back(session);
    return session->is_early;
}

/* Two connections of staging; false if these and pg_dump's would be too many. */
static bool
connect_spares(Session *session)
{
    Db *last;

    signals_begin_uninterruptible();
    for (int i = 0; i < SESSION_SPARES; i++)
        session->spares[i] = db_connect_try_again(session->snapshot_db);
    last = db_connect_try_again(session->snapshot_db);
    signals_end_uninterruptible();
    db_close_surely(last, session->snapshot_db);
    return last != NULL && session->spares[SESSION_SPARES - 1] != NULL;
}

bool
session_early_begin(Session *session, const EarlyOptions *options)
{
    PGresult *tables;
    bool is_begun;

    if (db_is_pooled(session->snapshot_db))
        return false;
    tables = db_query(session->snapshot_db, sql_lockable_tables);
    is_begun = is_fit(session, options, tables) &&
               (!options->is_for_staging || connect_spares(session)) &&
               begin_with(session, tables);
    if (!is_begun)
        close_spares_surely(session);
    PQclear(tables);
    return is_begun;
}

static bool
is_locked_early(const Plan *plan, int relation)
{
    const Relation *table = &plan->catalog->relations[relation];

    return !plan->tables[relation].is_needed ||
           (table->is_readable && !table->is_extension_member);
}

bool
session_early_settle(Session *session, const Plan *plan)
{
    bool is_fit_now;

    session_locks_budget(session, plan);
    is_fit_now = !session->is_chunked && !session->is_crowded;
    for (int i = 0; is_fit_now && i < plan->catalog->n_relations; i++)
        is_fit_now = is_locked_early(plan, i);
    if (!is_fit_now)
        roll_back(session);
    return is_fit_now;
}

void
session_early_release_spares(Session *session)
{
    Db *db;

    while ((db = session_early_take_spare(session)) != NULL)
        db_close(db);
}
